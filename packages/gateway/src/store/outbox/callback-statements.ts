import { alike, type Both, unseen } from '../database/both-dialects.ts'
import type { Statement } from '../database/database.ts'
import type { AddressRow, FirstOfRoom, NewsRow, Owed, RoomKey } from '../database/hot-rows.ts'
import { postgresSettle } from '../dialect/postgres/settle-callbacks.ts'
import type { AddressKey } from './breaker-row.ts'
import type { Settled } from './settle-callbacks.ts'

const ADDRESS = `workspace_id, id, fence, base_url, secrets_sealed, state, open_until, ramp, ramp_delivered,
  exhaustions, concurrency`

/** What the node runs; where nobody shares the store, everything. Of these workspaces, or of all. */
export const addressesOf: Both<
  (nodeId: string, workspaceIds: readonly string[] | null) => Statement<AddressRow>
> = {
  sqlite: (_nodeId, workspaceIds) =>
    workspaceIds === null
      ? { sql: `select ${ADDRESS} from callback_address`, parameters: [] }
      : {
          sql: `select ${ADDRESS} from callback_address where workspace_id in (select value from json_each(?1))`,
          parameters: [JSON.stringify(workspaceIds)],
        },
  postgres: (nodeId, workspaceIds) =>
    workspaceIds === null
      ? { sql: `select ${ADDRESS} from callback_address where node_id = $1`, parameters: [nodeId] }
      : {
          sql: `select ${ADDRESS} from callback_address where workspace_id = any($2::text[]) and node_id = $1`,
          parameters: [nodeId, workspaceIds],
        },
}

/** For writes: where several write at once, it locks the address's row until the write ends. */
export const lockAddress: Both<(workspaceId: string, addressId: string) => Statement<AddressRow>> = alike(
  `select ${ADDRESS} from callback_address where workspace_id = $1 and id = $2`,
  (workspaceId, addressId) => [workspaceId, addressId],
  ' for no key update',
)

/**
 * In which rooms something is owed behind the callback `after`, and what is replayed. A workspace has one address, so the
 * index of its states has what is due in the order of ids.
 */
export const newsOf: Both<
  (asked: readonly (AddressKey & { readonly after: number })[], limit: number) => Statement<NewsRow>[]
> = {
  sqlite: (asked, limit) =>
    asked.map(({ workspaceId, addressId, after }) => ({
      sql: SQLITE_NEWS,
      parameters: [workspaceId, addressId, after, limit],
    })),
  postgres: (asked, limit) => [
    {
      sql: POSTGRES_NEWS,
      parameters: [
        asked.map(({ workspaceId }) => workspaceId),
        asked.map(({ addressId }) => addressId),
        asked.map(({ after }) => after),
        limit,
      ],
    },
  ],
}

const newsWhere = (key: string, after: string, limit: string, indexed: (name: string) => string): string => `
  select * from (
    select address_id as "addressId", lane_key as "laneKey", id, 0 as replayed from callback ${indexed('callback_state')}
    where ${key} and state = 'due' and id > ${after} order by id limit ${limit}) as limited
  union all
  select * from (
    select address_id, lane_key, id, 1 from callback ${indexed('callback_replayed')}
    where ${key} and replay_id is not null and replay_id > '' and state = 'due' limit ${limit}) as limited`

const SQLITE_NEWS = newsWhere(
  'workspace_id = ?1 and address_id = ?2',
  '?3',
  '?4',
  name => `indexed by ${name}`,
)

const POSTGRES_NEWS = `
select news.*
from unnest(${unseen('$1::text[]', '$2::text[]', '$3::bigint[]')}) as asked (workspace_id, address_id, after)
cross join lateral (${newsWhere(
  'workspace_id = asked.workspace_id and address_id = asked.address_id',
  'asked.after',
  unseen('$4::bigint'),
  () => '',
)}
) as news
order by news.id`

/**
 * What is owed behind the callback `after`, with its body. Null where callbacks of different rooms become visible in another order
 * than their ids grow, for then something older of a room may have been missed.
 */
export const owedBehind: Both<(address: AddressKey, after: number, limit: number) => Statement<Owed> | null> =
  {
    sqlite: ({ workspaceId, addressId }, after, limit) => ({
      sql: SQLITE_OWED,
      parameters: [workspaceId, addressId, after, limit],
    }),
    postgres: () => null,
  }

const FACTS = `id, webhook_id as "webhookId", lane_key as "laneKey", kind, attempt, due_at as "dueAt", faults,
      replay_id as "replayId", body_id as "bodyId"`

const SQLITE_OWED = `
select held.*, bytes, length(bytes) as "bodyBytes"
from (
    select ${FACTS} from callback indexed by callback_state
    where workspace_id = ?1 and address_id = ?2 and state = 'due' and id > ?3 order by id limit ?4) as held
join callback_body on callback_body.workspace_id = ?1 and callback_body.id = held."bodyId"
order by held.id`

/**
 * What stands first in rooms of addresses: what is new, what is replayed, and what waits, of each so many; with the bodies that
 * are no longer than `bytesMax`.
 */
export const firstOfRooms: Both<
  (
    rooms: readonly RoomKey[],
    limits: { readonly ofRoom: number; readonly bytesMax: number },
    exhausted: number,
  ) => Statement<FirstOfRoom>[]
> = {
  sqlite: (rooms, { ofRoom, bytesMax }, exhausted) =>
    rooms.map(({ workspaceId, addressId, laneKey }) => ({
      sql: SQLITE_FIRST,
      parameters: [workspaceId, addressId, laneKey, ofRoom, exhausted, bytesMax],
    })),
  postgres: (rooms, { ofRoom, bytesMax }, exhausted) => [
    {
      sql: POSTGRES_FIRST,
      parameters: [
        rooms.map(({ workspaceId }) => workspaceId),
        rooms.map(({ addressId }) => addressId),
        rooms.map(({ laneKey }) => laneKey),
        ...[ofRoom, exhausted, bytesMax],
      ],
    },
  ],
}

const firstWhere = (lane: string, exhausted: string, limit: string): string =>
  [
    `replay_id is null and attempt < ${exhausted}`,
    `replay_id is null and attempt >= ${exhausted}`,
    // Not in the words of `callback_replayed`, which knows no rooms.
    `coalesce(replay_id, '') <> ''`,
  ]
    .map(
      which => `select * from (
    select ${FACTS}
    from ${lane} and state = 'due' and ${which} order by id limit ${limit}) as limited`,
    )
    .join('\n  union all\n  ')

const SQLITE_FIRST = `
select held.*, ?2 as "addressId", length(bytes) as "bodyBytes", case when length(bytes) <= ?6 then bytes end as bytes
from (${firstWhere(
  'callback indexed by callback_lane where workspace_id = ?1 and address_id = ?2 and lane_key = ?3',
  '?5',
  '?4',
)}) as held
join callback_body on callback_body.workspace_id = ?1 and callback_body.id = held."bodyId"`

const POSTGRES_FIRST = `
select held.*, room.address_id as "addressId", octet_length(body.bytes) as "bodyBytes",
  case when octet_length(body.bytes) <= $6 then body.bytes end as bytes
from unnest(${unseen('$1::text[]', '$2::text[]', '$3::text[]')}) as room (workspace_id, address_id, room_key)
cross join lateral (${firstWhere('callback where address_id = room.address_id and lane_key = room.room_key', unseen('$5::integer'), unseen('$4::bigint'))}
) as held
join lateral (
  select bytes from callback_body where workspace_id = room.workspace_id and id = held."bodyId" limit 1) as body on true`

/** What becomes of the callbacks of an address, whose row is locked. */
export const settle: Both<(batch: readonly Settled[]) => Statement[]> = {
  sqlite: batch =>
    batch.flatMap(({ address: { workspaceId }, callback, to, attempt }) => [
      // First, because it is the attempt of what has not been settled yet.
      ...(attempt === null
        ? []
        : [
            {
              sql: SQLITE_NOTE,
              parameters: [
                ...[workspaceId, callback.id, callback.attempt, callback.dueAt],
                ...[attempt.startedAt, attempt.ms, attempt.outcome, attempt.status, attempt.errorClass],
                ...[attempt.snippet, attempt.reason],
              ],
            },
          ]),
      {
        sql: SQLITE_SETTLE,
        parameters: [
          ...[workspaceId, callback.id, callback.attempt, callback.dueAt],
          ...[to.state, to.attempt, to.dueAt, to.faults, to.settledAt],
        ],
      },
    ]),
  postgres: batch => [postgresSettle(batch)],
}

/**
 * The same and the check of the fence in one statement, with its own commit; each row is an address that is still ours, as
 * it is now. Null where the dialect has no such statement.
 */
export const settleAtOnce: Both<(batch: readonly Settled[]) => Statement<AddressRow> | null> = {
  // It asks without a trip to a server, and its writes share their commit anyway.
  sqlite: () => null,
  postgres: postgresSettle,
}

const AS_SEEN = `workspace_id = ?1 and id = ?2 and state = 'due' and attempt = ?3 and due_at = ?4`
const SQLITE_SETTLE = `update callback set state = ?5, attempt = ?6, due_at = ?7, faults = ?8, settled_at = ?9
  where ${AS_SEEN}`
/** Counted through, because a replay begins a new round of the same callback. */
const SQLITE_NOTE = `insert into attempt
    (workspace_id, callback_id, n, started_at, ms, outcome, status, error_class, snippet, reason)
  select workspace_id, id,
    (select coalesce(max(n), 0) + 1 from attempt where workspace_id = ?1 and callback_id = ?2),
    ?5, ?6, ?7, ?8, ?9, ?10, ?11
  from callback where ${AS_SEEN}`
