import type { BotId, ChatId, RoomWxid, WorkspaceId } from '@qunhub/wire'
import type { Database } from '../database/database.ts'
import { byOrdinal } from './chats-of-room.ts'

export { type ChatRevision, chatsOfMember, pageOfChats } from './chat-lists.ts'
export { type LeftChat, leaveRoom } from './leave-room.ts'
export { findChat, readChats } from './read-chats.ts'
export { type SavedRoom, saveRoom } from './save-room.ts'

/** The rooms that the bot is in, oldest chat first. */
export async function listChatsOfBot(
  db: Database,
  workspaceId: WorkspaceId,
  botId: BotId,
): Promise<{ chatId: ChatId; roomWxid: RoomWxid; revision: number; ordinal: number }[]> {
  const rows = await db.all(
    db.query
      .selectFrom('chat')
      .select(['chat_id', 'room_wxid', 'revision', 'ordinal'])
      .where('workspace_id', '=', workspaceId)
      .where('bot_id', '=', botId)
      .where('left_at', 'is', null)
      .orderBy('ordinal')
      .compile(),
  )
  return rows.map(row => ({
    chatId: row.chat_id as ChatId,
    roomWxid: row.room_wxid as RoomWxid,
    revision: row.revision,
    ordinal: row.ordinal,
  }))
}

/** The bots that are in the room, and those that were; longest acquainted first. */
export async function whoKnowsRoom(
  db: Database,
  workspaceId: WorkspaceId,
  roomWxid: RoomWxid,
): Promise<{ botId: BotId; left: boolean }[]> {
  const rows = (await db.all(db.hot.chatsOfRoom(workspaceId, roomWxid))).toSorted(byOrdinal)
  // One bot has several chats of a room if it logged in as several accounts; at most one of them is not left.
  const left = new Map<BotId, boolean>()
  for (const row of rows) {
    const botId = row.bot_id as BotId
    left.set(botId, (left.get(botId) ?? true) && row.left_at !== null)
  }
  return [...left].map(([botId, hasLeft]) => ({ botId, left: hasLeft }))
}

/** A chat as a person looks for it. */
export interface ChatSummary {
  readonly chatId: ChatId
  readonly botId: BotId
  readonly roomWxid: RoomWxid
  readonly topic: string
  readonly memberCount: number
}

/** Where a chat stands in lists, also one that was left; undefined where the workspace never had it. */
export async function findOrdinal(
  db: Database,
  workspaceId: WorkspaceId,
  chatId: string,
): Promise<number | undefined> {
  const chat = db.query
    .selectFrom('chat')
    .select('ordinal')
    .where('workspace_id', '=', workspaceId)
    .where('chat_id', '=', chatId)
  return (await db.first(chat.compile()))?.ordinal
}

/** Chats that are not left, of one bot or of all, behind an ordinal, whose topic contains a text; oldest first, at most `limit`. */
export async function searchChats(
  db: Database,
  workspaceId: WorkspaceId,
  { botId, topic, after }: { botId?: BotId; topic?: string; after?: number },
  limit: number,
): Promise<ChatSummary[]> {
  let wanted = db.query
    .selectFrom('chat')
    .select(['chat_id', 'bot_id', 'room_wxid', 'topic', 'member_count'])
    .where('workspace_id', '=', workspaceId)
    .where('left_at', 'is', null)
  if (botId !== undefined) wanted = wanted.where('bot_id', '=', botId)
  if (after !== undefined) wanted = wanted.where('ordinal', '>', after)
  if (topic !== undefined)
    wanted = wanted.where(({ eb, ref, val }) =>
      eb(eb.fn('replace', [ref('topic'), val(topic), val('')]), '<>', ref('topic')),
    )
  const rows = await db.all(wanted.orderBy('ordinal').limit(limit).compile())
  return rows.map(row => ({
    chatId: row.chat_id as ChatId,
    botId: row.bot_id as BotId,
    roomWxid: row.room_wxid as RoomWxid,
    topic: row.topic,
    memberCount: row.member_count,
  }))
}
