/**
 * Callbacks of a workspace are kept for weeks, and of what people ask (a room, a kind, a time) no index knows where it lies.
 * So they are read in slices: each statement reads CALLBACKS_PER_SLICE of them and no more, and between two
 * the event loop has its turn, for SQLite answers on it. An index for each such question would cost every callback a write.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { WorkspaceId } from '@qunhub/wire'
import { type RawBuilder, sql } from 'kysely'
import type { CallbackState } from '../../model/callback.ts'
import type { Queryable } from '../database/database.ts'

export const CALLBACKS_PER_SLICE = 1000

/** Which callbacks are meant; what is not said does not matter. Times in milliseconds, `owedUntil` excluded. */
export interface Fitting {
  readonly state?: CallbackState | undefined
  readonly kind?: string | undefined
  readonly roomWxid?: string | undefined
  readonly owedFrom?: number | undefined
  readonly owedUntil?: number | undefined
  /** Whether those that are due are meant at all. */
  readonly settledOnly?: boolean
}

/** Where a slice begins, that one excluded, which way it goes, and where it ends at the latest, that one included. */
export interface SliceFrom {
  readonly way: 'newer' | 'older'
  readonly from: number
  readonly until?: number
}

/** So many of the next CALLBACKS_PER_SLICE fit, and how far that was; null when there is nothing behind. Outside of a write. */
export async function countInSlice(
  db: Queryable,
  workspaceId: WorkspaceId,
  fitting: Fitting,
  from: SliceFrom,
): Promise<{ fitting: number; next: number | null }> {
  const edge = sql.raw(from.way === 'newer' ? 'max' : 'min')
  const seen = await db.first(
    sql<{ seen: number; fitting: number; edge: number | null }>`
      select count(*) as seen, count(*) filter (where ${fits(fitting)}) as fitting, ${edge}(id) as edge
      from (${slice(db, workspaceId, fitting, from)}) as slice`.compile(db.query),
  )
  await yieldToLoop()
  const isLast = Number(seen!.seen) < CALLBACKS_PER_SLICE
  return { fitting: Number(seen!.fitting), next: isLast ? null : Number(seen!.edge) }
}

/**
 * Of the next CALLBACKS_PER_SLICE those that fit, at most `limit`, in the order in which they are read, and from where
 * to read on; null when there is nothing behind. In one statement, because what leaves a state in between would move the edge.
 */
export const idsInSlice = async (
  db: Queryable,
  workspaceId: WorkspaceId,
  fitting: Fitting,
  from: SliceFrom,
  limit: number,
): Promise<{ ids: number[]; next: number | null }> => {
  const rows = await db.all(
    sql<{ id: number; fits: number }>`select id, case when ${fits(fitting)} then 1 else 0 end as fits
      from (${slice(db, workspaceId, fitting, from)}) as slice order by id ${order(from)}`.compile(db.query),
  )
  const ids = rows.filter(row => Number(row.fits) === 1).map(({ id }) => Number(id))
  if (ids.length >= limit) return { ids: ids.slice(0, limit), next: ids[limit - 1]! }
  return { ids, next: rows.length < CALLBACKS_PER_SLICE ? null : Number(rows.at(-1)!.id) }
}

// A state has an index in the order of the ids. Left to itself SQLite may walk through the workspace all the same.
const slice = (db: Queryable, workspaceId: WorkspaceId, { state }: Fitting, from: SliceFrom) => {
  const { way, until } = from
  const indexed = sql.raw(db.dialect === 'sqlite' && state !== undefined ? 'indexed by callback_state' : '')
  const [begins, ends] = way === 'newer' ? [sql`>`, sql`<=`] : [sql`<`, sql`>=`]
  return sql`select id, state, kind, lane_key, owed_at from callback ${indexed}
    where workspace_id = ${workspaceId} ${state === undefined ? sql`` : sql`and state = ${state}`}
      and id ${begins} ${from.from} ${until === undefined ? sql`` : sql`and id ${ends} ${until}`}
    order by id ${order(from)} limit ${sql.lit(CALLBACKS_PER_SLICE)}`
}

const order = ({ way }: SliceFrom) => sql.raw(way === 'newer' ? 'asc' : 'desc')

/** Whether a callback of a slice fits; its state has been asked for already. */
function fits({ kind, roomWxid, owedFrom, owedUntil, settledOnly }: Fitting): RawBuilder<boolean> {
  const conditions = [
    ...(kind === undefined ? [] : [sql`kind = ${kind}`]),
    ...(roomWxid === undefined ? [] : [sql`lane_key = ${roomWxid}`]),
    ...(owedFrom === undefined ? [] : [sql`owed_at >= ${owedFrom}`]),
    ...(owedUntil === undefined ? [] : [sql`owed_at < ${owedUntil}`]),
    ...(settledOnly ? [sql`state <> 'due'`] : []),
  ]
  return sql<boolean>`(${sql.join([sql`1 = 1`, ...conditions], sql` and `)})`
}
