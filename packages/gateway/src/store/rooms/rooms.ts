import type { BotId, ChatId, ContactWxid, RoomWxid, WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { byOrdinal } from './chats-of-room.ts'

export { type ChatRevision, chatsOfMember, pageOfChats } from './chat-lists.ts'
export { type LeftChat, leaveRoom } from './leave-room.ts'
export { findChat, readChats } from './read-chats.ts'
export { type SavedRoom, saveRoom } from './save-room.ts'

/** The rooms that the bot is in, oldest chat first. By the one index that knows a bot's chats: in their own order both dialects walk through those of all bots. */
export async function listChatsOfBot(
  db: Database,
  workspaceId: WorkspaceId,
  botId: BotId,
): Promise<{ chatId: ChatId; roomWxid: RoomWxid; revision: number; ordinal: number }[]> {
  const rows = await db.all(
    sql<{ chat_id: string; room_wxid: string; revision: number; ordinal: number }>`
      select chat_id, room_wxid, revision, ordinal
      from chat ${sql.raw(db.dialect === 'sqlite' ? 'indexed by chat_bot' : '')}
      where workspace_id = ${workspaceId} and bot_id between ${botId} and ${botId} and left_at is null
      order by bot_id, room_wxid`.compile(db.query),
  )
  return rows.toSorted(byOrdinal).map(row => ({
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

/** Who is in a chat, in no particular order; nobody where the workspace never had it. */
export async function memberIdsOf(
  db: Database,
  workspaceId: WorkspaceId,
  chatId: ChatId,
): Promise<ContactWxid[]> {
  return (await db.all(db.hot.members(workspaceId, [chatId]))).map(({ wxid }) => wxid as ContactWxid)
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
