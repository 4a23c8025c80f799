/**
 * What people name by its topic: chats, to tag them, and rooms, whose callbacks they look for. No index knows topics, for each
 * new room would pay for it; so the chats are looked through in slices, and between two others have their turn.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { BotId, ChatId, RoomWxid, WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Queryable } from '../database/database.ts'
import { byOrdinal } from './chats-of-room.ts'

export interface NamedChat {
  readonly chatId: ChatId
  readonly botId: BotId
  readonly roomWxid: RoomWxid
  readonly topic: string
}

/** Far more than anybody tells apart by their names. */
const NAMESAKES_MAX = 5000
export const CHATS_PER_SLICE = 1000

/** The listed chats whose whole topic is one of these, the oldest first. One walk over the chats, however many topics there are. */
export async function chatsOfTopics(
  db: Queryable,
  workspaceId: WorkspaceId,
  topics: readonly string[],
): Promise<NamedChat[]> {
  const found = await chatsByTopic(db, workspaceId, topics)
  return found
    .filter(({ left_at }) => left_at === null)
    .toSorted(byOrdinal)
    .map(row => ({
      chatId: row.chat_id as ChatId,
      botId: row.bot_id as BotId,
      roomWxid: row.room_wxid as RoomWxid,
      topic: row.topic,
    }))
}

/** The rooms that have this wxid, or else this topic, those that were left as well: their callbacks are still there. */
export async function roomsNamed(
  db: Queryable,
  workspaceId: WorkspaceId,
  named: string,
): Promise<RoomWxid[]> {
  const [known] = await db.all(db.hot.chatsOfRoom(workspaceId, named))
  if (known) return [named as RoomWxid]
  const found = await chatsByTopic(db, workspaceId, [named])
  return [...new Set(found.map(({ room_wxid }) => room_wxid as RoomWxid))].toSorted()
}

async function chatsByTopic(db: Queryable, workspaceId: WorkspaceId, topics: readonly string[]) {
  const found = []
  for (let after: string | null = ''; after !== null && topics.length > 0 && found.length < NAMESAKES_MAX; ) {
    const { ids, next } = await slice(db, workspaceId, topics, after)
    if (ids.length > 0) found.push(...(await rowsOf(db, workspaceId, ids)))
    after = next
    await yieldToLoop()
  }
  return found.slice(0, NAMESAKES_MAX)
}

/** Of the next CHATS_PER_SLICE those that have one of the topics, and from where to look on; null when there is nothing behind. */
async function slice(
  db: Queryable,
  workspaceId: WorkspaceId,
  topics: readonly string[],
  after: string,
): Promise<{ ids: string[]; next: string | null }> {
  const rows = await db.all(
    sql<{ chat_id: string; fits: number }>`
      select chat_id, case when topic in ${db.oneOf(topics)} then 1 else 0 end as fits
      from (select chat_id, topic from chat where workspace_id = ${workspaceId} and chat_id > ${after}
        order by chat_id limit ${sql.lit(CHATS_PER_SLICE)}) as slice order by chat_id`.compile(db.query),
  )
  return {
    ids: rows.filter(({ fits }) => Number(fits) === 1).map(({ chat_id }) => chat_id),
    next: rows.length < CHATS_PER_SLICE ? null : rows.at(-1)!.chat_id,
  }
}

const rowsOf = (db: Queryable, workspaceId: WorkspaceId, ids: readonly string[]) =>
  db.all(
    db.query
      .selectFrom('chat')
      .select(['chat_id', 'bot_id', 'room_wxid', 'topic', 'ordinal', 'left_at'])
      .where('workspace_id', '=', workspaceId)
      .where('chat_id', 'in', db.oneOf(ids))
      .compile(),
  )
