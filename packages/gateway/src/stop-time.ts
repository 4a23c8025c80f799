import { SECOND_MS } from './system/clock.ts'

/** What is left after the doors and before the process is ended from outside, 10 s after the stop began. */
const STOP_WITHIN_MS = 9.7 * SECOND_MS
const HURRIED_WITHIN_MS = 1.6 * SECOND_MS
const BOTS_LEAVE_MIN_MS = 500
const BOTS_LEAVE_MAX_MS = 5 * SECOND_MS

/** How much time a stop has. It is the real time, for whoever ends the process knows no other. */
export class StopTime {
  readonly #hurry = new AbortController()
  #by = Number.POSITIVE_INFINITY

  /** Aborts when the stop is to take no time that it need not. */
  get hurried(): AbortSignal {
    return this.#hurry.signal
  }

  /** The stop begins now. */
  begin(): void {
    this.#by = performance.now() + STOP_WITHIN_MS
    const hurryUp = () => {
      this.#by = Math.min(this.#by, performance.now() + HURRIED_WITHIN_MS)
    }
    if (this.hurried.aborted) hurryUp()
    else this.hurried.addEventListener('abort', hurryUp, { once: true })
  }

  /** Hurries as soon as the signal says so, before the stop or while it is under way. */
  hurryWith(signal: AbortSignal | undefined): void {
    if (signal?.aborted) this.#hurry.abort()
    signal?.addEventListener('abort', () => this.#hurry.abort(), { once: true })
  }

  /** What the bots have for leaving their puppets, once the doors are closed. */
  get leftForBotsMs(): number {
    return Math.min(BOTS_LEAVE_MAX_MS, Math.max(BOTS_LEAVE_MIN_MS, this.#by - performance.now()))
  }
}
