import type { Statement } from './database.ts'
import type { Selectable } from 'kysely'
import type {
  BotTable,
  ChatMemberTable,
  ChatTable,
  ContactTable,
  ListBlockTable,
  WorkspaceTable,
} from './tables.ts'

export type ContactRow = ContactTable
export type ChatRow = Selectable<ChatTable>
export type BotViewRow = Pick<BotTable, 'wxid' | 'user_id' | 'nick_name'> &
  Pick<Selectable<WorkspaceTable>, 'show_wecom_chat_id'>
export type LabelRow = { readonly chat_id: string; readonly id: string; readonly name: string }
export type MemberRow = Pick<ChatMemberTable, 'wxid' | 'position' | 'room_alias'>
export type ListBlockRow = Pick<ListBlockTable, 'block' | 'chats'>
/** So many chats more (or fewer) stand in this block of this list. */
export type ListCount = Pick<ListBlockTable, 'list' | 'block'> & { readonly by: number }

/**
 * The statements that every request or every event runs. Each dialect words them by hand, because here the plan
 * matters and building the text anew would cost more than running it. Where a dialect writes rows one by one the list
 * has a statement a row; where it has a bulk form, one.
 */
export interface HotStatements {
  findToken(hash: Uint8Array): Statement<{ id: string; workspace_id: string }>

  /** Oldest chat first; the revision joins those of chat, bot and workspace. */
  chatsOfMember(workspaceId: string, wxid: string): Statement<{ chat_id: string; revision: string }>
  /** The same for at most `limit` chats of a tag (null: of all) from that ordinal on, without the first `skip` of them. */
  chatsFrom(
    workspaceId: string,
    tagId: string | null,
    from: { readonly fromOrdinal: number; readonly skip: number; readonly limit: number },
  ): Statement<{ chat_id: string; revision: string }>

  /** The blocks of a list in which chats stand, ascending. */
  listBlocks(workspaceId: string, list: string): Statement<ListBlockRow>
  /** Each block at most once, and in the order in which the rows are to be locked. */
  countListed(workspaceId: string, counts: readonly ListCount[]): Statement

  /** What rows show of a bot and of its workspace. */
  botView(workspaceId: string, botId: string): Statement<BotViewRow>
  /** For writes: where several write at once, it holds the row until the write ends, so that its lists stay as read. */
  chat(workspaceId: string, chatId: string): Statement<ChatRow>
  /** Adds the chat, or brings it up to date under the next revision, not left (again). */
  putChat(chat: Omit<ChatRow, 'revision' | 'left_at'>): Statement
  /** In the order of tagging. */
  labels(workspaceId: string, chatIds: readonly string[]): Statement<LabelRow>

  contacts(workspaceId: string, botId: string, wxids: readonly string[]): Statement<ContactRow>
  putContacts(contacts: readonly ContactRow[]): Statement[]
  /** New revisions for all chats of the bot that have one of these members. */
  touchChatsOf(workspaceId: string, botId: string, wxids: readonly string[]): Statement

  /** In no particular order. */
  members(workspaceId: string, chatId: string): Statement<MemberRow>
  putMembers(workspaceId: string, chatId: string, members: readonly MemberRow[]): Statement[]
  dropMembers(workspaceId: string, chatId: string, wxids: readonly string[]): Statement

  /** The next number of a kind of thing in a workspace: 1, 2, 3 …, never the same twice. */
  count(workspaceId: string, kind: Counted): Statement<{ last: number }>
}

/** What a workspace numbers: its chats and tags in the order of first sight, its callbacks in the order of commits. */
export type Counted = 'chat' | 'tag' | 'callback'
