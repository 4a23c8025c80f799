import type { Database } from '../store/database/database.ts'
import { pruneAuditEntries } from '../store/people/audit.ts'
import { type Chore, chore } from '../system/chore.ts'
import { type Clock, DAY_MS, HOUR_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

const SWEEP_EVERY_MS = HOUR_MS
export const AUDIT_KEEP_DAYS = 365
export const AUDIT_ENTRIES_MAX = 100_000
const ENTRIES_PER_WRITE_MAX = 500

/** What was written down is kept for a year, and then forgotten, a few hundred rows at a time; of more than 100,000 the oldest. */
export function createAuditRetention(deps: {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
}): Chore {
  const { db, clock, log } = deps
  const sweep = async (isStopped: () => boolean): Promise<void> => {
    let forgotten = 0
    let batch = 0
    do {
      const before = clock.now() - AUDIT_KEEP_DAYS * DAY_MS
      batch = await pruneAuditEntries(db, {
        before,
        keptMax: AUDIT_ENTRIES_MAX,
        limit: ENTRIES_PER_WRITE_MAX,
      })
      forgotten += batch
    } while (batch === ENTRIES_PER_WRITE_MAX && !isStopped())
    if (forgotten > 0) log.info({ forgotten }, 'old entries of the audit were forgotten')
  }
  return chore('forgetting old entries of the audit', { everyMs: SWEEP_EVERY_MS }, sweep, deps)
}
