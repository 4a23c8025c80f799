import type { HotStatements } from '../../hot-statements.ts'
import { userIdKeyIn } from '../../user-id-keys.ts'
import { outboxStatements } from '../outbox-statements.ts'
import { sqliteCountListed, sqliteOwe, sqliteSighting, sqliteStirLane } from './write-sighting.ts'

/** Lists travel as one JSON parameter, so that a list of any length is the same prepared statement. */
export const sqliteHotStatements: HotStatements = {
  findToken: hash => ({
    sql: 'select id, workspace_id, realm from token where hash = ? and revoked_at is null',
    parameters: [hash],
  }),

  // `cross join` holds SQLite to this order. Left to itself it walks all chats of the workspace to save the sort.
  chatsOfMember: (workspaceId, wxid) => ({
    sql: `select chat.chat_id, chat.ordinal, ${REVISION} as revision
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

  botView: (workspaceId, botId) => ({
    sql: `select wxid, user_id, nick_name, fence, show_wecom_chat_id,
        chatroom_joined, chatroom_loaded, joined_on_any_member, room_joined, room_left, room_topic,
        null as store_now
      from bot join workspace on workspace.id = bot.workspace_id
      where bot.workspace_id = ? and bot.id = ?`,
    parameters: [workspaceId, botId],
  }),

  chat: (workspaceId, chatId) => ({
    sql: 'select * from chat where workspace_id = ? and chat_id = ?',
    parameters: [workspaceId, chatId],
  }),

  chatsWithBots: (workspaceId, chatIds) => ({
    sql: `select chat.*, bot.wxid, bot.user_id, bot.nick_name, workspace.show_wecom_chat_id
      from chat
      cross join bot on bot.workspace_id = chat.workspace_id and bot.id = chat.bot_id
      cross join workspace on workspace.id = chat.workspace_id
      where chat.workspace_id = ? and chat.chat_id in (select value from json_each(?))`,
    parameters: [workspaceId, JSON.stringify(chatIds)],
  }),

  membersWithContacts: (workspaceId, chatIds) => ({
    sql: `select contact.*, chat_member.chat_id, chat_member.room_alias
      from chat_member
      cross join chat on chat.workspace_id = chat_member.workspace_id and chat.chat_id = chat_member.chat_id
      cross join contact on contact.workspace_id = chat.workspace_id and contact.bot_id = chat.bot_id
        and contact.wxid = chat_member.wxid
      where chat_member.workspace_id = ? and chat_member.chat_id in (select value from json_each(?))
      order by chat_member.chat_id, chat_member.position`,
    parameters: [workspaceId, JSON.stringify(chatIds)],
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

  // By itself SQLite takes the primary key, which is the table, and walks through all contacts of the bot.
  contactsNamed: (workspaceId, botId, by, names) => ({
    sql: `select * from contact indexed by contact_${by}
      where workspace_id = ? and bot_id = ? and ${by} is not null and ${by} in (select value from json_each(?))`,
    parameters: [workspaceId, botId, JSON.stringify(names)],
  }),

  coworkersOfKeys: (workspaceId, botId, keys) => ({
    sql: `select * from contact indexed by contact_user_id where workspace_id = ? and bot_id = ?
      and coworker = 1 and ${userIdKeyIn('sqlite', 'handle')} in (select value from json_each(?))`,
    parameters: [workspaceId, botId, JSON.stringify(keys)],
  }),

  contactsOfBots: (workspaceId, botIds, by, ids) => ({
    sql: `select * from contact ${by === 'wxid' ? '' : `indexed by contact_${by}`} where workspace_id = ?
      and bot_id in (select value from json_each(?)) and ${by} is not null and ${by} in (select value from json_each(?))`,
    parameters: [workspaceId, JSON.stringify(botIds), JSON.stringify(ids)],
  }),

  members: (workspaceId, chatId) => ({
    sql: 'select wxid, position, room_alias from chat_member where workspace_id = ? and chat_id = ?',
    parameters: [workspaceId, chatId],
  }),

  countListed: sqliteCountListed,
  writeSighting: sqliteSighting,
  owe: sqliteOwe,
  stirLane: sqliteStirLane,

  claimLanes: ({ workspaceId, addressId, owner, now, leaseUntil, limit }) => ({
    sql: `update lane set owner = ?3, lease_until = ?4, token = token + 1
      where workspace_id = ?1 and address_id = ?2 and lane_key in (
        select lane_key from lane
        where workspace_id = ?1 and address_id = ?2 and due_at <= ?5 and owner is null
        order by due_at limit ?6)
      returning lane_key, token`,
    parameters: [workspaceId, addressId, owner, leaseUntil, now, limit],
  }),

  ...outboxStatements('?'),

  waitingAddresses: now => ({
    sql: `select workspace_id, id, base_url, state, open_until, ramp, ramp_delivered, concurrency
      from callback_address
      where base_url is not null and exists (
        select 1 from lane where lane.workspace_id = callback_address.workspace_id and lane.address_id = callback_address.id
          and lane.due_at <= ?1 and lane.owner is null)
      order by id`,
    parameters: [now],
  }),

  holdBreaker: (workspaceId, addressId) => ({
    sql: `select base_url, state, open_until, ramp, ramp_delivered, concurrency
      from callback_address where workspace_id = ? and id = ?`,
    parameters: [workspaceId, addressId],
  }),

  // The first of a lane is found before anything is joined to it: joined by its lane, every callback of the workspace
  // would be walked through.
  lookIntoLane: ({ workspaceId, addressId, laneKey, token }) => ({
    sql: `select lane.gen, callback.id, callback.webhook_id, callback.kind, callback.attempt, callback.due_at,
        callback.replay_id, bytes, base_url, secrets_sealed, callback_address.state, callback_address.ramp
      from lane
      join callback_address
        on callback_address.workspace_id = lane.workspace_id and callback_address.id = lane.address_id
      left join callback on callback.workspace_id = lane.workspace_id and callback.id = coalesce(
        (${WAITING} and replay_id is null order by id limit 1), (${WAITING} order by id limit 1))
      left join callback_body on callback_body.workspace_id = callback.workspace_id
        and callback_body.id = callback.body_id
      where lane.workspace_id = ?1 and lane.address_id = ?2 and lane.lane_key = ?3 and lane.token = ?4`,
    parameters: [workspaceId, addressId, laneKey, token],
  }),

  // It writes in one statement to one table, and asking it costs no trip to a server.
  settleDelivered: () => null,

  callbackAddress: workspaceId => ({
    sql: 'select id from callback_address where workspace_id = ? and base_url is not null limit 1',
    parameters: [workspaceId],
  }),

  nodes: () => ({
    sql: 'select id, address, entered, beat, 1 as attending from node order by entered',
    parameters: [],
  }),

  // The only process on a store sees nobody.
  seeAlive: () => ({ sql: 'update node set beat = beat where false', parameters: [] }),

  count: (workspaceId, kind) => ({
    sql: `insert into counter (workspace_id, name, last) values (?, ?, 1)
      on conflict do update set last = last + 1 returning last`,
    parameters: [workspaceId, kind],
  }),
}

/**
 * Two questions, because the index knows the order of ids only. Few replayed ones are passed over: of each replay no more
 * than some wait (replays.ts). Left to itself SQLite walks through a workspace, because that is in the order of ids too; and
 * a partial index serves only a condition that is not a parameter.
 */
const WAITING = `select id from callback indexed by callback_lane
  where workspace_id = ?1 and address_id = ?2 and lane_key = ?3 and state = 'due'`

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
