/**
 * Callbacks of a workspace are kept for weeks, and of what people ask (a kind, a bot, a time) no index knows where it lies.
 * So they are read in slices: each statement reads so many of them and no more, and between two
 * the event loop has its turn, for SQLite answers on it. An index for each such question would cost every callback a write.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { WorkspaceId } from '@qunhub/wire'
import { type RawBuilder, sql } from 'kysely'
import type { CallbackState } from '../../model/callback.ts'
import type { Queryable } from '../database/database.ts'
import { fits } from './callback-fits.ts'
import type { StatusClass } from './status-class.ts'

export const CALLBACKS_PER_SLICE = 1000
/** Where each of them takes a look elsewhere, at its room's chats or at its attempts. */
export const CALLBACKS_PER_DEAR_SLICE = 250

export const sliceSize = ({ botId, status }: Fitting): number =>
  botId === undefined && status === undefined ? CALLBACKS_PER_SLICE : CALLBACKS_PER_DEAR_SLICE

/** Which callbacks are meant; what is not said does not matter. Times in milliseconds, `owedUntil` excluded. */
export interface Fitting {
  readonly state?: CallbackState | undefined
  readonly kind?: string | undefined
  readonly roomWxid?: string | undefined
  /** Of the rooms that this bot is in, or was. */
  readonly botId?: string | undefined
  /** What the last attempt was answered. */
  readonly status?: StatusClass | undefined
  readonly owedFrom?: number | undefined
  readonly owedUntil?: number | undefined
  /** Whether those that are due are meant at all. */
  readonly settledOnly?: boolean
}

/** Where a slice begins, that one excluded, which way it goes, and where it ends at the latest, that one included. */
export interface SliceFrom {
  readonly way: 'newer' | 'older'
  readonly from: number
  readonly until?: number | undefined
}

/** So many of the next slice fit, and how far that was; null when there is nothing behind. Outside of a write. */
export async function countInSlice(
  db: Queryable,
  workspaceId: WorkspaceId,
  fitting: Fitting,
  from: SliceFrom,
): Promise<{ fitting: number; next: number | null }> {
  const edge = sql.raw(from.way === 'newer' ? 'max' : 'min')
  const seen = await db.first(
    sql<{ seen: number; fitting: number; edge: number | null }>`
      select count(*) as seen, count(*) filter (where ${fits(db, fitting)}) as fitting, ${edge}(id) as edge
      from (${slice(db, workspaceId, fitting, from)}) as slice`.compile(db.query),
  )
  await yieldToLoop()
  const isLast = Number(seen!.seen) < sliceSize(fitting)
  return { fitting: Number(seen!.fitting), next: isLast ? null : Number(seen!.edge) }
}

/**
 * Of the next slice those that fit, at most `limit`, in the order in which they are read, and from where
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
    sql<{ id: number; fits: number }>`select id, case when ${fits(db, fitting)} then 1 else 0 end as fits
      from (${slice(db, workspaceId, fitting, from)}) as slice order by id ${order(from)}`.compile(db.query),
  )
  const ids = rows.filter(row => Number(row.fits) === 1).map(({ id }) => Number(id))
  if (ids.length >= limit) return { ids: ids.slice(0, limit), next: ids[limit - 1]! }
  return { ids, next: rows.length < sliceSize(fitting) ? null : Number(rows.at(-1)!.id) }
}

/** A room has an index in the order of the ids, and a state has one; the next of several states are merged. */
function slice(
  db: Queryable,
  workspaceId: WorkspaceId,
  fitting: Fitting,
  from: SliceFrom,
): RawBuilder<unknown> {
  const { way, until } = from
  const [begins, ends] = way === 'newer' ? [sql`>`, sql`<=`] : [sql`<`, sql`>=`]
  const arms = armsOf(fitting).map(
    ({ index, where }) => sql`select workspace_id, id, state, kind, lane_key, owed_at
    from callback ${sql.raw(db.dialect === 'sqlite' && index ? `indexed by ${index}` : '')}
    where workspace_id = ${workspaceId} ${where}
      and id ${begins} ${from.from} ${until === undefined ? sql`` : sql`and id ${ends} ${until}`}`,
  )
  return sql`${sql.join(arms, sql` union all `)}
    order by id ${order(from)} limit ${sql.lit(sliceSize(fitting))}`
}

const UNDELIVERED = ['due', 'parked', 'quarantined'] as const

// Left to itself SQLite may walk through the workspace all the same.
function armsOf({ roomWxid, state, status }: Fitting): { index?: string; where: RawBuilder<unknown> }[] {
  if (roomWxid !== undefined) return [{ index: 'callback_room', where: sql`and lane_key = ${roomWxid}` }]
  if (state !== undefined) return [{ index: 'callback_state', where: sql`and state = ${state}` }]
  // Whatever was delivered was answered 2xx, and it is most of what is kept.
  if (status !== undefined && status !== '2xx')
    return UNDELIVERED.map(each => ({ index: 'callback_state', where: sql`and state = ${each}` }))
  return [{ where: sql`` }]
}

const order = ({ way }: SliceFrom) => sql.raw(way === 'newer' ? 'asc' : 'desc')
