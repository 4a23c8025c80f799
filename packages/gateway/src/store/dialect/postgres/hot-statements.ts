import { PAGE_SIZE_MAX } from '@qunhub/wire'
import type { HotStatements } from '../../hot-statements.ts'
import { ORDINALS_PER_BLOCK } from '../../list-blocks.ts'
import { userIdKeyIn } from '../../user-id-keys.ts'
import { outboxStatements } from '../outbox-statements.ts'
import { ATTENDANCE_CLASS } from './attendance.ts'
import { bodyOf, firstOf } from './first-of-lane.ts'
import { postgresSettleDelivered } from './settle-delivered.ts'
import { postgresCountListed, postgresOwe, postgresSighting, postgresStirLane } from './write-sighting.ts'

/**
 * Lists travel as arrays, so that a list of any length is the same prepared statement. Every statement names the rows it
 * wants first, in an order that an index gives, and joins what belongs to them afterwards: with a generic plan the other
 * order walks through a whole workspace. tests of `dialect/postgres-plans.test.ts` hold these plans.
 */
export const postgresHotStatements: HotStatements = {
  findToken: hash => ({
    sql: 'select id, workspace_id, realm from token where hash = $1 and revoked_at is null',
    parameters: [hash],
  }),

  chatsOfMember: (workspaceId, wxid) => ({
    sql: `select shown.chat_id, shown.ordinal, shown.revision
      from (select chat_id from chat_member where workspace_id = $1 and wxid = $2 offset 0) as page
      ${WITH_REVISION}
      order by shown.ordinal`,
    parameters: [workspaceId, wxid],
  }),

  chatsFrom: (workspaceId, tagId, { fromOrdinal, skip, limit }) => ({
    sql: `select shown.chat_id, shown.revision
      from (${tagId === null ? CHATS_OF_ALL : CHATS_OF_TAG}) as page
      ${WITH_REVISION}
      order by shown.ordinal`,
    parameters: [workspaceId, fromOrdinal, skip, limit, ...(tagId === null ? [] : [tagId])],
  }),

  listBlocks: (workspaceId, list) => ({
    sql: 'select block, chats from list_block where workspace_id = $1 and list = $2 and chats > 0 order by block',
    parameters: [workspaceId, list],
  }),

  botView: (workspaceId, botId) => ({
    sql: `select wxid, user_id, nick_name, fence, show_wecom_chat_id,
        chatroom_joined, chatroom_loaded, joined_on_any_member, room_joined, room_left, room_topic,
        (extract(epoch from clock_timestamp()) * 1000)::bigint as store_now
      from bot join workspace on workspace.id = bot.workspace_id
      where bot.workspace_id = $1 and bot.id = $2 for no key update of bot`,
    parameters: [workspaceId, botId],
  }),

  chat: (workspaceId, chatId) => ({
    sql: 'select * from chat where workspace_id = $1 and chat_id = $2 for no key update',
    parameters: [workspaceId, chatId],
  }),

  // Each is looked up by its whole key, one by one, and the limit says that there is one: joined to tables that nobody has
  // analyzed yet, after a first sync, they took ten seconds (decision 0049).
  chatsWithBots: (workspaceId, chatIds) => ({
    sql: `select shown.* from ${ASKED} cross join lateral (
        select chat.*, bot.wxid, bot.user_id, bot.nick_name, workspace.show_wecom_chat_id
        from chat
        join bot on bot.workspace_id = $1 and bot.id = chat.bot_id
        join workspace on workspace.id = $1
        where chat.workspace_id = $1 and chat.chat_id = asked.chat_id
        limit 1
      ) as shown`,
    parameters: [workspaceId, chatIds],
  }),

  membersWithContacts: (workspaceId, chatIds) => ({
    sql: `select person.*, member.chat_id, member.room_alias
      from ${ASKED}
      cross join lateral (
        select bot_id from chat where workspace_id = $1 and chat_id = asked.chat_id limit 1
      ) as chat
      cross join lateral (
        select chat_id, wxid, position, room_alias from chat_member
        where workspace_id = $1 and chat_id = asked.chat_id
        offset 0
      ) as member
      cross join lateral (
        select * from contact where workspace_id = $1 and bot_id = chat.bot_id and wxid = member.wxid limit 1
      ) as person
      order by member.chat_id, member.position`,
    parameters: [workspaceId, chatIds],
  }),

  labels: (workspaceId, chatIds) => ({
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

  contacts: (workspaceId, botId, wxids) => ({
    sql: 'select * from contact where workspace_id = $1 and bot_id = $2 and wxid = any($3::text[])',
    parameters: [workspaceId, botId, wxids],
  }),

  // Compared with the list itself: from a subquery of it a generic plan reads all contacts of a bot, taking it for a small one.
  contactsNamed: (workspaceId, botId, by, names) => ({
    sql: `select * from contact where workspace_id = $1 and bot_id = $2 and ${by} = any($3::text[])`,
    parameters: [workspaceId, botId, names],
  }),

  coworkersOfKeys: (workspaceId, botId, keys) => ({
    sql: `select * from contact where workspace_id = $1 and bot_id = $2
      and coworker = 1 and ${userIdKeyIn('postgres', 'handle')} = any($3::text[])`,
    parameters: [workspaceId, botId, keys],
  }),

  contactsOfBots: (workspaceId, botIds, by, ids) => ({
    sql: `select * from contact where workspace_id = $1 and bot_id = any($2::text[]) and ${by} = any($3::text[])`,
    parameters: [workspaceId, botIds, ids],
  }),

  members: (workspaceId, chatId) => ({
    sql: 'select wxid, position, room_alias from chat_member where workspace_id = $1 and chat_id = $2',
    parameters: [workspaceId, chatId],
  }),

  countListed: postgresCountListed,
  writeSighting: postgresSighting,
  owe: postgresOwe,
  stirLane: postgresStirLane,

  // Passes over what others are claiming at this moment. They are picked once and for all (`materialized`): as a subquery
  // they may be picked anew for each lane that they are joined to, and each time others, because the first ones are taken.
  // The lanes are found again by the keys that were picked and by nothing else: with the address or the workspace at hand a
  // plan that was made early reads all of its lanes. And where it does not know the limit PostgreSQL expects a tenth of
  // what is due, and reads the table to join it.
  claimLanes: ({ addressId, owner, now, leaseUntil, limit, inFlightMax }) => ({
    sql: `with due as materialized (
        select workspace_id, address_id, lane_key from lane
        where address_id = $1 and due_at <= $4 and owner is null
        order by due_at limit least($5::bigint, greatest(0, $6::bigint - (
          select count(*) from lane where address_id = $1 and owner is not null)))
        for no key update skip locked
      )
      update lane set owner = $2, lease_until = $3, token = lane.token + 1
      from (select * from due limit ${CLAIMED_MAX}) as picked
      where lane.workspace_id = picked.workspace_id and lane.address_id = picked.address_id
        and lane.lane_key = picked.lane_key
      returning lane.lane_key, lane.token`,
    parameters: [addressId, owner, leaseUntil, now, limit, inFlightMax],
  }),

  ...outboxStatements('$'),

  // One probe of an index an address. A plain EXISTS would become a join, which reads every due lane.
  waitingAddresses: now => ({
    sql: `select workspace_id, id, base_url, state, open_until, ramp, ramp_delivered, concurrency
      from callback_address as address
      where base_url is not null and (
        select lane.due_at from lane
        where lane.address_id = address.id and lane.due_at <= $1 and lane.owner is null
        order by lane.due_at limit 1) is not null
      order by id`,
    parameters: [now],
  }),

  holdBreaker: (workspaceId, addressId) => ({
    sql: `select base_url, state, open_until, ramp, ramp_delivered, concurrency
      from callback_address where workspace_id = $1 and id = $2 for no key update`,
    parameters: [workspaceId, addressId],
  }),

  lookIntoLane: ({ workspaceId, addressId, laneKey, token }) => ({
    sql: LOOK_INTO_LANE,
    parameters: [workspaceId, addressId, laneKey, token],
  }),

  settleDelivered: postgresSettleDelivered,

  callbackAddress: workspaceId => ({
    sql: 'select id from callback_address where workspace_id = $1 and base_url is not null limit 1',
    parameters: [workspaceId],
  }),

  nodes: () => ({
    sql: `select id, address, entered, beat, (${IS_ATTENDING})::integer as attending from node order by entered`,
    parameters: [],
  }),

  seeAlive: nodeId => ({
    sql: `update node set beat = nextval('beat') where id <> $1 and ${IS_ATTENDING}`,
    parameters: [nodeId],
  }),

  count: (workspaceId, kind) => ({
    sql: `insert into counter (workspace_id, name, last) values ($1, $2, 1)
      on conflict (workspace_id, name) do update set last = counter.last + 1 returning last`,
    parameters: [workspaceId, kind],
  }),
}

const LOOK_INTO_LANE = `
select lane.gen, next.id, next.webhook_id, next.kind, next.attempt, next.due_at, next.replay_id, body.bytes,
  address.base_url, address.secrets_sealed, address.state, address.ramp
from lane
join callback_address as address on address.workspace_id = $1 and address.id = $2
left join lateral (${firstOf('$3')}) as next on true
left join lateral (${bodyOf('next')}) as body on true
where lane.workspace_id = $1 and lane.address_id = $2 and lane.lane_key = $3 and lane.token = $4`

/** An address may have 32 in flight, and a process 64. */
const CLAIMED_MAX = 64

// The node's lock is held, so its process is connected: see attendance.ts.
const IS_ATTENDING = `exists (
  select 1 from pg_locks
  where locktype = 'advisory' and classid = ${ATTENDANCE_CLASS} and objid = (entered % 2147483648)::bigint::oid
    and objsubid = 2 and granted
    and database = (select oid from pg_database where datname = current_database()))`

/**
 * To each chat of a page its revision: text, because the three numbers mean something only together. `offset 0` keeps
 * PostgreSQL from turning the lookups into a join over all chats, which it prefers where it does not know the limit.
 */
const WITH_REVISION = `cross join lateral (
  select chat.chat_id, chat.ordinal, chat.revision || '.' || bot.revision || '.' || workspace.revision as revision
  from chat
  join bot on bot.workspace_id = $1 and bot.id = chat.bot_id
  join workspace on workspace.id = $1
  where chat.workspace_id = $1 and chat.chat_id = page.chat_id and chat.left_at is null
  offset 0
) as shown`

/**
 * A page and what it passes over, at most. It stands in the text, because PostgreSQL takes a limit that it does not know
 * for a tenth of the table, and reads the whole table to sort it.
 */
const NEARBY_MAX = ORDINALS_PER_BLOCK + PAGE_SIZE_MAX

/** The ids of a list, each once. */
const ASKED = '(select distinct unnest($2::text[]) as chat_id) as asked'

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
