/** Time, handed to whoever needs it, so that tests can move it. Milliseconds since 1970, and milliseconds to wait. */
export interface Clock {
  now(): number
  /** Milliseconds since whenever, which nobody sets forward or back: for spans. Left out: `now`. */
  elapsed?(): number
  /** Calls back once after `ms`; the returned function calls it off. */
  after(ms: number, call: () => void): () => void
}

/** Timers take no more, and make 1 ms of what is more. */
const TIMER_MS_MAX = 2 ** 31 - 1

export const elapsed = (clock: Clock): number => clock.elapsed?.() ?? clock.now()

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, call) {
    // 24 days and more, `Infinity` too: never.
    if (ms > TIMER_MS_MAX) return () => {}
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}

/** Waits `ms`; rejects with the signal's reason when that is aborted first. */
export const pause = (clock: Clock, ms: number, signal?: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const giveUp = () => {
      callOff()
      reject(signal?.reason)
    }
    const callOff = clock.after(ms, () => {
      signal?.removeEventListener('abort', giveUp)
      resolve()
    })
    signal?.addEventListener('abort', giveUp, { once: true })
  })
