import { PAGE_SIZE_MAX } from '@qunhub/wire'
import { alike, type Both } from '../database/both-dialects.ts'
import type { Statement } from '../database/database.ts'
import type { ListBlockRow } from '../database/hot-rows.ts'
import { ORDINALS_PER_BLOCK } from './list-blocks.ts'

// Text, because the three numbers mean something only together.
const REVISION = `chat.revision || '.' || bot.revision || '.' || workspace.revision`

/** Oldest chat first; the revision joins those of chat, bot and workspace. */
export const chatsOfMember: Both<
  (workspaceId: string, wxid: string) => Statement<{ chat_id: string; ordinal: number; revision: string }>
> = {
  // `cross join` holds SQLite to this order. Left to itself it walks all chats of the workspace to save the sort.
  sqlite: (workspaceId, wxid) => ({
    sql: `select chat.chat_id, chat.ordinal, ${REVISION} as revision
      from chat_member
      cross join chat on chat.workspace_id = chat_member.workspace_id and chat.chat_id = chat_member.chat_id
      cross join bot on bot.workspace_id = chat.workspace_id and bot.id = chat.bot_id
      cross join workspace on workspace.id = chat.workspace_id
      where chat_member.workspace_id = ? and chat_member.wxid = ? and chat.left_at is null
      order by chat.ordinal`,
    parameters: [workspaceId, wxid],
  }),
  postgres: (workspaceId, wxid) => ({
    sql: `select shown.chat_id, shown.ordinal, shown.revision
      from (select chat_id from chat_member where workspace_id = $1 and wxid = $2 offset 0) as page
      ${WITH_REVISION}
      order by shown.ordinal`,
    parameters: [workspaceId, wxid],
  }),
}

/** The same for at most `limit` chats of a tag (null: of all) from that ordinal on, without the first `skip` of them. */
export const chatsFrom: Both<
  (
    workspaceId: string,
    tagId: string | null,
    from: { readonly fromOrdinal: number; readonly skip: number; readonly limit: number },
  ) => Statement<{ chat_id: string; revision: string }>
> = {
  sqlite: (workspaceId, tagId, { fromOrdinal, skip, limit }) => ({
    sql: `select chat.chat_id, ${REVISION} as revision
      from (${tagId === null ? PAGE_OF_ALL : PAGE_OF_TAG}) as page
      cross join chat on chat.workspace_id = ?1 and chat.chat_id = page.chat_id
      cross join bot on bot.workspace_id = chat.workspace_id and bot.id = chat.bot_id
      cross join workspace on workspace.id = chat.workspace_id
      order by page.ordinal`,
    parameters: [workspaceId, fromOrdinal, skip, limit, ...(tagId === null ? [] : [tagId])],
  }),
  postgres: (workspaceId, tagId, { fromOrdinal, skip, limit }) => ({
    sql: `select shown.chat_id, shown.revision
      from (${tagId === null ? CHATS_OF_ALL : CHATS_OF_TAG}) as page
      ${WITH_REVISION}
      order by shown.ordinal`,
    parameters: [workspaceId, fromOrdinal, skip, limit, ...(tagId === null ? [] : [tagId])],
  }),
}

/** The blocks of a list in which chats stand, ascending. */
export const listBlocks: Both<(workspaceId: string, list: string) => Statement<ListBlockRow>> = alike(
  'select block, chats from list_block where workspace_id = $1 and list = $2 and chats > 0 order by block',
  (workspaceId, list) => [workspaceId, list],
)

/** The blocks of several lists, ascending in each. */
export const blocksOfLists: Both<
  (workspaceId: string, lists: readonly string[]) => Statement<ListBlockRow & { readonly list: string }>
> = {
  sqlite: (workspaceId, lists) => ({
    sql: `select list, block, chats from list_block
      where workspace_id = ? and list in (select value from json_each(?)) and chats > 0 order by list, block`,
    parameters: [workspaceId, JSON.stringify(lists)],
  }),
  postgres: (workspaceId, lists) => ({
    sql: `select list, block, chats from list_block
      where workspace_id = $1 and list = any($2::text[]) and chats > 0 order by list, block`,
    parameters: [workspaceId, lists],
  }),
}

const chatsOfRoomSql = (
  chat: string,
  mark: '?' | '$',
): string => `select chat.chat_id, chat.bot_id, chat.ordinal, chat.left_at, ${REVISION} as revision
  from ${chat}
  join bot on bot.workspace_id = chat.workspace_id and bot.id = chat.bot_id
  join workspace on workspace.id = chat.workspace_id
  where chat.workspace_id = ${mark}1 and chat.room_wxid = ${mark}2`

/** The chats of one room, in no particular order, those that were left as well. */
export const chatsOfRoom: Both<
  (
    workspaceId: string,
    roomWxid: string,
  ) => Statement<{
    chat_id: string
    bot_id: string
    ordinal: number
    left_at: number | null
    revision: string
  }>
> = {
  // By itself SQLite takes the primary key, which is the table, and walks through all chats of the workspace.
  sqlite: (workspaceId, roomWxid) => ({
    sql: chatsOfRoomSql('chat indexed by chat_room', '?'),
    parameters: [workspaceId, roomWxid],
  }),
  postgres: (workspaceId, roomWxid) => ({
    sql: chatsOfRoomSql('chat', '$'),
    parameters: [workspaceId, roomWxid],
  }),
}

// The page is cut from an index alone, before anything is joined to it. Its chats are then found by their key: by their
// ordinals SQLite would look for them in the whole workspace (a million: two seconds).
const PAGE_OF_ALL = `select chat_id, ordinal from chat
  where workspace_id = ?1 and ordinal >= ?2 and left_at is null order by ordinal limit ?4 offset ?3`

// Asking which chats were left is a tenth of looking each chat up for it: few are, and they have an index of their own.
const PAGE_OF_TAG = `select chat_id, chat_ordinal as ordinal from chat_tag
  where workspace_id = ?1 and tag_id = ?5 and chat_ordinal >= ?2 and not exists (
    select 1 from chat where workspace_id = ?1 and ordinal = chat_ordinal and left_at is not null)
  order by chat_ordinal limit ?4 offset ?3`

/**
 * PostgreSQL: to each chat of a page its revision: text, because the three numbers mean something only together. `offset 0` keeps
 * PostgreSQL from turning the lookups into a join over all chats, which it prefers where it does not know the limit.
 */
const WITH_REVISION = `cross join lateral (
  select chat.chat_id, chat.ordinal, chat.revision || '.' || bot.revision || '.' || workspace.revision as revision
  from chat
  join bot on bot.workspace_id = $1 and bot.id = chat.bot_id
  join workspace on workspace.id = $1
  where chat.workspace_id = $1 and chat.chat_id between page.chat_id and page.chat_id and chat.left_at is null
  order by chat.chat_id limit 1
) as shown`

/**
 * A page and what it passes over, at most. It stands in the text, because PostgreSQL takes a limit that it does not know
 * for a tenth of the table, and reads the whole table to sort it.
 */
const NEARBY_MAX = ORDINALS_PER_BLOCK + PAGE_SIZE_MAX

// PostgreSQL.
const CHATS_OF_ALL = `select chat_id from (
    select chat_id, ordinal from chat
    where workspace_id = $1 and ordinal >= $2 and left_at is null order by ordinal limit ${NEARBY_MAX}
  ) as nearby order by ordinal limit $4 offset $3`

/**
 * Which chats of the block were left is asked once for all that are passed over: one question for each makes the last
 * page half as dear again as the first one. Behind the block there is a page at most; each of its chats is asked for, with
 * `offset 0` again, or every chat of the workspace that was left would be read to join them.
 */
const CHATS_OF_TAG = `select chat_id from (
    select chat_id, chat_ordinal from chat_tag
    where workspace_id = $1 and tag_id = $5 and chat_ordinal >= $2 and case
      when chat_ordinal < $2 + ${ORDINALS_PER_BLOCK} then chat_ordinal not in (
        select ordinal from chat
        where workspace_id = $1 and ordinal >= $2 and ordinal < $2 + ${ORDINALS_PER_BLOCK} and left_at is not null)
      else not exists (
        select 1 from chat where workspace_id = $1 and ordinal = chat_ordinal and left_at is not null offset 0)
      end
    order by chat_ordinal limit ${NEARBY_MAX}
  ) as nearby order by chat_ordinal limit $4 offset $3`
