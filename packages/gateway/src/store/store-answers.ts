import type { Database } from './database.ts'
import { StoreError } from './store-error.ts'

/** Whether the store can be read now; for the probe, so it does not throw. */
export async function storeAnswers(db: Database): Promise<boolean> {
  try {
    await db.first({ sql: 'select 1 from schema_version', parameters: [] })
    return true
  } catch (failure) {
    if (failure instanceof StoreError) return false
    throw failure
  }
}
