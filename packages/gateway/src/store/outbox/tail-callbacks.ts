/**
 * Callbacks in the order of their ids, behind one that was seen. Their order is that of commits within a room only: where two
 * rooms are saved at once, an id may come to light behind a larger one. So whoever follows is shown the latest before the one
 * that he saw as well, as they are now, by which he also learns what became of them.
 */
import type { WorkspaceId } from '@qunhub/wire'
import type { Queryable } from '../database/database.ts'
import { type CallbackRecord, recordsOf } from './callbacks.ts'
import { CALLBACKS_PER_SLICE, idsInSlice } from './slices.ts'

/** Commits that overtake one another are milliseconds apart, and retries half a minute. */
export const RECENT_MAX = 200
/** So much of bodies is read for one answer, or one callback: of full rooms a hundred have 15 MB. */
export const TAIL_BYTES_MAX = 1024 * 1024
/** So far back anybody may begin; what is older is listed page by page. */
const SINCE_CALLBACKS_MAX = 10_000

export interface Tail {
  /** Oldest first. */
  readonly callbacks: readonly (CallbackRecord & { readonly body: string })[]
  /** Newest first. */
  readonly recent: readonly CallbackRecord[]
  readonly more: boolean
}

/** At most `limit` behind the id `after`, and {@link TAIL_BYTES_MAX} of them, but one at least, each with its body. */
export async function tailCallbacks(
  db: Queryable,
  workspaceId: WorkspaceId,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<Tail> {
  const behind = await idsInSlice(db, workspaceId, {}, { way: 'newer', from: after }, limit)
  const ids = await idsThatFit(db, workspaceId, behind.ids)
  const before = await idsInSlice(db, workspaceId, {}, { way: 'older', from: after + 1 }, RECENT_MAX)
  const records = await recordsOf(db, workspaceId, [...ids, ...before.ids])
  const bodies = await bodiesOf(db, workspaceId, ids)
  return {
    callbacks: records
      .filter(({ id }) => id > after)
      .toSorted((one, other) => one.id - other.id)
      // What retention took between two statements is not there any more.
      .flatMap(record => {
        const body = bodies.get(record.id)
        return body === undefined ? [] : [{ ...record, body }]
      }),
    recent: records.filter(({ id }) => id <= after).toSorted((one, other) => other.id - one.id),
    more: behind.next !== null || ids.length < behind.ids.length,
  }
}

/** The id of the newest callback; 0 where there is none. */
export async function newestCallback(db: Queryable, workspaceId: WorkspaceId): Promise<number> {
  const all = { way: 'older', from: Number.MAX_SAFE_INTEGER } as const
  const { ids } = await idsInSlice(db, workspaceId, {}, all, 1)
  return ids[0] ?? 0
}

/**
 * The id before the first that was owed at `from` or later, {@link SINCE_CALLBACKS_MAX} callbacks ago at the most. It is looked
 * for from the newest on, and no further than the first thousand of which none is as young.
 */
export async function idBefore(db: Queryable, workspaceId: WorkspaceId, from: number): Promise<number> {
  let first = await newestCallback(db, workspaceId)
  let looked: number | null = Number.MAX_SAFE_INTEGER
  for (let found = 0; looked !== null && found < SINCE_CALLBACKS_MAX; ) {
    const slice = { way: 'older', from: looked } as const
    const { ids, next } = await idsInSlice(db, workspaceId, { owedFrom: from }, slice, CALLBACKS_PER_SLICE)
    if (ids.length === 0) break
    found += ids.length
    first = ids.at(-1)! - 1
    looked = next
  }
  return first
}

/** The first of them whose bodies have TAIL_BYTES_MAX together. Either store tells how long a body is without reading it. */
async function idsThatFit(
  db: Queryable,
  workspaceId: WorkspaceId,
  ids: readonly number[],
): Promise<readonly number[]> {
  if (ids.length === 0) return ids
  const rows = await db.all(
    selectBodies(db, workspaceId, ids)
      .select(({ fn }) => ['callback.id', fn<number>('length', ['callback_body.bytes']).as('length')])
      .compile(),
  )
  const lengths = new Map(rows.map(({ id, length }) => [Number(id), Number(length)]))
  const fitting: number[] = []
  let bytes = 0
  for (const id of ids) {
    bytes += lengths.get(id) ?? 0
    if (bytes > TAIL_BYTES_MAX && fitting.length > 0) break
    fitting.push(id)
  }
  return fitting
}

async function bodiesOf(
  db: Queryable,
  workspaceId: WorkspaceId,
  ids: readonly number[],
): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db.all(
    selectBodies(db, workspaceId, ids).select(['callback.id', 'callback_body.bytes']).compile(),
  )
  return new Map(rows.map(({ id, bytes }) => [Number(id), Buffer.from(bytes).toString()]))
}

const selectBodies = (db: Queryable, workspaceId: WorkspaceId, ids: readonly number[]) =>
  db.query
    .selectFrom('callback')
    .innerJoin('callback_body', join =>
      join
        .onRef('callback_body.workspace_id', '=', 'callback.workspace_id')
        .onRef('callback_body.id', '=', 'callback.body_id'),
    )
    .where('callback.workspace_id', '=', workspaceId)
    .where('callback.id', 'in', db.oneOf(ids))
