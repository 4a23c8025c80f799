import { sql } from 'kysely'
import type { Queryable } from './database.ts'

/** PostgreSQL's clock in milliseconds, as it is at this moment and not as the transaction began. */
export const STORE_NOW = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`

/**
 * The clock of the store where several nodes share it, in milliseconds: the same for all of them, whatever their own
 * clocks say. Null where the store has no clock but the process's own.
 */
export async function storeTime(db: Queryable): Promise<number | null> {
  if (db.dialect !== 'postgres') return null
  const row = await db.first(db.query.selectNoFrom(STORE_NOW.as('now')).compile())
  return Number(row!.now)
}
