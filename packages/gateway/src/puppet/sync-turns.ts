/**
 * Who may sync now: a few bots at a time, first come, first served. A sync reads thousands of payloads, and all bots
 * syncing at once after a restart would starve the calls of customers.
 *
 * A turn is for syncs that come on. One that has read nothing for a while (its puppet answers nothing) is taken back, so
 * that a few dead puppets do not keep all others from syncing; its sync goes on to wait for its puppet, which costs
 * nobody anything, and queues for another turn as soon as something is read again.
 */
import type { Clock } from '../system/clock.ts'
import { Semaphore, until } from '../system/semaphore.ts'

export interface SyncTurn {
  /** The sync has come on. Resolves at once while the turn is still its own, else when another one has come. */
  keep(): Promise<void>
  giveBack(): void
}

export class SyncTurns {
  readonly #permits: Semaphore
  readonly #clock: Clock
  readonly #idleMaxMs: number

  /** `idleMaxMs`: how long a turn may be kept without coming on. */
  constructor(max: number, { clock, idleMaxMs }: { clock: Clock; idleMaxMs: number }) {
    this.#permits = new Semaphore(max)
    this.#clock = clock
    this.#idleMaxMs = idleMaxMs
  }

  /** Waits for a turn; null when `signal` aborts first. */
  async take(signal: AbortSignal): Promise<SyncTurn | null> {
    if (!(await this.#permit(signal))) return null
    let isOurs = true
    const leave = () => {
      if (!isOurs) return
      isOurs = false
      callOff()
      this.#permits.giveBack()
    }
    let callOff = this.#clock.after(this.#idleMaxMs, leave)
    return {
      keep: async () => {
        callOff()
        // Called off while it waits, the sync finds out by itself.
        if (!isOurs && !(await this.#permit(signal))) return
        isOurs = true
        callOff = this.#clock.after(this.#idleMaxMs, leave)
      },
      giveBack: leave,
    }
  }

  async #permit(signal: AbortSignal): Promise<boolean> {
    return !signal.aborted && (await this.#permits.take(until(signal)))
  }
}
