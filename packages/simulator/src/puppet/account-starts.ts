import type { ColdRooms } from '../faults/fault-schema.ts'
import type { Faults } from '../faults/faults.ts'
import type { World } from '../world/world.ts'
import type { Wxid } from '../world/world-state.ts'

export interface Coldness {
  /** How its rooms answer meanwhile. */
  rooms: ColdRooms
  /** How long it will still be cold. */
  leftMs: number
}

/**
 * When each account was last started: with the server, or by its login. For a while after that a puppet may know neither
 * its rooms nor its contacts, which is what the fault `cold-start` makes of it.
 */
export class AccountStarts {
  readonly #world: World
  readonly #faults: Faults
  readonly #logins = new Map<Wxid, number>()
  readonly #unlisten: () => void
  #serverAt: number

  constructor(world: World, faults: Faults) {
    this.#world = world
    this.#faults = faults
    this.#serverAt = world.clock.now()
    this.#unlisten = world.listen(event => {
      if (event.type === 'bot-state' && event.state === 'online')
        this.#logins.set(event.wxid, world.clock.now())
    })
  }

  noteServerStart(): void {
    this.#serverAt = this.#world.clock.now()
  }

  coldness(bot: Wxid): Coldness | null {
    const fault = this.#faults.coldStart(bot)
    if (!fault) return null
    const startedAt = Math.max(this.#serverAt, this.#logins.get(bot) ?? 0)
    const leftMs = startedAt + fault.forMs - this.#world.clock.now()
    return leftMs > 0 ? { rooms: fault.rooms, leftMs } : null
  }

  dispose(): void {
    this.#unlisten()
  }
}
