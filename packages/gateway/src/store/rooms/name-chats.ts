/** What people name by its topic: chats, to tag them, and rooms, whose callbacks they look for. */
import type { BotId, ChatId, RoomWxid, WorkspaceId } from '@qunhub/wire'
import type { Queryable } from '../database/database.ts'

export interface NamedChat {
  readonly chatId: ChatId
  readonly botId: BotId
  readonly roomWxid: RoomWxid
  readonly topic: string
}

/** Far more than anybody tells apart by their names. */
const NAMESAKES_MAX = 5000

/** The listed chats whose whole topic is one of these, the oldest first. One walk over the chats, however many topics there are. */
export async function chatsOfTopics(
  db: Queryable,
  workspaceId: WorkspaceId,
  topics: readonly string[],
): Promise<NamedChat[]> {
  if (topics.length === 0) return []
  const rows = await db.all(
    db.query
      .selectFrom('chat')
      .select(['chat_id', 'bot_id', 'room_wxid', 'topic'])
      .where('workspace_id', '=', workspaceId)
      .where('topic', 'in', db.oneOf(topics))
      .where('left_at', 'is', null)
      .orderBy('ordinal')
      .limit(NAMESAKES_MAX)
      .compile(),
  )
  return rows.map(row => ({
    chatId: row.chat_id as ChatId,
    botId: row.bot_id as BotId,
    roomWxid: row.room_wxid as RoomWxid,
    topic: row.topic,
  }))
}

/** The rooms that have this wxid or this topic, those that were left as well: their callbacks are still there. */
export async function roomsNamed(
  db: Queryable,
  workspaceId: WorkspaceId,
  named: string,
): Promise<{ readonly roomWxid: RoomWxid; readonly topic: string }[]> {
  const rows = await db.all(
    db.query
      .selectFrom('chat')
      .select(['room_wxid', 'topic'])
      .distinct()
      .where('workspace_id', '=', workspaceId)
      .where(({ or, eb }) => or([eb('room_wxid', '=', named), eb('topic', '=', named)]))
      .orderBy('room_wxid')
      .limit(NAMESAKES_MAX)
      .compile(),
  )
  return rows.map(row => ({ roomWxid: row.room_wxid as RoomWxid, topic: row.topic }))
}
