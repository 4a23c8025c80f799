import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Database, Queryable, Transaction } from './database.ts'
import { StoreError } from './store-error.ts'
import type { Tables } from './tables.ts'

/** The target has data already; a copy would mix with it. */
export class TargetNotEmpty extends StoreError {
  override name = 'TargetNotEmpty'
}

interface CopiedTable {
  readonly table: keyof Tables
  /** Its primary key, by which it is read piece by piece. */
  readonly key: readonly string[]
  /** Columns that say who works on a row at this moment; in the copy nobody does. */
  readonly nobodys?: readonly string[]
  readonly rowsPerBatch?: number
}

const ROWS_PER_BATCH = 500

/** Everything that is kept, parents before children. */
export const COPIED: readonly CopiedTable[] = [
  { table: 'installation', key: ['id'] },
  { table: 'workspace', key: ['id'] },
  { table: 'counter', key: ['workspace_id', 'name'] },
  { table: 'token', key: ['workspace_id', 'id'] },
  { table: 'bot', key: ['workspace_id', 'id'], nobodys: ['node_id', 'free_since'] },
  { table: 'contact', key: ['workspace_id', 'bot_id', 'wxid'] },
  { table: 'chat', key: ['workspace_id', 'chat_id'] },
  { table: 'chat_member', key: ['workspace_id', 'chat_id', 'wxid'] },
  { table: 'tag', key: ['workspace_id', 'id'] },
  { table: 'chat_tag', key: ['workspace_id', 'tag_id', 'chat_id'] },
  { table: 'list_block', key: ['workspace_id', 'list', 'block'] },
  { table: 'idempotency', key: ['workspace_id', 'key'] },
  { table: 'callback_address', key: ['workspace_id', 'id'] },
  { table: 'lane', key: ['workspace_id', 'address_id', 'lane_key'], nobodys: ['owner', 'lease_until'] },
  { table: 'callback', key: ['workspace_id', 'id'] },
  // Up to 154 KB each.
  { table: 'callback_body', key: ['workspace_id', 'id'], rowsPerBatch: 50 },
  { table: 'attempt', key: ['workspace_id', 'callback_id', 'n'] },
]

/** What belongs to running processes, or to one store alone. */
export const NOT_COPIED: readonly (keyof Tables)[] = ['schema_version', 'node', 'token_permits']

/** A table on one side: the hash is the same for the same rows, in whatever order they stand. */
export interface TableProof {
  readonly table: string
  readonly rows: number
  readonly hash: string
}

export interface Progress {
  readonly table: string
  readonly rows: number
  /** Of the table, as it was counted at the beginning. */
  readonly of: number
}

type Row = Record<string, unknown>

/**
 * Copies everything from one store to another that is empty, in one transaction where the target has such long ones.
 * Rejects with TargetNotEmpty.
 */
export async function copyStore(
  from: Database,
  to: Database,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  if (to.dialect === 'postgres') {
    await to.exclusively(async tx => {
      await requireEmpty(tx)
      for await (const { table, rows } of everything(from, onProgress)) await insert(tx, table, rows)
      await tx.all(
        sql`select setval('callback_id', (select coalesce(max(id), 0) + 1 from callback), false)`.compile(
          tx.query,
        ),
      )
    })
    return
  }
  await to.write(requireEmpty)
  for await (const { table, rows } of everything(from, onProgress))
    await to.write(tx => insert(tx, table, rows))
  // There callbacks are counted by workspace, elsewhere by a sequence for all.
  await to.write(tx =>
    tx.run(
      sql`insert into counter (workspace_id, name, last) select workspace_id, 'callback', max(id) from callback
        where true group by workspace_id`.compile(tx.query),
    ),
  )
}

/** What stands in each copied table, as a copy of it would stand. */
export async function proveStore(
  db: Database,
  onProgress: (progress: Progress) => void = () => {},
): Promise<TableProof[]> {
  const proofs = new Map(COPIED.map(({ table }) => [table as string, { rows: 0, sum: 0n }]))
  for await (const { table, rows } of everything(db, onProgress)) {
    const proof = proofs.get(table)!
    proof.rows += rows.length
    for (const row of rows) proof.sum = (proof.sum + hashOf(row)) % HASHES
  }
  return [...proofs].map(([table, { rows, sum }]) => ({
    table,
    rows,
    hash: sum.toString(16).padStart(64, '0'),
  }))
}

const HASHES = 2n ** 256n

const hashOf = (row: Row): bigint => {
  const values = Object.keys(row)
    .sort()
    .map(column => [
      column,
      row[column] instanceof Uint8Array
        ? { bytes: Buffer.from(row[column]).toString('base64') }
        : row[column],
    ])
  return BigInt(`0x${createHash('sha256').update(JSON.stringify(values)).digest('hex')}`)
}

async function requireEmpty(tx: Transaction): Promise<void> {
  const any = await tx.first(tx.query.selectFrom('workspace').select('id').limit(1).compile())
  if (any)
    throw new TargetNotEmpty('目标已有数据, 请换一个空的 / the target has data already: choose an empty one')
}

/** Every copied row, table by table, in bounded pieces. */
async function* everything(
  db: Database,
  onProgress: (progress: Progress) => void,
): AsyncGenerator<{ table: keyof Tables; rows: Row[] }> {
  for (const { table, key, nobodys = [], rowsPerBatch = ROWS_PER_BATCH } of COPIED) {
    const of = await countRows(db, table)
    let done = 0
    onProgress({ table, rows: 0, of })
    let after: unknown[] | null = null
    for (;;) {
      const batch: Row[] = await readBatch(db, table, key, after, rowsPerBatch)
      if (batch.length === 0) break
      after = key.map(column => batch.at(-1)![column])
      done += batch.length
      const rows = batch
        .filter(row => !isCallbackCounter(table, row))
        .map(row => ({ ...row, ...nobody(nobodys) }))
      if (rows.length > 0) yield { table, rows }
      onProgress({ table, rows: done, of })
    }
  }
}

// Each dialect counts callbacks in its own way, so this number is made anew.
const isCallbackCounter = (table: string, row: Row): boolean =>
  table === 'counter' && row['name'] === 'callback'

const nobody = (columns: readonly string[]): Row => Object.fromEntries(columns.map(column => [column, null]))

const countRows = async (db: Queryable, table: keyof Tables): Promise<number> =>
  (await db.first(sql<{ rows: number }>`select count(*) as rows from ${sql.table(table)}`.compile(db.query)))!
    .rows

function readBatch(
  db: Queryable,
  table: keyof Tables,
  key: readonly string[],
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

const insert = (tx: Transaction, table: keyof Tables, rows: readonly Row[]): Promise<number> =>
  tx.run(
    tx.query
      .insertInto(table)
      .values(rows as never)
      .compile(),
  )
