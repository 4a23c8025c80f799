/**
 * What was written down is kept for a year, and of too many the oldest go. A management token writes as fast as it may ask: so
 * what they do is counted apart, for each workspace, and makes nothing go of what people and the machine have done.
 */
import type { Database } from '../store/database/database.ts'
import { forgetAuditEntries, listAuditKeys, removeAuditEntries } from '../store/people/audit.ts'
import { type Chore, chore } from '../system/chore.ts'
import { type Clock, DAY_MS, HOUR_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

const SWEEP_EVERY_MS = HOUR_MS
const AUDIT_KEEP_DAYS = 365
const AUDIT_ENTRIES_MAX = 100_000
const AUDIT_ENTRIES_OF_TOKENS_MAX = 10_000
const ENTRIES_PER_STEP_MAX = 500

export interface AuditBounds {
  /** Of the machine and of people. */
  readonly keptMax: number
  /** Of the management tokens of a workspace. */
  readonly ofTokensMax: number
}

const BOUNDS: AuditBounds = { keptMax: AUDIT_ENTRIES_MAX, ofTokensMax: AUDIT_ENTRIES_OF_TOKENS_MAX }

export function createAuditRetention(deps: {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
}): Chore {
  const { db, clock, log } = deps
  const sweep = async (isStopped: () => boolean): Promise<void> => {
    const before = clock.now() - AUDIT_KEEP_DAYS * DAY_MS
    const forgotten = (await forgetOld(db, before, isStopped)) + (await forgetTooMany(db, BOUNDS, isStopped))
    if (forgotten > 0) log.info({ forgotten }, 'old entries of the audit were forgotten')
  }
  return chore('forgetting old entries of the audit', { everyMs: SWEEP_EVERY_MS }, sweep, deps)
}

async function forgetOld(db: Database, before: number, isStopped: () => boolean): Promise<number> {
  let forgotten = 0
  let batch = 0
  do {
    batch = await forgetAuditEntries(db, { before, limit: ENTRIES_PER_STEP_MAX })
    forgotten += batch
  } while (batch === ENTRIES_PER_STEP_MAX && !isStopped())
  return forgotten
}

/** From the newest to the oldest: what comes when its share is full goes. */
export async function forgetTooMany(
  db: Database,
  { keptMax, ofTokensMax }: AuditBounds,
  isStopped: () => boolean = () => false,
): Promise<number> {
  const kept = new Map<string, number>()
  const isTooMany = (share: string, max: number): boolean => {
    const count = kept.get(share) ?? 0
    kept.set(share, count + 1)
    return count >= max
  }

  let forgotten = 0
  let before: string | undefined
  while (!isStopped()) {
    const page = await listAuditKeys(db, { before, limit: ENTRIES_PER_STEP_MAX })
    const going = page.filter(({ realm, workspace_id }) =>
      realm === 'management'
        ? isTooMany(`of ${workspace_id}`, ofTokensMax)
        : isTooMany('all others', keptMax),
    )
    if (going.length > 0)
      forgotten += await removeAuditEntries(
        db,
        going.map(({ id }) => id),
      )
    if (page.length < ENTRIES_PER_STEP_MAX) break
    before = page.at(-1)!.id
  }
  return forgotten
}
