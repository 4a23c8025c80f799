import type { WorkspaceId } from '@qunhub/wire'
import type { Queryable } from '../database/database.ts'

/** As much of an address as costs nothing to know. */
export interface AddressGlance {
  readonly url: string
  readonly breaker: 'closed' | 'open' | 'half-open'
  readonly openUntil: number | null
}

/** Null where the workspace has no address. It counts nothing, unlike `describeAddress`. */
export async function findBreaker(db: Queryable, workspaceId: WorkspaceId): Promise<AddressGlance | null> {
  const row = await db.first(
    db.query
      .selectFrom('callback_address')
      .select(['base_url', 'state', 'open_until'])
      .where('workspace_id', '=', workspaceId)
      .limit(1)
      .compile(),
  )
  if (!row || row.base_url === null) return null
  return { url: row.base_url, breaker: row.state, openUntil: row.open_until }
}
