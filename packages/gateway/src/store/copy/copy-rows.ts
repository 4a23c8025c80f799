import { sql } from 'kysely'
import type { Queryable } from '../database/database.ts'
import type { Tables } from '../schema/tables.ts'
import { COPIED, type CopiedTable } from './copy-tables.ts'

export type Row = Readonly<Record<string, unknown>>

/** Rows of one table that were read together. */
export interface Piece {
  readonly table: keyof Tables
  readonly rows: readonly Row[]
}

export interface Progress {
  readonly table: string
  readonly rows: number
  /** Of the table, as it was counted at the beginning. */
  readonly of: number
}

export type OnProgress = (progress: Progress) => void

/** At most 22 columns each: well below the parameters that either dialect takes. */
const ROWS_PER_BATCH = 500

/** Every row that is copied, table by table, in pieces that fit into memory. */
export async function* readEverything(db: Queryable, onProgress: OnProgress): AsyncGenerator<Piece> {
  for (const { table, key, rowsPerBatch = ROWS_PER_BATCH } of COPIED) {
    const of = await countRows(db, table)
    let done = 0
    onProgress({ table, rows: done, of })
    let after: readonly unknown[] | null = null
    for (;;) {
      const batch: Row[] = await readBatch(db, { table, key }, after, rowsPerBatch)
      const last = batch.at(-1)
      if (!last) break
      after = key.map(column => last[column])
      done += batch.length
      yield { table, rows: batch.filter(row => !isCallbackCounter(table, row)) }
      onProgress({ table, rows: done, of })
    }
  }
}

/** The rows as they should stand in a copy, where nobody works on anything. */
export function asCopied({ table, rows }: Piece): readonly Row[] {
  const { nobodys } = COPIED.find(copied => copied.table === table)!
  if (!nobodys) return rows
  const nobody = Object.fromEntries(nobodys.map(column => [column, null]))
  return rows.map(row => ({ ...row, ...nobody }))
}

// Each dialect counts callbacks in its own way, so this number is made anew: see copy-store.ts.
const isCallbackCounter = (table: keyof Tables, row: Row): boolean =>
  table === 'counter' && row['name'] === 'callback'

const countRows = async (db: Queryable, table: keyof Tables): Promise<number> =>
  (await db.first(sql<{ rows: number }>`select count(*) as rows from ${sql.table(table)}`.compile(db.query)))!
    .rows

// Beyond the last key, not by OFFSET: the last piece of a table costs what the first one did.
function readBatch(
  db: Queryable,
  { table, key }: Pick<CopiedTable, 'table' | 'key'>,
  after: readonly unknown[] | null,
  limit: number,
): Promise<Row[]> {
  const columns = sql.join(key.map(column => sql.ref(column)))
  const beyond = after ? sql`where (${columns}) > (${sql.join(after)})` : sql``
  return db.all(
    sql<Row>`select * from ${sql.table(table)} ${beyond} order by ${columns} limit ${limit}`.compile(
      db.query,
    ),
  )
}
