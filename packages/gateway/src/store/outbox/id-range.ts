/**
 * Between which ids the callbacks of a time lie. They are numbered in the order in which they are owed, but for what overtakes
 * (commits of one moment, nodes whose clocks differ, a clock that is set back), so more is looked through on either side: an hour.
 */
import type { WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import { HOUR_MS } from '../../system/clock.ts'
import type { Queryable } from '../database/database.ts'

const OUT_OF_ORDER_MAX_MS = HOUR_MS

export interface IdRange {
  /** Excluded. */
  readonly from: number
  /** Included; undefined: to the oldest. */
  readonly until: number | undefined
}

/** The same for whoever goes through them from the oldest on: behind which id, and up to which. */
export async function newerRangeOf(
  db: Queryable,
  workspaceId: WorkspaceId,
  owed: Parameters<typeof idRangeOf>[2],
): Promise<{ readonly from: number; readonly until: number | undefined }> {
  const { from, until } = await idRangeOf(db, workspaceId, owed)
  return { from: until === undefined ? 0 : until - 1, until: from === EVERYTHING.from ? undefined : from - 1 }
}

/** Found by halving, some twenty looks at the key of a million. */
export async function idRangeOf(
  db: Queryable,
  workspaceId: WorkspaceId,
  {
    owedFrom,
    owedUntil,
  }: { readonly owedFrom?: number | undefined; readonly owedUntil?: number | undefined },
  outOfOrderMs = OUT_OF_ORDER_MAX_MS,
): Promise<IdRange> {
  if (owedFrom === undefined && owedUntil === undefined) return EVERYTHING
  const newest = await at(db, workspaceId, Number.MAX_SAFE_INTEGER)
  if (!newest) return EVERYTHING
  const firstSince = async (moment: number): Promise<number> => {
    let [low, high] = [0, newest.id + 1]
    while (low + 1 < high) {
      const middle = Math.floor((low + high) / 2)
      const seen = await at(db, workspaceId, middle)
      if (seen && seen.owedAt >= moment) high = seen.id
      else low = middle
    }
    return high
  }
  return {
    from: owedUntil === undefined ? EVERYTHING.from : await firstSince(owedUntil + outOfOrderMs),
    until: owedFrom === undefined ? undefined : await firstSince(owedFrom - outOfOrderMs),
  }
}

const EVERYTHING: IdRange = { from: Number.MAX_SAFE_INTEGER, until: undefined }

/** The newest that is numbered no higher. */
async function at(
  db: Queryable,
  workspaceId: WorkspaceId,
  id: number,
): Promise<{ id: number; owedAt: number } | undefined> {
  const row = await db.first(
    sql<{ id: number; owed_at: number }>`select id, owed_at from callback
      where workspace_id = ${workspaceId} and id <= ${id} order by id desc limit 1`.compile(db.query),
  )
  return row && { id: Number(row.id), owedAt: Number(row.owed_at) }
}
