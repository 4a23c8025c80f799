import {
  type BotId,
  type BotInfo,
  type ChatId,
  type ContactWxid,
  cleanText,
  type RoomWxid,
  type WorkspaceId,
} from '@qunhub/wire'
import type { Tenure } from '../model/bot.ts'
import type { OwedCallback } from '../model/callback.ts'
import type { RoomMember } from '../model/room.ts'
import type { ChatHead } from '../model/room-event.ts'
import { oweAll } from './callbacks.ts'
import { toContact } from './contacts.ts'
import type { Database, Transaction } from './database.ts'
import type { ChatRow } from './hot-statements.ts'
import { countLeft } from './list-blocks.ts'
import { toBotInfo } from './read-chats.ts'
import { requireTenure } from './tenure.ts'

/** What the bot has just left, as it was known. */
export interface LeftChat {
  readonly chat: ChatHead
  /** The bot as a member of it; nobody where it was never shown as one. */
  readonly self: readonly RoomMember[]
  /** When this was, in milliseconds: by the store's clock where it has one, the same for all nodes. */
  readonly storedAt: number
}

type LeftRow = Pick<ChatRow, 'chat_id' | 'ordinal' | 'room_wxid' | 'topic' | 'avatar_url' | 'owner_id'>

/**
 * The bot is no longer in the room: the chat disappears from every list, and keeps its id, its tags and its place for
 * the day the bot comes back (EX-20). False when the bot was not in it. `at` in milliseconds. Where the
 * workspace wants to hear that the bot left (NB-6), what `owe` returns is owed in the same transaction (CB-4); elsewhere
 * nobody asks `owe`, and nothing is read for it. Rejects with FenceLost when the bot is another node's by now.
 */
export function leaveRoom(
  db: Database,
  tenure: Tenure,
  roomWxid: RoomWxid,
  at: number,
  owe: (left: LeftChat) => OwedCallback | null = () => null,
): Promise<boolean> {
  const { workspaceId, botId } = tenure
  const leave = async (tx: Transaction) => {
    const view = await requireTenure(tx, tenure)
    const chats = leaveAll(tx, workspaceId, botId, at).where('room_wxid', '=', cleanText(roomWxid))
    const left = await tx.all(chats.compile())
    await takeOffLists(tx, workspaceId, left)
    // A chat came from a bot that had logged in.
    const wanted = view.room_left === 1 ? left : []
    for (const chat of wanted) {
      const owed = owe(
        await readLeft(tx, tenure, chat, { bot: toBotInfo(view)!, storedAt: view.store_now ?? at }),
      )
      const rows = await oweAll(tx, workspaceId, owed ? [owed] : [], at)
      for (const statement of tx.hot.owe(workspaceId, rows)) await tx.run(statement)
    }
    return left.length > 0
  }
  return db.write(leave, { line: botId })
}

/** What is known of a chat that was just left. */
async function readLeft(
  tx: Transaction,
  { workspaceId, botId }: Tenure,
  left: LeftRow,
  { bot, storedAt }: { bot: BotInfo; storedAt: number },
): Promise<LeftChat> {
  const [members, contacts] = await Promise.all([
    tx.all(tx.hot.members(workspaceId, left.chat_id)),
    tx.all(tx.hot.contacts(workspaceId, botId, [bot.wxid])),
  ])
  const member = members.find(({ wxid }) => wxid === bot.wxid)
  return {
    chat: {
      chatId: left.chat_id as ChatId,
      workspaceId,
      bot,
      room: {
        wxid: left.room_wxid as RoomWxid,
        topic: left.topic,
        avatarUrl: left.avatar_url,
        ownerId: left.owner_id as ContactWxid | '',
      },
    },
    self: contacts.map(row => ({ contact: toContact(row), roomAlias: member?.room_alias ?? null })),
    storedAt,
  }
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
    .returning(['chat_id', 'ordinal', 'room_wxid', 'topic', 'avatar_url', 'owner_id'])

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
