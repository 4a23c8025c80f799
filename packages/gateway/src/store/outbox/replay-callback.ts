import type { WorkspaceId } from '@qunhub/wire'
import type { Database, Queryable } from '../database/database.ts'

/** Stands for the replay where an operator named the callback himself. */
const BY_HAND = 'by-hand'

/**
 * Makes a settled callback due again, with the same webhook-id, the same bytes and five retries anew; one that is due
 * anyway is left as it is (`pending`). `at` in milliseconds.
 */
export function replayCallback(
  db: Database,
  workspaceId: WorkspaceId,
  id: number,
  at: number,
): Promise<'replayed' | 'unknown' | 'pending'> {
  return db.write(tx => makeDueAgain(tx, workspaceId, id, BY_HAND, at))
}

/** The same inside a write, for the replay of this id. */
export async function makeDueAgain(
  tx: Queryable,
  workspaceId: WorkspaceId,
  id: number,
  replayId: string,
  at: number,
): Promise<'replayed' | 'unknown' | 'pending'> {
  const replayed = await tx.run(
    tx.query
      .updateTable('callback')
      .set({ state: 'due', attempt: 0, faults: 0, due_at: at, settled_at: null, replay_id: replayId })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .where('state', '!=', 'due')
      .compile(),
  )
  if (replayed === 1) return 'replayed'
  const known = await tx.first(
    tx.query
      .selectFrom('callback')
      .select('state')
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', id)
      .compile(),
  )
  return known ? 'pending' : 'unknown'
}
