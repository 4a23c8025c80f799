import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { WorkspaceId } from '@qunhub/wire'
import type { OwedCallback } from '../model/callback.ts'
import type { Queryable } from './database.ts'

/**
 * Owes a callback to the workspace's address, inside the transaction that makes it owed (CB-4); owes nothing when the
 * workspace has no address. `at` in milliseconds.
 */
export async function enqueueCallback(
  tx: Queryable,
  workspaceId: WorkspaceId,
  owed: OwedCallback,
  at: number,
): Promise<void> {
  const address = await tx.first(
    tx.query
      .selectFrom('callback_address')
      .select('id')
      .where('workspace_id', '=', workspaceId)
      .limit(1)
      .compile(),
  )
  if (!address) return

  // The lane first: its row lock makes the order of ids the order of commits inside the lane.
  const lane = { workspace_id: workspaceId, address_id: address.id, lane_key: owed.laneKey }
  await tx.run(
    tx.query
      .insertInto('lane')
      .values({ ...lane, due_at: at, gen: 1 })
      .onConflict(conflict =>
        conflict.columns(['workspace_id', 'address_id', 'lane_key']).doUpdateSet(({ ref }) => ({
          due_at: sql<number>`case when ${ref('lane.due_at')} < ${ref('excluded.due_at')} then ${ref('lane.due_at')} else ${ref('excluded.due_at')} end`,
          gen: sql<number>`${ref('lane.gen')} + 1`,
        })),
      )
      .compile(),
  )

  const id = (await tx.first(tx.hot.count(workspaceId, 'callback')))!.last
  await tx.run(
    tx.query
      .insertInto('callback_body')
      .values({ workspace_id: workspaceId, id, bytes: owed.body })
      .compile(),
  )
  await tx.run(
    tx.query
      .insertInto('callback')
      .values({
        ...lane,
        id,
        webhook_id: webhookIdOf(workspaceId, id, at),
        kind: owed.kind,
        due_at: at,
        body_id: id,
        owed_at: at,
      })
      .compile(),
  )
}

// Receivers tell repetitions by it, so it must differ even after a backup was restored and the numbers come again.
const webhookIdOf = (workspaceId: string, id: number, at: number): string =>
  `msg_${createHash('sha256').update(`${workspaceId}\n${id}\n${at}`).digest('base64url').slice(0, 27)}`
