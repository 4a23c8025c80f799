import type { Clock } from '../../gateway/src/system/clock.ts'

interface Timer {
  at: number
  readonly call: () => void
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #now: number
  #timers = new Set<Timer>()

  constructor(start = Date.UTC(2026, 10, 23, 8)) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#now + ms, call }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Moves on by `ms` and calls, in their order, the timers that fall due on the way. */
  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const next = [...this.#timers].filter(timer => timer.at <= until).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.call()
    }
    this.#now = until
  }

  /** Somebody sets the clock forward, or back: it says another time, and whoever waits goes on waiting for as long. */
  step(ms: number): void {
    this.#now += ms
    for (const timer of this.#timers) timer.at += ms
  }

  /** How long until the next timer, or undefined when nobody waits. */
  nextIn(): number | undefined {
    const next = Math.min(...[...this.#timers].map(timer => timer.at))
    return Number.isFinite(next) ? next - this.#now : undefined
  }
}
