import type { BotId, ChatId, WorkspaceId } from '@qunhub/wire'
import type { Queryable } from '../database/database.ts'
import { type ChatRevision, onTimeline } from './chat-lists.ts'

/** The chats of one room, oldest first: one for each account that is in it, or was. */
export async function chatsOfRoom(
  db: Queryable,
  workspaceId: WorkspaceId,
  roomWxid: string,
): Promise<(ChatRevision & { readonly botId: BotId; readonly isLeft: boolean })[]> {
  const rows = await db.all(db.hot.chatsOfRoom(workspaceId, roomWxid))
  return rows.toSorted(byOrdinal).map(({ chat_id, bot_id, revision, left_at }) => ({
    chatId: chat_id as ChatId,
    botId: bot_id as BotId,
    revision: onTimeline(db, revision),
    isLeft: left_at !== null,
  }))
}

/** As they were met: a room has few, and a statement that sorts them is one that sorts a workspace with another plan. */
export const byOrdinal = (a: { readonly ordinal: number }, b: { readonly ordinal: number }): number =>
  a.ordinal - b.ordinal
