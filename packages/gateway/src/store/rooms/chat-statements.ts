import { type Both, unseen } from '../database/both-dialects.ts'
import type { Statement } from '../database/database.ts'
import type {
  ChatRow,
  ChatWithBotRow,
  FencedBotRow,
  LabelRow,
  MemberRow,
  MemberWithContactRow,
} from '../database/hot-rows.ts'

/**
 * What rows show of a bot and of its workspace, which callbacks that wants, and under which fence the bot is run. For
 * writes: where several write at once, the bot's row is locked until the write ends, so that what its nodes write is
 * done one after another.
 */
export const botView: Both<(workspaceId: string, botId: string) => Statement<FencedBotRow>> = {
  sqlite: (workspaceId, botId) => ({
    sql: `select ${BOT_VIEW},
        null as store_now
      from bot join workspace on workspace.id = bot.workspace_id
      where bot.workspace_id = ? and bot.id = ?`,
    parameters: [workspaceId, botId],
  }),
  postgres: (workspaceId, botId) => ({
    sql: `select ${BOT_VIEW},
        (extract(epoch from clock_timestamp()) * 1000)::bigint as store_now
      from bot join workspace on workspace.id = bot.workspace_id
      where bot.workspace_id = $1 and bot.id = $2 for no key update of bot`,
    parameters: [workspaceId, botId],
  }),
}

/**
 * Those of the ids that are known. For writes: where several write at once, it locks the rows until the write ends, so that their
 * lists stay as read; in the order of the ids, so that two writes that want the same never wait for each other.
 */
export const chats: Both<(workspaceId: string, chatIds: readonly string[]) => Statement<ChatRow>> = {
  sqlite: (workspaceId, chatIds) => ({
    sql: 'select * from chat where workspace_id = ? and chat_id in (select value from json_each(?))',
    parameters: [workspaceId, JSON.stringify(chatIds)],
  }),
  postgres: (workspaceId, chatIds) => ({
    sql: `select known.*
      from unnest(${unseen('$2::text[]')}) as asked (chat_id)
      cross join lateral (
        select * from chat where workspace_id = $1 and chat_id between asked.chat_id and asked.chat_id
        order by chat_id limit 1 for no key update
      ) as known`,
    parameters: [workspaceId, chatIds.toSorted()],
  }),
}

/** Those of the ids that the workspace knows, left or not, in no particular order. */
export const chatsWithBots: Both<
  (workspaceId: string, chatIds: readonly string[]) => Statement<ChatWithBotRow>
> = {
  sqlite: (workspaceId, chatIds) => ({
    sql: `select chat.*, bot.wxid, bot.user_id, bot.nick_name, workspace.show_wecom_chat_id
      from chat
      cross join bot on bot.workspace_id = chat.workspace_id and bot.id = chat.bot_id
      cross join workspace on workspace.id = chat.workspace_id
      where chat.workspace_id = ? and chat.chat_id in (select value from json_each(?))`,
    parameters: [workspaceId, JSON.stringify(chatIds)],
  }),
  // Each is looked up by its whole key, one by one, and the limit says that there is one: joined to tables that nobody has
  // analyzed yet, after a first sync, they took ten seconds. It is asked for in the order of that key, or PostgreSQL takes another
  // index of the workspace while it is the lower one, and walks through all of it for each (decision 0049).
  postgres: (workspaceId, chatIds) => ({
    sql: `select shown.* from ${ASKED} cross join lateral (
        select chat.*, bot.wxid, bot.user_id, bot.nick_name, workspace.show_wecom_chat_id
        from chat
        join bot on bot.workspace_id = $1 and bot.id = chat.bot_id
        join workspace on workspace.id = $1
        where chat.workspace_id = $1 and chat.chat_id between asked.chat_id and asked.chat_id
        order by chat.chat_id limit 1
      ) as shown`,
    parameters: [workspaceId, chatIds],
  }),
}

/** Of each chat in the order of joining. */
export const membersWithContacts: Both<
  (workspaceId: string, chatIds: readonly string[]) => Statement<MemberWithContactRow>
> = {
  sqlite: (workspaceId, chatIds) => ({
    sql: `select contact.*, chat_member.chat_id, chat_member.room_alias
      from chat_member
      cross join chat on chat.workspace_id = chat_member.workspace_id and chat.chat_id = chat_member.chat_id
      cross join contact on contact.workspace_id = chat.workspace_id and contact.bot_id = chat.bot_id
        and contact.wxid = chat_member.wxid
      where chat_member.workspace_id = ? and chat_member.chat_id in (select value from json_each(?))
      order by chat_member.chat_id, chat_member.position`,
    parameters: [workspaceId, JSON.stringify(chatIds)],
  }),
  postgres: (workspaceId, chatIds) => ({
    sql: `select person.*, member.chat_id, member.room_alias
      from ${ASKED}
      cross join lateral (
        select bot_id from chat where workspace_id = $1 and chat_id between asked.chat_id and asked.chat_id
        order by chat_id limit 1
      ) as chat
      cross join lateral (
        select chat_id, wxid, position, room_alias from chat_member
        where workspace_id = $1 and chat_id = asked.chat_id
        offset 0
      ) as member
      cross join lateral (
        select * from contact where workspace_id = $1 and bot_id = chat.bot_id
          and wxid between member.wxid and member.wxid order by wxid limit 1
      ) as person
      order by member.chat_id, member.position`,
    parameters: [workspaceId, chatIds],
  }),
}

/** In the order of tagging. */
export const labels: Both<(workspaceId: string, chatIds: readonly string[]) => Statement<LabelRow>> = {
  sqlite: (workspaceId, chatIds) => ({
    sql: `select chat_tag.chat_id, tag.id, tag.name
      from chat_tag join tag on tag.workspace_id = chat_tag.workspace_id and tag.id = chat_tag.tag_id
      where chat_tag.workspace_id = ? and chat_tag.chat_id in (select value from json_each(?))
      order by chat_tag.chat_id, chat_tag.ordinal`,
    parameters: [workspaceId, JSON.stringify(chatIds)],
  }),
  postgres: (workspaceId, chatIds) => ({
    sql: `select tagged.chat_id, tag.id, tag.name
      from ${ASKED}
      cross join lateral (
        select chat_id, tag_id, ordinal from chat_tag
        where workspace_id = $1 and chat_id = asked.chat_id
        offset 0
      ) as tagged
      cross join lateral (select id, name from tag where workspace_id = $1 and id = tagged.tag_id limit 1) as tag
      order by tagged.chat_id, tagged.ordinal`,
    parameters: [workspaceId, chatIds],
  }),
}

/** In no particular order. */
export const members: Both<(workspaceId: string, chatIds: readonly string[]) => Statement<MemberRow>> = {
  sqlite: (workspaceId, chatIds) => ({
    sql: `select chat_id, wxid, position, room_alias from chat_member
      where workspace_id = ? and chat_id in (select value from json_each(?))`,
    parameters: [workspaceId, JSON.stringify(chatIds)],
  }),
  postgres: (workspaceId, chatIds) => ({
    sql: `select member.*
      from ${ASKED}
      cross join lateral (
        select chat_id, wxid, position, room_alias from chat_member
        where workspace_id = $1 and chat_id = asked.chat_id
        offset 0
      ) as member`,
    parameters: [workspaceId, chatIds],
  }),
}

const BOT_VIEW = `wxid, user_id, nick_name, fence, show_wecom_chat_id,
  chatroom_joined, chatroom_loaded, joined_on_any_member, room_joined, room_left, room_topic,
  case when exists (
    select 1 from callback_address where callback_address.workspace_id = bot.workspace_id and base_url is not null
  ) then 1 else 0 end as has_address`

/** PostgreSQL: the ids of a list, each once. */
const ASKED = `(select distinct unnest(${unseen('$2::text[]')}) as chat_id) as asked`
