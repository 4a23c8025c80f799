import type { SelectQueryBuilder } from 'kysely'
import type { Queryable } from './database.ts'

/**
 * The rows that a write reads and means to change, locked until it ends, where several write at once. On SQLite one writes at
 * a time.
 *
 * - `changes`: nobody else changes them meanwhile.
 * - `references`: nor does anybody write a row that refers to them.
 * - `free`: the same, and those that somebody else has locked are passed over.
 */
export function locked<DB, Table extends keyof DB, Row>(
  { dialect }: Pick<Queryable, 'dialect'>,
  rows: SelectQueryBuilder<DB, Table, Row>,
  against: 'changes' | 'references' | 'free',
): SelectQueryBuilder<DB, Table, Row> {
  if (dialect === 'sqlite') return rows
  if (against === 'changes') return rows.forNoKeyUpdate()
  return against === 'references' ? rows.forUpdate() : rows.forUpdate().skipLocked()
}
