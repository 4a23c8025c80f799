import type { WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { locked } from '../database/lock-rows.ts'
import type { AddressTenure } from './run-address.ts'

/**
 * Claims up to `limit` addresses that nobody runs, longest known first: how many it got. None when the node has been reaped
 * meanwhile.
 */
export function claimAddresses(db: Database, nodeId: string, limit: number): Promise<number> {
  return db.write(async tx => {
    const node = tx.query.selectFrom('node').select('id').where('id', '=', nodeId).compile()
    if (!(await tx.first(node))) return 0
    const free = tx.query
      .selectFrom('callback_address')
      .select(['workspace_id', 'id'])
      .where('node_id', 'is', null)
      .where('base_url', 'is not', null)
      .orderBy('created_at')
      .orderBy('id')
      .limit(limit)
    const picked = await tx.all(locked(tx, free, 'free').compile())
    for (const { workspace_id, id } of picked)
      await tx.run(
        tx.query
          .updateTable('callback_address')
          .set(({ eb }) => ({ node_id: nodeId, fence: eb('fence', '+', 1) }))
          .where('workspace_id', '=', workspace_id)
          .where('id', '=', id)
          .compile(),
      )
    return picked.length
  })
}

/** The addresses of all workspaces: how many there are, how many nobody runs, and how many this node does. */
export async function countAddresses(
  db: Database,
  nodeId: string,
): Promise<{ all: number; free: number; mine: number }> {
  const counted = await db.first(
    db.query
      .selectFrom('callback_address')
      .select(({ fn }) => [
        fn.countAll<number>().as('all'),
        sql<number>`count(*) filter (where node_id is null)`.as('free'),
        sql<number>`count(*) filter (where node_id = ${nodeId})`.as('mine'),
      ])
      .where('base_url', 'is not', null)
      .compile(),
  )
  return counted!
}

/** The youngest of those that the node runs, which it gives back first. */
export async function youngestAddresses(
  db: Database,
  nodeId: string,
  limit: number,
): Promise<AddressTenure[]> {
  const rows = await db.all(
    db.query
      .selectFrom('callback_address')
      .select(['workspace_id', 'id', 'fence'])
      .where('node_id', '=', nodeId)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .compile(),
  )
  return rows.map(({ workspace_id, id, fence }) => ({
    workspaceId: workspace_id as WorkspaceId,
    addressId: id,
    fence,
  }))
}

/** The right to send to it is given back. Nothing happens when another node has it by now. */
export async function releaseAddress(
  db: Database,
  { workspaceId, addressId, fence }: AddressTenure,
): Promise<void> {
  await db.write(tx =>
    tx.run(
      tx.query
        .updateTable('callback_address')
        .set({ node_id: null })
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', addressId)
        .where('fence', '=', fence)
        .compile(),
    ),
  )
}
