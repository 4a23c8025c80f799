import { type Clock, DeadlineExceeded, withDeadline } from '../system/clock.ts'
import { PuppetUnavailable } from './puppet-failures.ts'

/**
 * What customers have asked for through one bot, and is under way. Whoever takes the bot away ends its errands first: none
 * begins any more, and those under way have a while to hear what became of what they asked the puppet for.
 */
export class Errands {
  readonly #underWay = new Set<Promise<unknown>>()
  #isEnding = false

  /** Rejects with PuppetUnavailable when the bot is being taken away, else with what `work` throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isEnding) throw new PuppetUnavailable('the bot is about to leave this node')
    const errand = work()
    this.#underWay.add(errand)
    try {
      return await errand
    } finally {
      this.#underWay.delete(errand)
    }
  }

  /** Resolves when none is under way, after `maxMs`, or when `signal` aborts: how many are still under way then. */
  async end(clock: Clock, maxMs: number, signal: AbortSignal): Promise<number> {
    this.#isEnding = true
    const ended = Promise.allSettled(this.#underWay)
    const hurried = new Promise<void>(resolve => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
    try {
      await withDeadline(clock, maxMs, 'what customers asked for', Promise.race([ended, hurried]))
    } catch (failure) {
      if (!(failure instanceof DeadlineExceeded)) throw failure
    }
    return this.#underWay.size
  }
}
