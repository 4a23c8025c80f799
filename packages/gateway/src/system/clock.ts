/** Time, handed to whoever needs it, so that tests can move it. Milliseconds since 1970, and milliseconds to wait. */
export interface Clock {
  now(): number
  /** Calls back once after `ms`; the returned function calls it off. Whoever waits for a moment that has passed waits no longer. */
  after(ms: number, call: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, call) => {
    // "Until then" is less than nothing when the clock has gone on since it was reckoned; Node writes a warning about that.
    const timer = setTimeout(call, Math.max(0, ms))
    return () => clearTimeout(timer)
  },
}

/** Waits `ms`, or until `signal` aborts, whichever comes first; it never rejects. */
export const sleep = (clock: Clock, ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal?.aborted) return resolve()
    const callOff = clock.after(ms, () => {
      signal?.removeEventListener('abort', wake)
      resolve()
    })
    const wake = () => {
      callOff()
      resolve()
    }
    signal?.addEventListener('abort', wake, { once: true })
  })

export class DeadlineExceeded extends Error {
  override name = 'DeadlineExceeded'
}

/** Rejects with {@link DeadlineExceeded} when `work` takes longer than `ms`; the work itself goes on unseen. */
export const withDeadline = <T>(clock: Clock, ms: number, what: string, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const callOff = clock.after(ms, () => reject(new DeadlineExceeded(`${what} took longer than ${ms} ms`)))
    work.then(resolve, reject).finally(callOff)
  })

/** Says whenever it is asked whether so much time is over. A clock that is set back makes it longer. */
export const timeIsOver = (clock: Pick<Clock, 'now'>, ms: number): (() => boolean) => {
  const until = clock.now() + ms
  return () => clock.now() >= until
}

export const SECOND_MS = 1000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
