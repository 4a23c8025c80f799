import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { BotInfo, ChatId, ContactWxid, Label, RoomWxid, TagId, WorkspaceId } from '@qunhub/wire'
import type { Chat, RoomMember } from '../../model/room.ts'
import type { Queryable } from '../database/database.ts'
import type { BotViewRow, ChatWithBotRow, LabelRow, MemberWithContactRow } from '../database/hot-rows.ts'
import { toContact } from './contacts.ts'

/** Twenty rooms of 500 members take some forty milliseconds; then others have their turn. */
const CHATS_PER_READ_MAX = 20

/**
 * Whole chats, in the order of `chatIds`. Ids that the workspace does not know are left out; chats that were left are
 * not. One statement a table for twenty chats.
 */
export async function readChats(
  db: Queryable,
  workspaceId: WorkspaceId,
  chatIds: readonly ChatId[],
): Promise<Chat[]> {
  const chats = await readSome(db, workspaceId, chatIds.slice(0, CHATS_PER_READ_MAX))
  for (let from = CHATS_PER_READ_MAX; from < chatIds.length; from += CHATS_PER_READ_MAX) {
    await yieldToLoop()
    chats.push(...(await readSome(db, workspaceId, chatIds.slice(from, from + CHATS_PER_READ_MAX))))
  }
  return chats
}

/** One whole chat, left or not; undefined when the workspace does not know the id. */
export async function findChat(
  db: Queryable,
  workspaceId: WorkspaceId,
  chatId: ChatId,
): Promise<Chat | undefined> {
  const [chat] = await readChats(db, workspaceId, [chatId])
  return chat
}

async function readSome(
  db: Queryable,
  workspaceId: WorkspaceId,
  chatIds: readonly ChatId[],
): Promise<Chat[]> {
  // One after the other: each would have a connection of its own, and of three that work for a list a database on two cores has
  // no room for anybody else. A commit that falls between them on a dialect with a network gives the chat another revision,
  // so what was rendered of the mixture is rendered anew at the next list.
  const chats = await db.all(db.hot.chatsWithBots(workspaceId, chatIds))
  const members = await db.all(db.hot.membersWithContacts(workspaceId, chatIds))
  const labels = await db.all(db.hot.labels(workspaceId, chatIds))
  const rowOf = new Map(chats.map(row => [row.chat_id, row]))
  const membersOf = Map.groupBy(members, row => row.chat_id)
  const labelsOf = Map.groupBy(labels, row => row.chat_id)
  return chatIds.flatMap(chatId => {
    const row = rowOf.get(chatId)
    return row ? toChat(row, membersOf.get(chatId) ?? [], labelsOf.get(chatId) ?? []) : []
  })
}

const toChat = (row: ChatWithBotRow, members: MemberWithContactRow[], labels: LabelRow[]): Chat => ({
  chatId: row.chat_id as ChatId,
  workspaceId: row.workspace_id as WorkspaceId,
  // A chat came from a bot that had logged in.
  bot: toBotInfo(row)!,
  room: {
    wxid: row.room_wxid as RoomWxid,
    topic: row.topic,
    avatarUrl: row.avatar_url,
    ownerId: row.owner_id as ContactWxid | '',
    external: row.external === 1,
    wecomChatId: row.wecom_chat_id,
    members: members.map(toMember),
  },
  labels: labels.map(toLabel),
  showWecomChatId: row.show_wecom_chat_id === 1,
})

const toMember = (row: MemberWithContactRow): RoomMember => ({
  contact: toContact(row),
  roomAlias: row.room_alias,
})

export const toLabel = ({ id, name }: LabelRow): Label => ({ id: id as TagId, name })

/** Null until the bot's first login. */
export const toBotInfo = ({ wxid, user_id, nick_name }: BotViewRow): BotInfo | null =>
  wxid === null ? null : { wxid: wxid as ContactWxid, weixin: user_id ?? '', nickName: nick_name ?? '' }
