/**
 * Settled callbacks are kept for a while, so that they can be looked up and replayed, and are then forgotten. Every ten
 * minutes the oldest go, a few hundred at a time, so that no write is long; what is due is never touched. Replays that
 * ended go when parked callbacks do.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { Database } from '../store/database/database.ts'
import { type Pruned, pruneCallbacks } from '../store/outbox/prune-callbacks.ts'
import { forgetReplays } from '../store/outbox/replays.ts'
import { type Chore, chore } from '../system/chore.ts'
import { type Clock, DAY_MS, MINUTE_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

const SWEEP_EVERY_MS = 10 * MINUTE_MS
const CALLBACKS_PER_WRITE_MAX = 200

export function createRetention(deps: {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  /** How long settled callbacks are kept: those delivered, and those parked or quarantined. */
  readonly keep: { readonly deliveredDays: number; readonly parkedDays: number }
}): Chore {
  const { db, clock, log } = deps
  const [deliveredMs, parkedMs] = [deps.keep.deliveredDays * DAY_MS, deps.keep.parkedDays * DAY_MS]
  const sweep = async (isStopped: () => boolean): Promise<void> => {
    let forgotten = 0
    let from: number | null = 0
    while (from !== null && !isStopped()) {
      const now = clock.now()
      const before = { deliveredBefore: now - deliveredMs, parkedBefore: now - parkedMs }
      const pruned: Pruned = await pruneCallbacks(db, before, CALLBACKS_PER_WRITE_MAX, from)
      forgotten += pruned.forgotten
      from = pruned.next
      // SQLite answers on the event loop, and others have work there too.
      await yieldToLoop()
    }
    await forgetReplays(db, clock.now() - parkedMs)
    if (forgotten > 0) log.info({ forgotten }, 'old callbacks were forgotten')
  }

  return chore('forgetting old callbacks', { everyMs: SWEEP_EVERY_MS }, sweep, deps)
}
