import type { BotId, ChatId, TagId, WorkspaceId } from '@qunhub/wire'

/** So many chats, of which nine tenths are one workspace's, and of those nearly all one bot's. */
const CHATS = 60_000
const MEMBERS_PER_CHAT = 3
const BOTS_PER_WORKSPACE = 300
/** Callbacks, each of a room of its own; one of a thousand is due. */
const CALLBACKS = 60_000

/** The workspace with nine tenths of everything. */
export const big = {
  workspaceId: 'a'.repeat(24) as WorkspaceId,
  botId: `a-${'0'.repeat(22)}` as BotId,
  userId: 'a-0',
  /** On every room of it, and on twelve of them. */
  everyTagId: 'd'.repeat(24) as TagId,
  rareTagId: 'e'.repeat(24) as TagId,
  addressId: 'address',
  chats: (CHATS / 10) * 9,
  chatId: (ordinal: number) => ordinal.toString(16).padStart(24, '0') as ChatId,
} as const

/** A workspace as most are. */
export const small = { workspaceId: 'b'.repeat(24) as WorkspaceId, botId: `b-${'0'.repeat(22)}` as BotId }

const lpad = (number: string) => `lpad(to_hex((${number})::integer), 24, '0')`
const botOf = (letter: string, number: string) => `'${letter}-' || lpad((${number})::text, 22, '0')`

/**
 * Fills a migrated database with data as they are when it hurts; each is a statement to be run by itself. The bots' tokens
 * are what `tokenSealed` holds.
 */
export const skewedData = (tokenSealed: Buffer): readonly string[] => [
  // Takes a third of the time where it is allowed to spare itself the checks of foreign keys.
  `do $$ begin set session_replication_role = replica; exception when insufficient_privilege then null; end $$`,
  `insert into workspace (id, name, created_at)
    values ('${big.workspaceId}', 'big', 0), ('${small.workspaceId}', 'small', 0)`,
  `insert into token (workspace_id, id, hash, label, created_at)
    select '${big.workspaceId}', n::text, sha256(n::text::bytea), '', 0 from generate_series(1, 1000) n`,
  `insert into node (id, address, entered, beat) values ('alive', null, 1, 1)`,
  // The last of each workspace is run by nobody, and the seventh never logged in.
  ...[
    [big.workspaceId, 'a'],
    [small.workspaceId, 'b'],
  ].map(
    ([workspace, letter]) => `insert into bot (workspace_id, id, endpoint, token_sealed, tls, wxid, user_id,
      expected_user_id, nick_name, created_at, state_since, node_id)
    select '${workspace}', ${botOf(letter!, 'n')}, 'x:1', '\\x${tokenSealed.toString('hex')}', 0, '1688' || n,
      case when n <> 7 then '${letter}-' || n end, case when n = 7 then '${letter}-7' end, '小北', n, 0,
      case when n < ${BOTS_PER_WORKSPACE - 1} then 'alive' end
    from generate_series(0, ${BOTS_PER_WORKSPACE - 1}) n`,
  ),
  `insert into chat (workspace_id, chat_id, bot_id, room_wxid, topic, avatar_url, owner_id, external, ordinal, created_at,
      left_at, member_count)
    select case when n <= ${big.chats} then '${big.workspaceId}' else '${small.workspaceId}' end, ${lpad('n')},
      case when n > ${big.chats} then ${botOf('b', `n % ${BOTS_PER_WORKSPACE}`)}
        when n % 20 = 0 then ${botOf('a', `n / 20 % ${BOTS_PER_WORKSPACE}`)} else '${big.botId}' end,
      'R:' || n, '大街小巷程序员 ' || n || ' 群', 'http://wx.qlogo.cn/mmcrhead/' || n || '/0', '', 1,
      case when n <= ${big.chats} then n else n - ${big.chats} end, 0, case when n % 50 = 0 then 1 end, 3
    from generate_series(1, ${CHATS}) n`,
  // Somebody is in ninety rooms, others in half a dozen.
  `insert into chat_member (workspace_id, chat_id, wxid, position)
    select workspace_id, chat_id, case when m = 0 and ordinal % 1000 = 1 then 'w0'
      else 'w' || ((ordinal * ${MEMBERS_PER_CHAT} + m) % ${CHATS / 2} + 1) end, m
    from chat, generate_series(0, ${MEMBERS_PER_CHAT - 1}) m`,
  `insert into contact (workspace_id, bot_id, wxid, name, avatar_url, gender, type, is_friend, coworker, handle, union_id)
    select distinct chat.workspace_id, bot_id, wxid, wxid, 'http://wx.qlogo.cn/mmhead/' || wxid, 0, 1, 1, 0,
      'h' || wxid, 'u' || wxid
    from chat_member join chat using (workspace_id, chat_id)`,
  `update contact set ordinal = numbered.n - 1 from (
      select workspace_id, bot_id, wxid, row_number() over (partition by workspace_id, bot_id order by wxid) as n from contact
    ) as numbered
    where (contact.workspace_id, contact.bot_id, contact.wxid) = (numbered.workspace_id, numbered.bot_id, numbered.wxid)`,
  `insert into list_block (workspace_id, list, block, chats)
    select workspace_id, 'contacts/' || bot_id, ordinal / 1000, count(*) from contact group by 1, 2, 3`,
  `insert into tag (workspace_id, id, name, ordinal) values ('${big.workspaceId}', '${big.everyTagId}', 'all', 1),
    ('${big.workspaceId}', '${big.rareTagId}', 'rare', 2), ('${small.workspaceId}', 'f', 'few', 1)`,
  `insert into chat_tag (workspace_id, tag_id, chat_id, ordinal, chat_ordinal)
    select workspace_id, '${big.everyTagId}', chat_id, 1, ordinal from chat where workspace_id = '${big.workspaceId}'`,
  `insert into chat_tag (workspace_id, tag_id, chat_id, ordinal, chat_ordinal)
    select workspace_id, '${big.rareTagId}', chat_id, 2, ordinal from chat
    where workspace_id = '${big.workspaceId}' and ordinal % 7001 = 1`,
  `insert into list_block (workspace_id, list, block, chats)
    select workspace_id, '', ordinal / 1000, count(*) from chat where left_at is null group by 1, 3`,
  `insert into list_block (workspace_id, list, block, chats)
    select workspace_id, tag_id, chat_ordinal / 1000, count(*) from chat_tag join chat using (workspace_id, chat_id)
    where left_at is null group by 1, 2, 3`,
  `insert into counter (workspace_id, name, last) values ('${big.workspaceId}', 'chat', ${CHATS})`,
  `insert into callback_address (workspace_id, id, base_url, secrets_sealed, created_at)
    values ('${big.workspaceId}', '${big.addressId}', 'http://127.0.0.1:1', '', 0),
      ('${small.workspaceId}', 'other', 'http://127.0.0.1:1', '', 0)`,
  `insert into callback_body (workspace_id, id, bytes)
    select case when n % 10 = 0 then '${small.workspaceId}' else '${big.workspaceId}' end, n,
      convert_to(repeat('一个回调', 20), 'UTF8')
    from generate_series(1, ${CALLBACKS}) n`,
  `insert into callback (workspace_id, id, webhook_id, address_id, lane_key, kind, state, due_at, body_id, owed_at, settled_at)
    select workspace_id, id, 'msg' || id, case when id % 10 = 0 then 'other' else '${big.addressId}' end, 'R:' || id,
      'chatroom/joined',
      case when id % 1000 = 1 then 'due' when id % 100 = 7 then 'parked' else 'delivered' end,
      5 + id / 1000, id, 5, case when id % 1000 <> 1 then id end
    from callback_body`,
  `insert into attempt (workspace_id, callback_id, n, started_at, ms, outcome)
    select workspace_id, id, 1, 0, 1, 'answered' from callback where state <> 'due'`,
  `select setval('callback_id', ${CALLBACKS + 1})`,
  'reset session_replication_role',
  'vacuum analyze',
]
