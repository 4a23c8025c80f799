/**
 * A storm: many events after another, as on the day of a sale. At its rate people join rooms, leave them, and rooms get new
 * topics; every tenth time a burst strikes one room. It ends by itself after so many events, or when it is called off. The same
 * seed makes the same storm, as long as nobody else changes the world meanwhile.
 */
import { Chance } from './chance.ts'
import type { Cancel, Timers } from './clock.ts'
import { ROOM_MEMBERS_MAX } from './world/platform-limits.ts'
import type { World } from './world/world.ts'
import type { Room } from './world/world-state.ts'

export interface StormWish {
  /** Moments at which something happens, a second. */
  readonly perSecond: number
  /** In all; a burst counts each of its events. */
  readonly events: number
}

export const STORM_PER_SECOND_MAX = 1000
export const STORM_EVENTS_MAX = 1_000_000
export const STORM_OF_SCENE: StormWish = { perSecond: 50, events: 10_000 }

const BURST_PERCENT = 10
const BURST_EVENTS = 10
const SEEDS = 2 ** 32

export class Storm {
  readonly #world: World
  readonly #timers: Timers
  #chance = new Chance(0)
  #callOff: Cancel = () => {}
  #left = 0
  #happened = 0

  constructor(world: World, timers: Timers) {
    this.#world = world
    this.#timers = timers
  }

  get state(): { readonly left: number; readonly happened: number } {
    return { left: this.#left, happened: this.#happened }
  }

  /** One that is under way gives way to it. */
  begin({ perSecond, events }: StormWish): void {
    this.end()
    this.#chance = new Chance(this.#world.chance.below(SEEDS))
    this.#left = events
    this.#happened = 0
    this.#callOff = this.#timers.every(1000 / perSecond, () => this.#strike())
  }

  end(): void {
    this.#callOff()
    this.#left = 0
  }

  #strike(): void {
    const rooms = [...this.#world.rooms.values()].filter(room => room.external)
    if (rooms.length === 0) {
      this.end()
      return
    }
    const room = this.#chance.pick(rooms)
    const events = this.#chance.happens(BURST_PERCENT) ? BURST_EVENTS : 1
    for (let n = 0; n < events && this.#left > 0; n++) {
      this.#happen(room)
      this.#left--
      this.#happened++
    }
    if (this.#left === 0) this.end()
  }

  #happen(room: Room): void {
    const chance = this.#chance
    switch (chance.below(3)) {
      case 0:
        this.#join(room)
        return
      case 1:
        this.#leave(room)
        return
      default:
        this.#world.setTopic(room.wxid, `大促第${chance.below(10_000)}场`)
    }
  }

  #join(room: Room): void {
    const outside = [...this.#world.contacts.values()].filter(
      contact => contact.kind !== 'coworker' && !room.members.has(contact.wxid),
    )
    if (outside.length === 0 || room.members.size >= ROOM_MEMBERS_MAX) this.#leave(room)
    else this.#world.join(room.wxid, this.#chance.pick(outside).wxid)
  }

  /** Bots and owners stay, so that there is somebody to hear of it. */
  #leave(room: Room): void {
    const inside = [...room.members.keys()].filter(
      wxid => wxid !== room.ownerId && !this.#world.bots.has(wxid),
    )
    if (inside.length > 0) this.#world.leave(room.wxid, this.#chance.pick(inside))
  }
}
