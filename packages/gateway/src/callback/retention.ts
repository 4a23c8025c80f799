/**
 * Settled callbacks are kept for a while, so that they can be looked up and replayed, and are then forgotten. Every ten
 * minutes the oldest go, a few hundred at a time, so that no write is long; what is due is never touched. A sweep walks past so many
 * that were settled late (replayed, or waited for), and the next one goes on behind them. Replays that ended go when parked
 * callbacks do.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { Database } from '../store/database/database.ts'
import { type Pruned, pruneCallbacks, type Settled } from '../store/outbox/prune-callbacks.ts'
import { forgetReplays } from '../store/outbox/replays.ts'
import { listWorkspaces } from '../store/workspaces/workspaces.ts'
import { type Chore, chore } from '../system/chore.ts'
import { type Clock, DAY_MS, MINUTE_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

const SWEEP_EVERY_MS = 10 * MINUTE_MS
const CALLBACKS_PER_WRITE_MAX = 200
const WALKED_PAST_MAX = 20_000
const STATES = ['delivered', 'parked', 'quarantined'] as const

export function createRetention(deps: {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  /** How long settled callbacks are kept: those delivered, and those parked or quarantined. */
  readonly keep: { readonly deliveredDays: number; readonly parkedDays: number }
  /** In a sweep, of each state of a workspace. */
  readonly walkedPastMax?: number
}): Chore {
  const { db, clock, log, walkedPastMax = WALKED_PAST_MAX } = deps
  const [deliveredMs, parkedMs] = [deps.keep.deliveredDays * DAY_MS, deps.keep.parkedDays * DAY_MS]
  /** Behind which id the next sweep goes on, where the last one did not come to the end. */
  const brokeOffAt = new Map<string, number>()

  const sweepOf = async (settled: Settled, isStopped: () => boolean): Promise<number> => {
    const key = `${settled.workspaceId} ${settled.state}`
    let after: number | null = brokeOffAt.get(key) ?? 0
    brokeOffAt.delete(key)
    let [forgotten, passed] = [0, 0]
    while (after !== null && passed < walkedPastMax && !isStopped()) {
      const now = clock.now()
      const until = { now, before: now - (settled.state === 'delivered' ? deliveredMs : parkedMs) }
      const pruned: Pruned = await pruneCallbacks(db, settled, until, CALLBACKS_PER_WRITE_MAX, after)
      forgotten += pruned.forgotten
      passed += pruned.passed
      after = pruned.next
      // SQLite answers on the event loop, and others have work there too.
      await yieldToLoop()
    }
    if (after !== null) brokeOffAt.set(key, after)
    return forgotten
  }

  const sweep = async (isStopped: () => boolean): Promise<void> => {
    let forgotten = 0
    for (const { id: workspaceId } of await listWorkspaces(db))
      for (const state of STATES) forgotten += await sweepOf({ workspaceId, state }, isStopped)
    await forgetReplays(db, clock.now() - parkedMs)
    if (forgotten > 0) log.info({ forgotten }, 'old callbacks were forgotten')
  }

  return chore('forgetting old callbacks', { everyMs: SWEEP_EVERY_MS }, sweep, deps)
}
