/** What lists show of bots beside their sessions: which node runs each, and how many rooms each is in. */
import type { BotId, WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Queryable } from '../database/database.ts'
import { REMOVED } from './bot-row.ts'

/** Each that is counted is read, and lists of bots are read every few seconds. */
const ROOMS_COUNTED_MAX = 1_000

/** Null: no node runs it. */
export async function nodesOfBots(
  db: Queryable,
  workspaceId: WorkspaceId,
): Promise<Map<BotId, string | null>> {
  const bots = db.query
    .selectFrom('bot')
    .select(['id', 'node_id'])
    .where('workspace_id', '=', workspaceId)
    .where('state', '<>', REMOVED)
  return new Map((await db.all(bots.compile())).map(({ id, node_id }) => [id as BotId, node_id]))
}

export async function countRooms(
  db: Queryable,
  workspaceId: WorkspaceId,
  botIds: readonly BotId[],
): Promise<Map<BotId, { readonly count: number; readonly atLeast: boolean }>> {
  if (botIds.length === 0) return new Map()
  const indexed = sql.raw(db.dialect === 'sqlite' ? 'indexed by chat_bot' : '')
  const rows = await db.all(
    sql<{ id: string; rooms: number }>`
      select id, (select count(*) from (select 1 from chat ${indexed}
        where chat.workspace_id = bot.workspace_id and chat.bot_id = bot.id and chat.left_at is null
        limit ${sql.lit(ROOMS_COUNTED_MAX + 1)}) as counted) as rooms
      from bot where workspace_id = ${workspaceId} and id in ${db.oneOf(botIds)}`.compile(db.query),
  )
  return new Map(
    rows.map(({ id, rooms }) => {
      const count = Math.min(Number(rooms), ROOMS_COUNTED_MAX)
      return [id as BotId, { count, atLeast: Number(rooms) > ROOMS_COUNTED_MAX }]
    }),
  )
}
