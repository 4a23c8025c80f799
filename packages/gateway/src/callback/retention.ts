/**
 * Settled callbacks are kept for a while, so that they can be looked up and replayed, and are then forgotten. Every ten
 * minutes the oldest go, a few hundred at a time, so that no write is long; what is due is never touched. Replays that
 * ended go when parked callbacks do.
 */
import { type Clock, DAY_MS, MINUTE_MS } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import type { Database } from '../store/database.ts'
import { pruneCallbacks } from '../store/prune-callbacks.ts'
import { forgetReplays } from '../store/replays.ts'

export const DELIVERED_KEPT_MS = 3 * DAY_MS
export const PARKED_KEPT_MS = 30 * DAY_MS
const SWEEP_EVERY_MS = 10 * MINUTE_MS
const CALLBACKS_PER_WRITE_MAX = 200

export interface Retention {
  start(): void
  /** Resolves when a sweep under way has ended its present write. */
  stop(): Promise<void>
}

export function createRetention({ db, clock, log }: { db: Database; clock: Clock; log: Log }): Retention {
  let callOff = () => {}
  let sweeping: Promise<void> = Promise.resolve()
  let isStopped = false

  const schedule = () => {
    callOff = clock.after(SWEEP_EVERY_MS, () => {
      sweeping = sweep().then(() => {
        if (!isStopped) schedule()
      })
    })
  }

  async function sweep(): Promise<void> {
    try {
      let forgotten = 0
      let batch = 0
      do {
        const now = clock.now()
        const before = { deliveredBefore: now - DELIVERED_KEPT_MS, parkedBefore: now - PARKED_KEPT_MS }
        batch = await pruneCallbacks(db, before, CALLBACKS_PER_WRITE_MAX)
        forgotten += batch
      } while (batch === CALLBACKS_PER_WRITE_MAX && !isStopped)
      await forgetReplays(db, clock.now() - PARKED_KEPT_MS)
      if (forgotten > 0) log.info({ forgotten }, 'old callbacks were forgotten')
    } catch (failure) {
      // The store may be busy or away; the next sweep takes what this one left.
      log.warn({ err: failure }, 'old callbacks could not be forgotten')
    }
  }

  return {
    start: schedule,
    async stop() {
      isStopped = true
      callOff()
      await sweeping
    },
  }
}
