import {
  type BotId,
  type BotInfo,
  type ChatId,
  type ContactWxid,
  cleanText,
  type RoomWxid,
  type WorkspaceId,
} from '@qunhub/wire'
import { sql } from 'kysely'
import type { Tenure } from '../../model/bot.ts'
import type { OwedCallback } from '../../model/callback.ts'
import type { RoomMember } from '../../model/room.ts'
import type { ChatHead } from '../../model/room-event.ts'
import { requireTenure } from '../bots/tenure.ts'
import type { Database, Transaction } from '../database/database.ts'
import type { ChatRow, FencedBotRow } from '../database/hot-rows.ts'
import { toOwedRowsOf } from '../outbox/owe-callbacks.ts'
import { toContact } from './contacts.ts'
import { countLeft } from './list-blocks.ts'
import { toBotInfo } from './read-chats.ts'

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
 * The bot is no longer in the room: the chat disappears from every list, and keeps its id, its tags and its position for
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
    // Finding and leaving are one statement, so no chat is counted out twice.
    const left = await tx.all(
      tx.query
        .updateTable('chat')
        .set({ left_at: at })
        .where('workspace_id', '=', workspaceId)
        .where('bot_id', '=', botId)
        .where('room_wxid', '=', cleanText(roomWxid))
        .where('left_at', 'is', null)
        .returning(['chat_id', 'ordinal', 'room_wxid', 'topic', 'avatar_url', 'owner_id'])
        .compile(),
    )
    await takeOffLists(tx, workspaceId, left)
    await oweLeft(tx, tenure, left, { view, at, owe })
    return left.length > 0
  }
  return db.write(leave, { line: botId })
}

/** Owes what `owe` returns for each chat that the bot has just left, where the workspace wants to hear it (NB-6). */
export async function oweLeft(
  tx: Transaction,
  { workspaceId, botId }: Pick<Tenure, 'workspaceId' | 'botId'>,
  left: readonly LeftRow[],
  { view, at, owe }: { view: FencedBotRow; at: number; owe: (left: LeftChat) => OwedCallback | null },
): Promise<void> {
  const bot = toBotInfo(view)
  if (view.room_left === 0 || !bot || left.length === 0) return
  const contacts = await tx.all(tx.hot.contacts(workspaceId, botId, [bot.wxid]))
  const aliases = await aliasesIn(tx, workspaceId, bot.wxid, left)
  const owed = left.flatMap(chat => {
    const roomAlias = aliases.get(chat.chat_id) ?? null
    const self = contacts.map(row => ({ contact: toContact(row), roomAlias }))
    const storedAt = view.store_now ?? at
    return owe({ chat: headOf(workspaceId, bot, chat), self, storedAt }) ?? []
  })
  for (const statement of tx.hot.owe(workspaceId, toOwedRowsOf(view, owed, at))) await tx.run(statement)
}

/** How the bot was called in each of the rooms. */
async function aliasesIn(
  tx: Transaction,
  workspaceId: WorkspaceId,
  wxid: ContactWxid,
  chats: readonly LeftRow[],
): Promise<ReadonlyMap<string, string | null>> {
  const rows = await tx.all(
    tx.query
      .selectFrom('chat_member')
      .select(['chat_id', 'room_alias'])
      .where('workspace_id', '=', workspaceId)
      .where('wxid', '=', wxid)
      .where('chat_id', 'in', tx.oneOf(chats.map(({ chat_id }) => chat_id)))
      .compile(),
  )
  return new Map(rows.map(row => [row.chat_id, row.room_alias]))
}

/** What is known of a chat that was just left. */
const headOf = (workspaceId: WorkspaceId, bot: BotInfo, left: LeftRow): ChatHead => ({
  chatId: left.chat_id as ChatId,
  workspaceId,
  bot,
  room: {
    wxid: left.room_wxid as RoomWxid,
    topic: left.topic,
    avatarUrl: left.avatar_url,
    ownerId: left.owner_id as ContactWxid | '',
  },
})

/**
 * Chats that a bot leaves in one write, of all that it has. On PostgreSQL each room in which something is owed is locked until the write
 * ends, and the server has room for some six thousand locks of all its writes together.
 */
export const CHATS_LEFT_PER_WRITE_MAX = 100

/**
 * The bot is another account now, or ours no more: it leaves so many of its chats, and answers which. Fewer than there may be: those
 * were the last, because whoever calls has locked the bot's row, without which nobody enters a chat or leaves one.
 */
export async function leaveSomeChats(
  tx: Transaction,
  workspaceId: WorkspaceId,
  botId: BotId,
  at: number,
): Promise<readonly LeftRow[]> {
  const left = await tx.all(someOfBot(tx, workspaceId, botId))
  if (left.length === 0) return left
  const chatIds = left.map(chat => chat.chat_id)
  await tx.run(
    sql`update chat set left_at = ${at} where ${areThese(tx, workspaceId, chatIds)}`.compile(tx.query),
  )
  await takeOffLists(tx, workspaceId, left)
  return left
}

/**
 * Locked, where several write at once, until the write ends: by a statement of its own, because who waited for a lock sees only in the
 * next one how the row is by then. In the order of the one index that knows a bot's chats, a range of one bot, or PostgreSQL takes
 * another one.
 */
const someOfBot = (tx: Transaction, workspaceId: WorkspaceId, botId: BotId) =>
  sql<LeftRow>`select chat_id, ordinal, room_wxid, topic, avatar_url, owner_id
    from chat ${sql.raw(tx.dialect === 'sqlite' ? 'indexed by chat_bot' : '')}
    where workspace_id = ${workspaceId} and bot_id between ${botId} and ${botId} and left_at is null
    order by bot_id, room_wxid limit ${sql.lit(CHATS_LEFT_PER_WRITE_MAX)}
    ${sql.raw(tx.dialect === 'sqlite' ? '' : 'for no key update')}`.compile(tx.query)

/** PostgreSQL: each by its key, or all chats of the workspace are read (decision 0049); no longer than a statement may take for 20,000. */
const areThese = (tx: Transaction, workspaceId: WorkspaceId, chatIds: readonly string[]) =>
  tx.dialect === 'sqlite'
    ? sql`workspace_id = ${workspaceId} and chat_id in ${tx.oneOf(chatIds)}`
    : sql`ctid = any(array(
        select found.ctid from unnest(${chatIds}::text[]) as asked (chat_id) cross join lateral (
          select ctid from chat where workspace_id = ${workspaceId} and chat_id between asked.chat_id and asked.chat_id
          order by chat_id limit 1) as found))`

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
