import { type BotId, cleanText, type RoomWxid, type WorkspaceId } from '@qunhub/wire'
import type { ChatOrders } from './chat-orders.ts'
import type { Database, Transaction } from './database.ts'

/**
 * The bot is no longer in the room: the chat disappears from every list, and keeps its id, its tags and its place for
 * the day the bot comes back (EX-20). False when the bot was not in it. `at` in milliseconds.
 */
export function leaveRoom(
  db: Database,
  workspaceId: WorkspaceId,
  botId: BotId,
  roomWxid: RoomWxid,
  at: number,
): Promise<boolean> {
  return db.write(async tx => {
    const chat = await tx.first(
      chatsOfBot(tx, workspaceId, botId).where('room_wxid', '=', cleanText(roomWxid)).compile(),
    )
    if (!chat) return false
    await leaveChats(tx, db.chatOrders, workspaceId, [chat], at)
    return true
  })
}

/** The bot is in none of its rooms any more, because it is another account now. */
export async function leaveChatsOfBot(
  tx: Transaction,
  orders: ChatOrders,
  workspaceId: WorkspaceId,
  botId: BotId,
  at: number,
): Promise<void> {
  const chats = await tx.all(chatsOfBot(tx, workspaceId, botId).compile())
  await leaveChats(tx, orders, workspaceId, chats, at)
}

const chatsOfBot = (tx: Transaction, workspaceId: WorkspaceId, botId: BotId) =>
  tx.query
    .selectFrom('chat')
    .select(['chat_id', 'ordinal'])
    .where('workspace_id', '=', workspaceId)
    .where('bot_id', '=', botId)
    .where('left_at', 'is', null)

async function leaveChats(
  tx: Transaction,
  orders: ChatOrders,
  workspaceId: WorkspaceId,
  chats: readonly { chat_id: string; ordinal: number }[],
  at: number,
): Promise<void> {
  const chatIds = chats.map(chat => chat.chat_id)
  const labels = await tx.all(tx.hot.labels(workspaceId, chatIds))
  await tx.run(
    tx.query
      .updateTable('chat')
      .set({ left_at: at })
      .where('workspace_id', '=', workspaceId)
      .where('chat_id', 'in', tx.oneOf(chatIds))
      .compile(),
  )
  const tagsOf = Map.groupBy(labels, label => label.chat_id)
  tx.afterCommit(() => {
    for (const { chat_id, ordinal } of chats) {
      const tagIds = (tagsOf.get(chat_id) ?? []).map(label => label.id)
      orders.changed(workspaceId, [null, ...tagIds], ordinal, false)
    }
  })
}
