import type { HotStatements } from '../../hot-statements.ts'

/** Lists travel as one JSON parameter, so that a list of any length is the same prepared statement. */
export const sqliteHotStatements: HotStatements = {
  findToken: hash => ({
    sql: 'select id, workspace_id from token where hash = ? and revoked_at is null',
    parameters: [hash],
  }),

  // `cross join` holds SQLite to this order. Left to itself it walks all chats of the workspace to save the sort.
  chatsOfMember: (workspaceId, wxid) => ({
    sql: `select chat.chat_id, ${REVISION} as revision
      from chat_member
      cross join chat on chat.workspace_id = chat_member.workspace_id and chat.chat_id = chat_member.chat_id
      cross join bot on bot.workspace_id = chat.workspace_id and bot.id = chat.bot_id
      cross join workspace on workspace.id = chat.workspace_id
      where chat_member.workspace_id = ? and chat_member.wxid = ? and chat.left_at is null
      order by chat.ordinal`,
    parameters: [workspaceId, wxid],
  }),

  chatsFrom: (workspaceId, tagId, { fromOrdinal, skip, limit }) => ({
    sql: `select chat.chat_id, ${REVISION} as revision
      from (${tagId === null ? PAGE_OF_ALL : PAGE_OF_TAG}) as page
      cross join chat on chat.workspace_id = ?1 and chat.chat_id = page.chat_id
      cross join bot on bot.workspace_id = chat.workspace_id and bot.id = chat.bot_id
      cross join workspace on workspace.id = chat.workspace_id
      order by page.ordinal`,
    parameters: [workspaceId, fromOrdinal, skip, limit, ...(tagId === null ? [] : [tagId])],
  }),

  listBlocks: (workspaceId, list) => ({
    sql: 'select block, chats from list_block where workspace_id = ? and list = ? and chats > 0 order by block',
    parameters: [workspaceId, list],
  }),

  // `where true`, or SQLite takes ON CONFLICT for the ON of a join.
  countListed: (workspaceId, counts) => ({
    sql: `insert into list_block (workspace_id, list, block, chats)
      select ?1, value ->> 'list', value ->> 'block', value ->> 'by' from json_each(?2) where true
      on conflict do update set chats = chats + excluded.chats`,
    parameters: [workspaceId, JSON.stringify(counts)],
  }),

  botView: (workspaceId, botId) => ({
    sql: `select wxid, user_id, nick_name, show_wecom_chat_id
      from bot join workspace on workspace.id = bot.workspace_id
      where bot.workspace_id = ? and bot.id = ?`,
    parameters: [workspaceId, botId],
  }),

  chat: (workspaceId, chatId) => ({
    sql: 'select * from chat where workspace_id = ? and chat_id = ?',
    parameters: [workspaceId, chatId],
  }),

  putChat: row => ({
    sql: `insert into chat (workspace_id, chat_id, bot_id, room_wxid, topic, avatar_url, owner_id, external,
        wecom_chat_id, ordinal, created_at, member_count)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (workspace_id, chat_id) do update set bot_id = excluded.bot_id, topic = excluded.topic,
        avatar_url = excluded.avatar_url, owner_id = excluded.owner_id, external = excluded.external,
        wecom_chat_id = excluded.wecom_chat_id, member_count = excluded.member_count,
        left_at = null, revision = chat.revision + 1`,
    parameters: [
      row.workspace_id,
      row.chat_id,
      row.bot_id,
      row.room_wxid,
      row.topic,
      row.avatar_url,
      row.owner_id,
      row.external,
      row.wecom_chat_id,
      row.ordinal,
      row.created_at,
      row.member_count,
    ],
  }),

  labels: (workspaceId, chatIds) => ({
    sql: `select chat_tag.chat_id, tag.id, tag.name
      from chat_tag join tag on tag.workspace_id = chat_tag.workspace_id and tag.id = chat_tag.tag_id
      where chat_tag.workspace_id = ? and chat_tag.chat_id in (select value from json_each(?))
      order by chat_tag.chat_id, chat_tag.ordinal`,
    parameters: [workspaceId, JSON.stringify(chatIds)],
  }),

  contacts: (workspaceId, botId, wxids) => ({
    sql: `select * from contact
      where workspace_id = ? and bot_id = ? and wxid in (select value from json_each(?))`,
    parameters: [workspaceId, botId, JSON.stringify(wxids)],
  }),

  putContacts: contacts =>
    contacts.map(row => ({
      sql: `insert or replace into contact (workspace_id, bot_id, wxid, name, alias, avatar_url, gender, type,
          is_friend, coworker, corporation, handle, union_id)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      parameters: [
        row.workspace_id,
        row.bot_id,
        row.wxid,
        row.name,
        row.alias,
        row.avatar_url,
        row.gender,
        row.type,
        row.is_friend,
        row.coworker,
        row.corporation,
        row.handle,
        row.union_id,
      ],
    })),

  touchChatsOf: (workspaceId, botId, wxids) => ({
    sql: `update chat set revision = revision + 1
      where workspace_id = ?1 and bot_id = ?2 and chat_id in (
        select chat_id from chat_member
        where workspace_id = ?1 and wxid in (select value from json_each(?3)))`,
    parameters: [workspaceId, botId, JSON.stringify(wxids)],
  }),

  members: (workspaceId, chatId) => ({
    sql: 'select wxid, position, room_alias from chat_member where workspace_id = ? and chat_id = ?',
    parameters: [workspaceId, chatId],
  }),

  putMembers: (workspaceId, chatId, members) =>
    members.map(row => ({
      sql: `insert into chat_member (workspace_id, chat_id, wxid, position, room_alias) values (?, ?, ?, ?, ?)
        on conflict do update set position = excluded.position, room_alias = excluded.room_alias`,
      parameters: [workspaceId, chatId, row.wxid, row.position, row.room_alias],
    })),

  dropMembers: (workspaceId, chatId, wxids) => ({
    sql: `delete from chat_member
      where workspace_id = ? and chat_id = ? and wxid in (select value from json_each(?))`,
    parameters: [workspaceId, chatId, JSON.stringify(wxids)],
  }),

  count: (workspaceId, kind) => ({
    sql: `insert into counter (workspace_id, name, last) values (?, ?, 1)
      on conflict do update set last = last + 1 returning last`,
    parameters: [workspaceId, kind],
  }),
}

// Text, because the three numbers mean something only together.
const REVISION = `chat.revision || '.' || bot.revision || '.' || workspace.revision`

// The page is cut from an index alone, before anything is joined to it. Its chats are then found by their key: by their
// ordinals SQLite would look for them in the whole workspace (a million: two seconds).
const PAGE_OF_ALL = `select chat_id, ordinal from chat
  where workspace_id = ?1 and ordinal >= ?2 and left_at is null order by ordinal limit ?4 offset ?3`

// Asking which chats were left is a tenth of looking each chat up for it: few are, and they have an index of their own.
const PAGE_OF_TAG = `select chat_id, chat_ordinal as ordinal from chat_tag
  where workspace_id = ?1 and tag_id = ?5 and chat_ordinal >= ?2 and not exists (
    select 1 from chat where workspace_id = ?1 and ordinal = chat_ordinal and left_at is not null)
  order by chat_ordinal limit ?4 offset ?3`
