/**
 * Who may sync now: a few bots at a time, first come, first served. A sync reads thousands of payloads, and all bots
 * syncing at once after a restart would starve the calls of customers.
 *
 * A turn is for syncs that come on. One that has read nothing for a while (its puppet answers nothing) is taken back, so
 * that a few dead puppets do not keep all others from syncing; its sync goes on to wait for its puppet, which costs
 * nobody anything, and queues for another turn as soon as something is read again.
 *
 * News go first: a sync that only compares what was known gives its turn to one that may have found something new, and goes on
 * when no such one waits. When a node has died, hundreds of bots want to sync, and somebody waits for what each of them has missed.
 * But none is passed over for ever: after a while it waits as news do, and then comes on for as long.
 */
import { type Clock, SECOND_MS, timeIsOver } from '../system/clock.ts'
import { either, Semaphore, until, within } from '../system/semaphore.ts'

/** How long what was known lets news pass, before news let it come on for as long. */
export const PASSED_OVER_MS_MAX = 5 * SECOND_MS

/** What a sync has come to: something that may be new, or a room that was known and most likely is as it was. */
export type ComesTo = 'news' | 'known'

export interface SyncTurn {
  /**
   * The sync has come on, to news or to what was `known`. Resolves at once while the turn is still its own and nobody goes first, else
   * when another one has come.
   */
  keep(what?: ComesTo): Promise<void>
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

  /** Waits for a turn, to come to `what`; null when `signal` aborts first. */
  async take(signal: AbortSignal, what: ComesTo = 'news'): Promise<SyncTurn | null> {
    let mayGiveWay = () => true
    const comeOn = () => {
      mayGiveWay = timeIsOver(this.#clock, PASSED_OVER_MS_MAX)
    }
    if (!(await this.#permit(signal, what, comeOn))) return null
    let isOurs = true
    const leave = () => {
      if (!isOurs) return
      isOurs = false
      callOff()
      this.#permits.giveBack()
    }
    let callOff = this.#clock.after(this.#idleMaxMs, leave)
    return {
      keep: async (what = 'news') => {
        callOff()
        if (what === 'known' && this.#permits.goingFirst > 0 && mayGiveWay()) leave()
        // Called off while it waits, the sync finds out by itself.
        if (!isOurs && !(await this.#permit(signal, what, comeOn))) return
        isOurs = true
        callOff = this.#clock.after(this.#idleMaxMs, leave)
      },
      giveBack: leave,
    }
  }

  /** `comeOn` is called with what was passed over for as long as it may be. */
  async #permit(signal: AbortSignal, what: ComesTo, comeOn: () => void): Promise<boolean> {
    if (signal.aborted) return false
    if (what === 'news') return this.#permits.take(until(signal), { goesFirst: true })
    if (await this.#permits.take(either(until(signal), within(this.#clock, PASSED_OVER_MS_MAX)))) return true
    const isOurs = !signal.aborted && (await this.#permits.take(until(signal), { goesFirst: true }))
    if (isOurs) comeOn()
    return isOurs
  }
}
