import type { Statement } from '../../database/database.ts'
import { isClaimed } from '../../outbox/claimed-lane.ts'
import type { Delivered, HeadRow, Lane } from '../../outbox/lane.ts'
import { bodyOf, firstOf, headOf } from './first-of-lane.ts'

/** The lane that is worked on next (null: none), and what stands first in it (null: read the lane). */
export type WorkRow = HeadRow &
  (Pick<Lane, 'laneKey' | 'fence'> | { readonly laneKey: null; readonly fence: null })

/**
 * One trip to the server where one step after another takes seven. Every part sees the store as it was when the statement began, so
 * each row that it writes is checked against what was seen:
 *
 * `kept` waits for whoever has locked the lane. If a callback came meanwhile its `gen` is another one, nothing matches, and
 * nothing is written: without this check the wake-up of that callback would be lost.
 *
 * `claimed` takes no lane that anybody has worked on (`token`) or added to (`gen`) since: what was seen to stand first in it
 * may have been delivered, and would be delivered again.
 */
export const postgresSettleDelivered = (row: Delivered): Statement<WorkRow> => ({
  sql: SETTLE_DELIVERED,
  parameters: [
    row.workspaceId,
    row.addressId,
    row.laneKey,
    row.fence,
    row.callbackId,
    row.attempt,
    row.settledAt,
    row.now,
    row.leaseUntil,
    row.mayStay,
    row.mayPassOn,
    row.nodeId,
    row.startedAt,
    row.ms,
    row.status,
    row.snippet,
  ],
})

const SETTLE_DELIVERED = `
with seen as materialized (
  select lane.gen, next.id, next.due_at, next.due_at <= $8 and $10::integer = 1 as stays
  from lane
  join callback_address on callback_address.workspace_id = $1 and callback_address.id = $2
    and base_url is not null and callback_address.state = 'closed' and ramp is null
  left join lateral (${firstOf('$3', '$5')}) as next on true
  where lane.workspace_id = $1 and lane.address_id = $2 and lane.lane_key = $3 and lane.token = $4
    and ${isClaimed('lane.owner')}
), kept as (
  update lane set
    owner = case when stays then lane.owner end,
    lease_until = case when stays then $9::bigint end,
    due_at = case when stays then lane.due_at when seen.id is not null then greatest(seen.due_at, $8) end
  from seen
  where lane.workspace_id = $1 and lane.address_id = $2 and lane.lane_key = $3 and lane.token = $4
    and ${isClaimed('lane.owner')} and lane.gen = seen.gen
  returning coalesce(stays, false) as stays
), settled as (
  update callback set attempt = $6::integer + 1, state = 'delivered', settled_at = $7
  from kept
  where workspace_id = $1 and id = $5 and state = 'due' and attempt = $6::integer
  returning id
), noted as (
  insert into attempt (workspace_id, callback_id, n, started_at, ms, outcome, status, snippet)
  select $1, id, (select coalesce(max(n), 0) + 1 from attempt where workspace_id = $1 and callback_id = $5),
    $13, $14, 'answered', $15, $16
  from settled
), claimed as (
  update lane set owner = $12, lease_until = $9, token = token + 1
  where workspace_id = $1 and address_id = $2 and lane_key = (
    select lane.lane_key
    from lane
    join lane as before on before.workspace_id = lane.workspace_id and before.address_id = lane.address_id
      and before.lane_key = lane.lane_key and before.token = lane.token and before.gen = lane.gen
    where lane.address_id = $2 and lane.due_at <= $8 and lane.owner is null and lane.lane_key <> $3
      and $11::integer = 1 and exists (select 1 from kept where not stays)
    order by lane.due_at limit 1
    for no key update of lane skip locked)
  returning lane_key, token
)
select work.lane_key as "laneKey", work.token as fence, ${headOf('next', 'body', 'address')}
from kept
join callback_address as address on address.workspace_id = $1 and address.id = $2
left join lateral (
  select $3::text as lane_key, $4::bigint as token where kept.stays
  union all select lane_key, token from claimed
) as work on true
left join lateral (${firstOf('work.lane_key', '$5')}) as next on true
left join lateral (${bodyOf('next')}) as body on true`
