/** The time of the simulated world, in milliseconds. An argument everywhere, so a test can stand still in time. */
export interface Clock {
  now(): number
}

/** Takes back what was asked of a timer; harmless when it has already happened. */
export type Cancel = () => void

/** Everything that happens later goes through here, so that a test can make "later" happen now. */
export interface Timers {
  after(ms: number, run: () => void): Cancel
  every(ms: number, run: () => void): Cancel
}

export const systemClock: Clock = { now: () => Date.now() }

/** Real timers that never keep the process alive: a simulator with nobody connected may end. */
export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, Math.max(0, ms)).unref()
    return () => clearTimeout(timer)
  },
  every(ms, run) {
    const timer = setInterval(run, ms).unref()
    return () => clearInterval(timer)
  },
}
