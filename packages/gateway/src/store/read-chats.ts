import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BotInfo, ChatId, ContactWxid, Label, RoomWxid, TagId, WorkspaceId } from '@qunhub/wire'
import type { Selectable } from 'kysely'
import type { Chat, RoomMember } from '../model/room.ts'
import { toContact } from './contacts.ts'
import type { Database } from './database.ts'
import type { BotViewRow, LabelRow } from './hot-statements.ts'
import type { ChatMemberTable, ChatTable, ContactTable } from './tables.ts'

/** Twenty rooms of 500 members take some forty milliseconds; then others have their turn. */
const CHATS_PER_READ_MAX = 20

/**
 * Whole chats, in the order of `chatIds`. Ids that the workspace does not know are left out; chats that were left are
 * not. One statement a table for twenty chats.
 */
export async function readChats(
  db: Database,
  workspaceId: WorkspaceId,
  chatIds: readonly ChatId[],
): Promise<Chat[]> {
  const chats = await readSome(db, workspaceId, chatIds.slice(0, CHATS_PER_READ_MAX))
  for (let from = CHATS_PER_READ_MAX; from < chatIds.length; from += CHATS_PER_READ_MAX) {
    await nextTurn()
    chats.push(...(await readSome(db, workspaceId, chatIds.slice(from, from + CHATS_PER_READ_MAX))))
  }
  return chats
}

/** One whole chat, left or not; undefined when the workspace does not know the id. */
export async function findChat(
  db: Database,
  workspaceId: WorkspaceId,
  chatId: ChatId,
): Promise<Chat | undefined> {
  const [chat] = await readChats(db, workspaceId, [chatId])
  return chat
}

async function readSome(db: Database, workspaceId: WorkspaceId, chatIds: readonly ChatId[]): Promise<Chat[]> {
  // Asked in one breath. A commit that falls between them on a dialect with a network gives the chat another revision,
  // so what was rendered of the mixture is rendered anew at the next look.
  const [chats, members, labels] = await Promise.all([
    db.all(chatsWithBots(db, workspaceId, chatIds)),
    db.all(membersWithContacts(db, workspaceId, chatIds)),
    db.all(db.hot.labels(workspaceId, chatIds)),
  ])
  const rowOf = new Map(chats.map(row => [row.chat_id, row]))
  const membersOf = Map.groupBy(members, row => row.chat_id)
  const labelsOf = Map.groupBy(labels, row => row.chat_id)
  return chatIds.flatMap(chatId => {
    const row = rowOf.get(chatId)
    return row ? toChat(row, membersOf.get(chatId) ?? [], labelsOf.get(chatId) ?? []) : []
  })
}

const chatsWithBots = (db: Database, workspaceId: WorkspaceId, chatIds: readonly ChatId[]) =>
  db.query
    .selectFrom('chat')
    .innerJoin('bot', join =>
      join.onRef('bot.workspace_id', '=', 'chat.workspace_id').onRef('bot.id', '=', 'chat.bot_id'),
    )
    .innerJoin('workspace', 'workspace.id', 'chat.workspace_id')
    .selectAll('chat')
    .select(['bot.wxid', 'bot.user_id', 'bot.nick_name', 'workspace.show_wecom_chat_id'])
    .where('chat.workspace_id', '=', workspaceId)
    .where('chat.chat_id', 'in', db.oneOf(chatIds))
    .compile()

const membersWithContacts = (db: Database, workspaceId: WorkspaceId, chatIds: readonly ChatId[]) =>
  db.query
    .selectFrom('chat_member')
    .innerJoin('chat', join =>
      join
        .onRef('chat.workspace_id', '=', 'chat_member.workspace_id')
        .onRef('chat.chat_id', '=', 'chat_member.chat_id'),
    )
    .innerJoin('contact', join =>
      join
        .onRef('contact.workspace_id', '=', 'chat.workspace_id')
        .onRef('contact.bot_id', '=', 'chat.bot_id')
        .onRef('contact.wxid', '=', 'chat_member.wxid'),
    )
    .selectAll('contact')
    .select(['chat_member.chat_id', 'chat_member.room_alias'])
    .where('chat_member.workspace_id', '=', workspaceId)
    .where('chat_member.chat_id', 'in', db.oneOf(chatIds))
    .orderBy('chat_member.chat_id')
    .orderBy('chat_member.position')
    .compile()

type ChatWithBotRow = Selectable<ChatTable> & BotViewRow
type MemberWithContactRow = Selectable<ContactTable> & Pick<ChatMemberTable, 'chat_id' | 'room_alias'>

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
