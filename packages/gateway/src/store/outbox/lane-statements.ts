import { alike, type Both } from '../database/both-dialects.ts'
import type { Statement } from '../database/database.ts'
import type { AttemptRow, BreakerRow, WaitingAddressRow } from '../database/hot-rows.ts'
import { bodyOf, firstOf, headOf } from '../dialect/postgres/first-of-lane.ts'
import { postgresSettleDelivered, type WorkRow } from '../dialect/postgres/settle-delivered.ts'
import { isClaimed } from './claimed-lane.ts'
import type { Claim, Delivered, HeadRow, Lane, LaneKey } from './lane.ts'

/** Given back already, it is nobody's: what its last courier repeats changes nothing. */
const MINE = `workspace_id = $1 and address_id = $2 and lane_key = $3 and token = $4 and ${isClaimed('owner')}`

/** Takes up to `limit` due lanes of the address that nobody has claimed, those first that have waited longest. */
export const claimLanes: Both<
  (claim: Omit<LaneKey, 'laneKey'> & Claim) => Statement<Pick<Lane, 'laneKey' | 'fence'>>
> = {
  sqlite: ({ workspaceId, addressId, nodeId, now, leaseUntil, limit }) => ({
    sql: `update lane set owner = ?3, lease_until = ?4, token = token + 1
      where workspace_id = ?1 and address_id = ?2 and lane_key in (
        select lane_key from lane
        where workspace_id = ?1 and address_id = ?2 and due_at <= ?5 and owner is null
        order by due_at limit ?6)
      returning lane_key as "laneKey", token as fence`,
    parameters: [workspaceId, addressId, nodeId, leaseUntil, now, limit],
  }),
  // Passes over what others are claiming at this moment. They are picked once and for all (`materialized`): as a subquery
  // they may be picked anew for each lane that they are joined to, and each time others, because the first ones are taken.
  // The lanes are found again by the keys that were picked and by nothing else: with the address or the workspace at hand a
  // plan that was made early reads all of its lanes. And where it does not know the limit PostgreSQL expects a tenth of
  // what is due, and reads the table to join it.
  postgres: ({ addressId, nodeId, now, leaseUntil, limit, inFlightMax }) => ({
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
      returning lane.lane_key as "laneKey", lane.token as fence`,
    parameters: [addressId, nodeId, leaseUntil, now, limit, inFlightMax],
  }),
}

/** The addresses with a due lane that nobody works on, by id. */
export const waitingAddresses: Both<(now: number) => Statement<WaitingAddressRow>> = {
  sqlite: now => ({
    sql: `select workspace_id, id, base_url, state, open_until, ramp, ramp_delivered, concurrency
      from callback_address
      where base_url is not null and exists (
        select 1 from lane where lane.workspace_id = callback_address.workspace_id and lane.address_id = callback_address.id
          and lane.due_at <= ?1 and lane.owner is null)
      order by id`,
    parameters: [now],
  }),
  // One probe of an index an address. A plain EXISTS would become a join, which reads every due lane.
  postgres: now => ({
    sql: `select workspace_id, id, base_url, state, open_until, ramp, ramp_delivered, concurrency
      from callback_address as address
      where base_url is not null and (
        select lane.due_at from lane
        where lane.address_id = address.id and lane.due_at <= $1 and lane.owner is null
        order by lane.due_at limit 1) is not null
      order by id`,
    parameters: [now],
  }),
}

/** When, after `now`, the next lane that nobody works on falls due. */
export const nextLaneDueAt: Both<(now: number) => Statement<{ due_at: number }>> = alike(
  'select due_at from lane where due_at > $1 and due_at >= 0 and owner is null order by due_at limit 1',
  now => [now],
)

/** For writes: where several write at once, it locks the address's row until the write ends. */
export const lockBreaker: Both<(workspaceId: string, addressId: string) => Statement<BreakerRow>> = alike(
  `select base_url, state, open_until, ramp, ramp_delivered, concurrency
    from callback_address where workspace_id = $1 and id = $2`,
  (workspaceId, addressId) => [workspaceId, addressId],
  ' for no key update',
)

/** Where callbacks of the workspace go; nothing while they go nowhere. */
export const callbackAddress: Both<(workspaceId: string) => Statement<{ id: string }>> = alike(
  'select id from callback_address where workspace_id = $1 and base_url is not null limit 1',
  workspaceId => [workspaceId],
)

/** Nothing when the lane is somebody else's by now. New callbacks stand before those that are replayed. */
export const readLane: Both<
  (lane: Lane) => Statement<HeadRow & Pick<BreakerRow, 'state' | 'ramp'> & { readonly gen: number }>
> = {
  // The first of a lane is found before anything is joined to it: joined by its lane, every callback of the workspace
  // would be walked through.
  sqlite: ({ workspaceId, addressId, laneKey, fence }) => ({
    sql: `select lane.gen, ${headOf('callback', 'callback_body', 'callback_address')},
        callback_address.state, callback_address.ramp
      from lane
      join callback_address
        on callback_address.workspace_id = lane.workspace_id and callback_address.id = lane.address_id
      left join callback on callback.workspace_id = lane.workspace_id and callback.id = coalesce(
        (${WAITING} and replay_id is null order by id limit 1), (${WAITING} order by id limit 1))
      left join callback_body on callback_body.workspace_id = callback.workspace_id
        and callback_body.id = callback.body_id
      where lane.workspace_id = ?1 and lane.address_id = ?2 and lane.lane_key = ?3 and lane.token = ?4`,
    parameters: [workspaceId, addressId, laneKey, fence],
  }),
  postgres: ({ workspaceId, addressId, laneKey, fence }) => ({
    sql: READ_LANE,
    parameters: [workspaceId, addressId, laneKey, fence],
  }),
}

/** Keeps the lane for longer, if it is still ours. */
export const keepLane: Both<(lane: Lane, leaseUntil: number) => Statement> = alike(
  `update lane set lease_until = $5 where ${MINE}`,
  (lane, leaseUntil) => [...keyOf(lane), leaseUntil],
)

/** Gives the lane back as it was seen at `gen`, if it is still ours and nothing came since. */
export const releaseLane: Both<
  (lane: Lane, seen: { readonly gen: number; readonly dueAt: number | null }) => Statement
> = alike(
  `update lane set owner = null, lease_until = null, due_at = $6 where ${MINE} and gen = $5`,
  (lane, { gen, dueAt }) => [...keyOf(lane), gen, dueAt],
)

/** Ends a callback that is due and was tried `attempt` times before. */
export const settleCallback: Both<
  (ended: {
    readonly workspaceId: string
    readonly callbackId: number
    readonly attempt: number
    readonly state: 'delivered' | 'parked'
    readonly at: number
  }) => Statement
> = alike(
  `update callback set attempt = $3 + 1, state = $4, settled_at = $5
    where workspace_id = $1 and id = $2 and state = 'due' and attempt = $3`,
  ({ workspaceId, callbackId, attempt, state, at }) => [workspaceId, callbackId, attempt, state, at],
)

/** Counted through, because a replay begins a new round of the same callback. */
export const keepAttempt: Both<(attempt: AttemptRow) => Statement> = alike(
  `insert into attempt
      (workspace_id, callback_id, n, started_at, ms, outcome, status, error_class, snippet, reason)
    values ($1, $2, (select coalesce(max(n), 0) + 1 from attempt where workspace_id = $1 and callback_id = $2),
      $3, $4, $5, $6, $7, $8, $9)`,
  row => [
    row.workspaceId,
    row.callbackId,
    row.startedAt,
    row.ms,
    row.outcome,
    row.status,
    row.errorClass,
    row.snippet,
    row.reason,
  ],
)

/**
 * Everything that follows on a delivery in the usual case, in one statement: the callback is delivered, its attempt kept,
 * the lane shows its next callback or is given back, and then another lane of the address takes its slot and shows its
 * first. No row, and nothing is written, when anything is unusual. Null where the dialect has no such statement.
 */
export const settleDelivered: Both<(delivered: Delivered) => Statement<WorkRow> | null> = {
  // It writes in one statement to one table, and asking it costs no trip to a server.
  sqlite: () => null,
  postgres: postgresSettleDelivered,
}

const keyOf = ({ workspaceId, addressId, laneKey, fence }: Lane) => [workspaceId, addressId, laneKey, fence]

/**
 * SQLite: two questions, because the index knows the order of ids only. Few replayed ones are passed over: of each replay no more
 * than some wait (replays.ts). Left to itself SQLite walks through a workspace, because that is in the order of ids too; and
 * a partial index serves only a condition that is not a parameter.
 */
const WAITING = `select id from callback indexed by callback_lane
  where workspace_id = ?1 and address_id = ?2 and lane_key = ?3 and state = 'due'`

/** An address may have 32 in flight, and a process 64. */
const CLAIMED_MAX = 64

/** PostgreSQL. */
const READ_LANE = `
select lane.gen, ${headOf('next', 'body', 'address')}, address.state, address.ramp
from lane
join callback_address as address on address.workspace_id = $1 and address.id = $2
left join lateral (${firstOf('$3')}) as next on true
left join lateral (${bodyOf('next')}) as body on true
where lane.workspace_id = $1 and lane.address_id = $2 and lane.lane_key = $3 and lane.token = $4`
