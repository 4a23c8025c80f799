import { type BotId, cleanText, type RoomWxid, type WorkspaceId } from '@qunhub/wire'
import type { Tenure } from '../model/bot.ts'
import type { Database, Transaction } from './database.ts'
import { countLeft } from './list-blocks.ts'
import { requireTenure } from './tenure.ts'

/**
 * The bot is no longer in the room: the chat disappears from every list, and keeps its id, its tags and its place for
 * the day the bot comes back (EX-20). False when the bot was not in it. `at` in milliseconds. Rejects with FenceLost when
 * the bot is another node's by now.
 */
export function leaveRoom(db: Database, tenure: Tenure, roomWxid: RoomWxid, at: number): Promise<boolean> {
  const { workspaceId, botId } = tenure
  const leave = async (tx: Transaction) => {
    await requireTenure(tx, tenure)
    const chats = leaveAll(tx, workspaceId, botId, at).where('room_wxid', '=', cleanText(roomWxid))
    const left = await tx.all(chats.compile())
    await takeOffLists(tx, workspaceId, left)
    return left.length > 0
  }
  return db.write(leave, { line: botId })
}

/** The bot is in none of its rooms any more, because it is another account now. */
export async function leaveChatsOfBot(
  tx: Transaction,
  workspaceId: WorkspaceId,
  botId: BotId,
  at: number,
): Promise<void> {
  await takeOffLists(tx, workspaceId, await tx.all(leaveAll(tx, workspaceId, botId, at).compile()))
}

// Finding and leaving are one statement, so no chat is counted out twice.
const leaveAll = (tx: Transaction, workspaceId: WorkspaceId, botId: BotId, at: number) =>
  tx.query
    .updateTable('chat')
    .set({ left_at: at })
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .where('left_at', 'is', null)
    .returning(['chat_id', 'ordinal'])

async function takeOffLists(
  tx: Transaction,
  workspaceId: WorkspaceId,
  left: readonly { chat_id: string; ordinal: number }[],
): Promise<void> {
  const chatIds = left.map(chat => chat.chat_id)
  const tagsOf = Map.groupBy(await tx.all(tx.hot.labels(workspaceId, chatIds)), label => label.chat_id)
  const chats = left.map(({ chat_id, ordinal }) => ({
    ordinal,
    tagIds: (tagsOf.get(chat_id) ?? []).map(label => label.id),
  }))
  await countLeft(tx, workspaceId, chats)
}
