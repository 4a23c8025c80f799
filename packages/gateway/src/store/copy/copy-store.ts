/**
 * The life of a copy: everything is read from the source and written to a target that is empty; then both sides are read
 * again and compared; only then is the copy kept. Whatever goes wrong before leaves an empty target: PostgreSQL undoes
 * its one transaction, and the embedded store is a draft until then (copy-draft.ts).
 */
import { sql } from 'kysely'
import { listNodes } from '../bots/nodes.ts'
import type { Database, Queryable, Transaction } from '../database/database.ts'
import { StoreError } from '../database/store-error.ts'
import { compareStores, type TableComparison } from './copy-proof.ts'
import { asCopied, type OnProgress, type Piece, readEverything } from './copy-rows.ts'
import { COPIED } from './copy-tables.ts'

/** The target has data already; a copy would mix with it. */
export class TargetNotEmpty extends StoreError {
  override name = 'TargetNotEmpty'
}

/** Gateways work on a store that is copied: what they write meanwhile would be missing. */
export class NodesAtWork extends StoreError {
  override name = 'NodesAtWork'
}

/** What was written is not what was read, table by table. Nothing of it was kept. */
export class CopyDiffers extends StoreError {
  override name = 'CopyDiffers'
  readonly tables: readonly TableComparison[]
  constructor(tables: readonly TableComparison[]) {
    super(
      '复制后两边不相等, 副本未保留, 目标仍为空; 请确认没有进程在写入来源, 然后重试 / ' +
        'the two sides differ after the copy; nothing of it was kept and the target is empty: make sure that nobody writes to the source, and try again',
    )
    this.tables = tables
  }
}

export interface Watching {
  readonly onCopied: OnProgress
  readonly onCompared: OnProgress
}

/**
 * Copies everything to an empty store of the newest schema, proves both equal, and says how each table was found.
 * Rejects with NodesAtWork, TargetNotEmpty or CopyDiffers; then PostgreSQL as a target is
 * as it was, and what was written to a draft is to be thrown away.
 */
export async function copyStore(
  from: Database,
  to: Database,
  watching: Watching,
): Promise<readonly TableComparison[]> {
  for (const db of [from, to]) await requireNobodyAtWork(db)
  return from.isShared ? from.exclusively(tx => copyTo(to, tx, watching)) : copyTo(to, from, watching)
}

/** Both sides of PostgreSQL are worked on without a limit of time: a table of millions takes longer than a request may. */
async function copyTo(
  to: Database,
  from: Queryable,
  watching: Watching,
): Promise<readonly TableComparison[]> {
  const last = await lastCallbackNumber(from)
  if (to.isShared) {
    return to.exclusively(async tx => {
      await requireEmpty(tx)
      for await (const piece of readEverything(from, watching.onCopied)) await insert(tx, piece)
      await goOnCounting(tx, last)
      // Nothing is known of the new rows yet, and the first requests should not be planned in the dark.
      await tx.run({ sql: `analyze ${COPIED.map(({ table }) => table).join(', ')}`, parameters: [] })
      return requireEqual(await compareStores(from, tx, watching.onCompared))
    })
  }
  await to.write(requireEmpty)
  for await (const piece of readEverything(from, watching.onCopied)) await to.write(tx => insert(tx, piece))
  await to.write(tx => goOnCounting(tx, last))
  return requireEqual(await compareStores(from, to, watching.onCompared))
}

async function requireNobodyAtWork(db: Database): Promise<void> {
  // The embedded store is locked against others.
  if (!db.isShared) return
  const atWork = (await listNodes(db)).filter(({ attending }) => attending)
  if (atWork.length === 0) return
  const addresses = atWork.flatMap(({ address }) => address ?? []).join(', ')
  const which = addresses && ` (${addresses})`
  throw new NodesAtWork(
    `还有 ${atWork.length} 个网关在该数据库上运行${which}, 请先全部停止 / ` +
      `${atWork.length} gateway(s) work on the database${which}: stop all of them first`,
  )
}

async function requireEmpty(tx: Transaction): Promise<void> {
  const any = await tx.first(tx.query.selectFrom('workspace').select('id').limit(1).compile())
  if (any)
    throw new TargetNotEmpty('目标已有数据, 请换一个空的 / the target has data already: choose an empty one')
}

function requireEqual(tables: readonly TableComparison[]): readonly TableComparison[] {
  if (tables.some(({ equal }) => !equal)) throw new CopyDiffers(tables)
  return tables
}

async function insert(tx: Transaction, piece: Piece): Promise<void> {
  if (piece.rows.length === 0) return
  const rows = asCopied(piece) as never
  await tx.run(tx.query.insertInto(piece.table).values(rows).compile())
}

/**
 * The greatest number that any callback ever had, also one that is long pruned; 0 when there never was one. The embedded store counts
 * only those that are gone, so both questions are needed.
 */
async function lastCallbackNumber(from: Queryable): Promise<number> {
  const given =
    from.dialect === 'postgres'
      ? sql<{
          last: number
        }>`select case when is_called then last_value else last_value - 1 end as last from callback_id`
      : sql<{ last: number }>`select coalesce(max(last), 0) as last from counter where name = 'callback'`
  const kept = sql<{ last: number }>`select coalesce(max(id), 0) as last from callback`
  const numbers = [await from.first(given.compile(from.query)), await from.first(kept.compile(from.query))]
  return Math.max(...numbers.map(row => row!.last))
}

// PostgreSQL counts by a sequence for all workspaces, the embedded store by a row each. No number is given twice.
async function goOnCounting(tx: Transaction, last: number): Promise<void> {
  if (tx.dialect === 'postgres') {
    await tx.first(sql`select setval('callback_id', ${last + 1}, false)`.compile(tx.query))
    return
  }
  await tx.run(
    sql`insert into counter (workspace_id, name, last) select id, 'callback', ${last} from workspace`.compile(
      tx.query,
    ),
  )
}
