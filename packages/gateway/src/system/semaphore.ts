import type { Clock } from './clock.ts'

/** How long somebody waits: calls `giveUp` when that is over, unless it is called off by what it returns. */
export type Patience = (giveUp: () => void) => () => void

/** For `ms` at most. */
export const within =
  (clock: Clock, ms: number): Patience =>
  giveUp =>
    clock.after(ms, giveUp)

/** Until the signal aborts, which it has not yet. */
export const until =
  (signal: AbortSignal): Patience =>
  giveUp => {
    signal.addEventListener('abort', giveUp, { once: true })
    return () => signal.removeEventListener('abort', giveUp)
  }

/** Until one of the two is over. */
export const either =
  (one: Patience, other: Patience): Patience =>
  giveUp => {
    const end = () => {
      callOffOne()
      callOffOther()
      giveUp()
    }
    const callOffOne = one(end)
    const callOffOther = other(end)
    return () => {
      callOffOne()
      callOffOther()
    }
  }

const forEver: Patience = () => () => {}

/**
 * A few may go on at once; the others wait, first come, first served, those who go first before all others. Whoever has a permit gives
 * it back.
 */
export class Semaphore {
  readonly #max: number
  #taken = 0
  readonly #goingFirst = new Set<() => void>()
  readonly #waiting = new Set<() => void>()

  constructor(max: number) {
    this.#max = max
  }

  /** How many wait. */
  get waiting(): number {
    return this.#goingFirst.size + this.#waiting.size
  }

  /** Of those who wait, how many go first. */
  get goingFirst(): number {
    return this.#goingFirst.size
  }

  /** Nobody has a permit or waits for one. */
  get isIdle(): boolean {
    return this.#taken === 0
  }

  /** Waits for a permit; false when the patience was over first, and then there is nothing to give back. */
  take(patience: Patience = forEver, { goesFirst = false } = {}): Promise<boolean> {
    if (this.#taken < this.#max) {
      this.#taken++
      return Promise.resolve(true)
    }
    const queue = goesFirst ? this.#goingFirst : this.#waiting
    return new Promise(resolve => {
      const comesUp = () => {
        callOff()
        resolve(true)
      }
      queue.add(comesUp)
      const callOff = patience(() => {
        queue.delete(comesUp)
        resolve(false)
      })
    })
  }

  /** Hands the permit to whoever waits longest. */
  giveBack(): void {
    for (const queue of [this.#goingFirst, this.#waiting]) {
      const [next] = queue
      if (!next) continue
      queue.delete(next)
      next()
      return
    }
    this.#taken--
  }
}
