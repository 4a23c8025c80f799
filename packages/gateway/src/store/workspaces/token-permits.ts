import type { WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { STORE_NOW } from '../database/store-time.ts'

/** Whose requests are counted. */
export interface TokenKey {
  readonly workspaceId: WorkspaceId
  readonly tokenId: string
}

/** Permits for so many requests; or none, and in how many milliseconds the next one comes free. */
export type PermitGrant =
  | { readonly count: number; readonly countsUntil: number }
  | { readonly count: 0; readonly nextInMs: number }

/** How many requests a token may make within any window, and how long a permit may lie unused. */
export interface PermitRules {
  readonly permitsMax: number
  readonly windowMs: number
  readonly useWithinMs: number
}

/** Everybody gets at most this part of what is left, so that the last permits of a window do not lie unused somewhere. */
const SHARE_OF_REST = 4

/**
 * Grants up to `want` permits of a token, counting and granting in one step for all nodes. A permit that may lie unused
 * for a while counts until the end of that while and a window more, so that no window ever holds more requests than
 * permits; one that is asked for alone is used at once. `unused` ones of an earlier grant are given back along with it.
 * `at` in milliseconds; null means the store's own clock, which is the same for all nodes whatever theirs say.
 */
export function grantPermits(
  db: Database,
  { workspaceId, tokenId }: TokenKey,
  {
    want,
    at: ownTime,
    unused,
  }: { want: number; at: number | null; unused: { countsUntil: number; count: number } | null },
  { permitsMax, windowMs, useWithinMs }: PermitRules,
): Promise<PermitGrant> {
  const key = { workspace_id: workspaceId, token_id: tokenId }
  return db.write(async tx => {
    // Written as it is, so that its row is locked from the first statement on.
    const { grants, at } = (await tx.first(
      tx.query
        .insertInto('token_permits')
        .values({ ...key, grants: [] })
        .onConflict(conflict =>
          conflict
            .columns(['workspace_id', 'token_id'])
            .doUpdateSet(({ ref }) => ({ grants: ref('token_permits.grants') })),
        )
        .returning(['grants', (ownTime === null ? STORE_NOW : sql<number>`${ownTime}::bigint`).as('at')])
        .compile(),
    ))!
    const counting = new Map<number, number>()
    for (let pair = 0; pair < grants.length; pair += 2) {
      const [countsUntil, count] = [grants[pair]!, grants[pair + 1]!]
      const left = unused?.countsUntil === countsUntil ? count - unused.count : count
      if (countsUntil > at && left > 0) counting.set(countsUntil, left)
    }
    const spent = [...counting.values()].reduce((sum, count) => sum + count, 0)
    const rest = permitsMax - spent
    const count = Math.max(0, Math.min(want, Math.max(1, Math.floor(rest / SHARE_OF_REST)), rest))
    const countsUntil = at + windowMs + (count > 1 ? useWithinMs : 0)
    if (count > 0) counting.set(countsUntil, (counting.get(countsUntil) ?? 0) + count)
    await tx.run(
      tx.query
        .updateTable('token_permits')
        .set({ grants: [...counting].flat() })
        .where('workspace_id', '=', workspaceId)
        .where('token_id', '=', tokenId)
        .compile(),
    )
    return count > 0 ? { count, countsUntil } : { count: 0, nextInMs: Math.min(...counting.keys()) - at }
  })
}
