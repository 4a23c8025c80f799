import type { BotId, WorkspaceId } from '@qunhub/wire'
import { type Selectable, sql } from 'kysely'
import { type BotSession, type ClaimedBot, mayLeaveStream, type Tenure } from '../../model/bot.ts'
import type { Keyring } from '../../model/keyring.ts'
import type { Database } from '../database/database.ts'
import { locked } from '../database/lock-rows.ts'
import { FenceLost } from '../database/store-error.ts'
import type { BotTable } from '../schema/tables.ts'
import { freed, REMOVED } from './bot-row.ts'
import { toBot } from './bots.ts'

/** Claims up to `limit` bots that nobody runs, longest known first. Nothing when the node has been reaped meanwhile. */
export async function claimBots(
  db: Database,
  keyring: Keyring,
  nodeId: string,
  limit: number,
): Promise<ClaimedBot[]> {
  const rows = await db.write(async tx => {
    const node = await tx.first(
      tx.query.selectFrom('node').select('entered').where('id', '=', nodeId).compile(),
    )
    if (!node) return []
    const free = tx.query
      .selectFrom('bot')
      .select(['workspace_id', 'id'])
      .where('node_id', 'is', null)
      .where('state', '<>', REMOVED)
      .orderBy('created_at')
      .orderBy('id')
      .limit(limit)
    const picked = await tx.all(locked(tx, free, 'free').compile())
    const claimed = []
    for (const { workspace_id, id } of picked) {
      claimed.push(
        ...(await tx.all(
          tx.query
            .updateTable('bot')
            .set(({ eb, ref }) => ({
              node_id: nodeId,
              fence: eb('fence', '+', 1),
              free_since: null,
              starting: sql<0 | 1>`case when ${ref('starting')} = 0 and ${ref('free_since')} is not null
                and ${ref('free_since')} >= ${node.entered} then 0 else 1 end`,
            }))
            .where('workspace_id', '=', workspace_id)
            .where('id', '=', id)
            .returningAll()
            .compile(),
        )),
      )
    }
    return claimed
  })
  return rows.map(row => toClaimed(row, keyring))
}

const toClaimed = (row: Selectable<BotTable>, keyring: Keyring): ClaimedBot => ({
  bot: toBot(row, keyring),
  fence: row.fence,
  starting: row.starting === 1,
  past: {
    hadStream: mayLeaveStream(row.state as BotSession['state']),
    answersDings: row.answers_dings === 1,
    deafSince: row.deaf_since,
  },
})

/** What the store says that the node runs. */
export async function claimedFences(db: Database, nodeId: string): Promise<Tenure[]> {
  const rows = await db.all(
    db.query
      .selectFrom('bot')
      .select(['workspace_id', 'id', 'fence'])
      .where('node_id', '=', nodeId)
      .compile(),
  )
  return rows.map(({ workspace_id, id, fence }) => ({
    workspaceId: workspace_id as WorkspaceId,
    botId: id as BotId,
    fence,
  }))
}

/** Those of these bots that the node still runs under the same fence. */
export async function readClaimed(
  db: Database,
  keyring: Keyring,
  nodeId: string,
  tenures: readonly Tenure[],
): Promise<ClaimedBot[]> {
  const claimed: ClaimedBot[] = []
  for (const { workspaceId, botId, fence } of tenures) {
    const row = await db.first(
      db.query
        .selectFrom('bot')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', botId)
        .where('node_id', '=', nodeId)
        .where('fence', '=', fence)
        .compile(),
    )
    if (row) claimed.push(toClaimed(row, keyring))
  }
  return claimed
}

/** The bots of all workspaces: how many there are, how many nobody runs, and how many this node does. */
export async function countBots(
  db: Database,
  nodeId: string,
): Promise<{ all: number; free: number; mine: number }> {
  const counted = await db.first(
    db.query
      .selectFrom('bot')
      .select(({ fn }) => [
        fn.countAll<number>().as('all'),
        sql<number>`count(*) filter (where node_id is null)`.as('free'),
        sql<number>`count(*) filter (where node_id = ${nodeId})`.as('mine'),
      ])
      .where('state', '<>', REMOVED)
      .compile(),
  )
  return counted!
}

/** How many bots each node runs, and nobody (null). */
export async function botsOfNodes(db: Database): Promise<ReadonlyMap<string | null, number>> {
  const rows = await db.all(
    db.query
      .selectFrom('bot')
      .select(({ fn }) => ['node_id', fn.countAll<number>().as('bots')])
      .where('state', '<>', REMOVED)
      .groupBy('node_id')
      .compile(),
  )
  return new Map(rows.map(({ node_id, bots }) => [node_id, bots]))
}

/** The right to run a bot is given back. Nothing happens when another node has it by now. */
export async function releaseBot(db: Database, { workspaceId, botId, fence }: Tenure): Promise<void> {
  await db.write(tx =>
    tx.run(
      tx.query
        .updateTable('bot')
        .set(freed(tx))
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', botId)
        .where('fence', '=', fence)
        .compile(),
    ),
  )
}

/** The bot's start is done: every room is owed as `loaded`. Rejects with FenceLost when it is another node's by now. */
export async function finishStart(db: Database, { workspaceId, botId, fence }: Tenure): Promise<void> {
  const finished = await db.write(tx =>
    tx.run(
      tx.query
        .updateTable('bot')
        .set({ starting: 0 })
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', botId)
        .where('fence', '=', fence)
        .compile(),
    ),
  )
  if (finished === 0) throw new FenceLost(`bot ${botId} is run by another node by now`)
}
