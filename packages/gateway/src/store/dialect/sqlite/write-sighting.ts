import type { Statement } from '../../database/database.ts'
import type { OwedRow, SightedChat, Sighting } from '../../database/hot-rows.ts'

/** A statement a row: SQLite answers each at once, and prepares each text once. */
export function sqliteSighting({
  workspaceId,
  botId,
  contacts,
  shown,
  chats,
  counts,
  owed,
}: Sighting): Statement[] {
  return [
    ...contacts.map(row => ({
      // No "or replace": it would take away whoever else had the number.
      sql: `insert into contact (workspace_id, bot_id, wxid, name, alias, avatar_url, gender, type,
          is_friend, coworker, corporation, handle, union_id, ordinal)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (workspace_id, bot_id, wxid) do update set name = excluded.name, alias = excluded.alias,
          avatar_url = excluded.avatar_url, gender = excluded.gender, type = excluded.type,
          is_friend = excluded.is_friend, coworker = excluded.coworker, corporation = excluded.corporation,
          handle = excluded.handle, union_id = excluded.union_id, ordinal = excluded.ordinal`,
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
        row.ordinal,
      ],
    })),
    ...(shown.length > 0 ? [touchOthers(workspaceId, botId, shown, chats)] : []),
    ...chats.flatMap(putChat),
    ...(counts.length > 0 ? [sqliteCountListed(workspaceId, counts)] : []),
    ...sqliteOwe(workspaceId, owed),
  ]
}

/** New revisions for all chats of the bot that show one of the contacts, but those that get a new revision anyway. */
const touchOthers = (
  workspaceId: string,
  botId: string,
  shown: readonly string[],
  chats: readonly SightedChat[],
): Statement => ({
  sql: `update chat set revision = revision + 1
    where workspace_id = ?1 and bot_id = ?2 and chat_id not in (select value from json_each(?4)) and chat_id in (
      select chat_id from chat_member
      where workspace_id = ?1 and wxid in (select value from json_each(?3)))`,
  parameters: [
    workspaceId,
    botId,
    JSON.stringify(shown),
    JSON.stringify(chats.map(({ row }) => row.chat_id)),
  ],
})

function putChat({ row, put, gone }: SightedChat): Statement[] {
  const { workspace_id, chat_id } = row
  return [
    {
      sql: `insert into chat (workspace_id, chat_id, bot_id, room_wxid, topic, avatar_url, owner_id, external,
          wecom_chat_id, ordinal, created_at, member_count)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (workspace_id, chat_id) do update set bot_id = excluded.bot_id, topic = excluded.topic,
          avatar_url = excluded.avatar_url, owner_id = excluded.owner_id, external = excluded.external,
          wecom_chat_id = excluded.wecom_chat_id, member_count = excluded.member_count,
          left_at = null, revision = chat.revision + 1`,
      parameters: [
        workspace_id,
        chat_id,
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
    },
    ...put.map(member => ({
      sql: `insert into chat_member (workspace_id, chat_id, wxid, position, room_alias) values (?, ?, ?, ?, ?)
        on conflict do update set position = excluded.position, room_alias = excluded.room_alias`,
      parameters: [workspace_id, chat_id, member.wxid, member.position, member.room_alias],
    })),
    ...(gone.length > 0
      ? [
          {
            sql: `delete from chat_member
              where workspace_id = ? and chat_id = ? and wxid in (select value from json_each(?))`,
            parameters: [workspace_id, chat_id, JSON.stringify(gone)],
          },
        ]
      : []),
  ]
}

/** `where true`, or SQLite takes ON CONFLICT for the ON of a join. */
export const sqliteCountListed = (workspaceId: string, counts: Sighting['counts']): Statement => ({
  sql: `insert into list_block (workspace_id, list, block, chats)
    select ?1, value ->> 'list', value ->> 'block', value ->> 'by' from json_each(?2) where true
    on conflict do update set chats = chats + excluded.chats`,
  parameters: [workspaceId, JSON.stringify(counts)],
})

/** Nothing where the workspace has no address. */
export const sqliteOwe = (workspaceId: string, owed: readonly OwedRow[]): Statement[] =>
  owed.flatMap(({ laneKey, kind, webhookId, body, at }) => [
    {
      sql: `insert into callback_body (workspace_id, id, bytes)
        select ?1, ${NEXT_ID}, ?2 from callback_address where ${IS_OWED_TO} limit 1`,
      parameters: [workspaceId, body],
    },
    {
      sql: `insert into callback (workspace_id, id, webhook_id, address_id, lane_key, kind, due_at, body_id, owed_at)
        select ?1, ${NEXT_ID}, ?2, id, ?3, ?4, ?5, ${NEXT_ID}, ?5 from callback_address where ${IS_OWED_TO} limit 1`,
      parameters: [workspaceId, webhookId, laneKey, kind, at],
    },
  ])

const IS_OWED_TO = 'workspace_id = ?1 and base_url is not null'

/** The counter has the highest that is gone (`0012-fewer-pages.ts`). There is one write at a time. */
const NEXT_ID = `1 + max(
        coalesce((select id from callback where workspace_id = ?1 and id > 0 order by id desc limit 1), 0),
        coalesce((select last from counter where workspace_id = ?1 and name = 'callback'), 0))`
