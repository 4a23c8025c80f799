import { type Clock, DeadlineExceeded, SECOND_MS, withDeadline } from '../../system/clock.ts'
import type { Database } from './database.ts'
import { StoreError } from './store-error.ts'

/** Whoever asks whether it answers does not want to wait until it does. */
const ANSWER_MAX_MS = 2 * SECOND_MS

/**
 * Whether the store can be read, and would keep what is written now; for probes and for those who wait for it, so it neither
 * throws nor waits for long.
 */
export async function storeServes(db: Database, clock: Clock): Promise<boolean> {
  const asked = Promise.all([
    db.first({ sql: 'select 1 from schema_version', parameters: [] }),
    db.requireWritable({ atOnce: true }),
  ])
  try {
    await withDeadline(clock, ANSWER_MAX_MS, 'the answer of the store', asked)
    return true
  } catch (failure) {
    if (failure instanceof StoreError || failure instanceof DeadlineExceeded) return false
    throw failure
  }
}
