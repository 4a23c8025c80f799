import type { Statement } from '../../database/database.ts'
import type { AddressRow } from '../../database/hot-rows.ts'
import type { Settled } from '../../outbox/settle-callbacks.ts'

/**
 * A batch in one trip to the server. Every part sees the store as it was when the statement began, so each row that it writes
 * is checked against what was seen: `ours` waits for whoever has locked the address, and finds no row that another node has
 * claimed meanwhile. What is due is told by `settled_at`, for else one of the indexes of what is due looks as good as the key.
 */
export const postgresSettle = (batch: readonly Settled[]): Statement<AddressRow> => ({
  sql: SETTLE,
  parameters: [
    batch.map(({ address }) => address.workspaceId),
    batch.map(({ address }) => address.addressId),
    batch.map(({ address }) => address.fence),
    batch.map(({ callback }) => callback.id),
    batch.map(({ callback }) => callback.attempt),
    batch.map(({ callback }) => callback.dueAt),
    batch.map(({ to }) => to.state),
    batch.map(({ to }) => to.attempt),
    batch.map(({ to }) => to.dueAt),
    batch.map(({ to }) => to.faults),
    batch.map(({ to }) => to.settledAt),
    batch.map(({ attempt }) => attempt?.startedAt ?? null),
    batch.map(({ attempt }) => attempt?.ms ?? null),
    batch.map(({ attempt }) => attempt?.outcome ?? null),
    batch.map(({ attempt }) => attempt?.status ?? null),
    batch.map(({ attempt }) => attempt?.errorClass ?? null),
    batch.map(({ attempt }) => attempt?.snippet ?? null),
    batch.map(({ attempt }) => attempt?.reason ?? null),
  ],
})

const SETTLE = `
with told as materialized (
  select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::integer[], $6::bigint[], $7::text[],
    $8::integer[], $9::bigint[], $10::integer[], $11::bigint[], $12::bigint[], $13::integer[], $14::text[],
    $15::integer[], $16::text[], $17::text[], $18::text[])
    as told (workspace_id, address_id, fence, id, attempt, due_at, to_state, to_attempt, to_due_at, to_faults,
      to_settled_at, started_at, ms, outcome, status, error_class, snippet, reason)
), ours as materialized (
  select workspace_id, id, fence, base_url, secrets_sealed, state, open_until, ramp, ramp_delivered, exhaustions,
    concurrency
  from callback_address
  where (workspace_id, id, fence) in (select workspace_id, address_id, fence from told)
  order by id for share
), settled as (
  update callback set state = told.to_state, attempt = told.to_attempt, due_at = told.to_due_at,
    faults = told.to_faults, settled_at = told.to_settled_at
  from told join ours on ours.workspace_id = told.workspace_id and ours.id = told.address_id
  where callback.workspace_id = told.workspace_id and callback.id = told.id and callback.settled_at is null
    and callback.attempt = told.attempt and callback.due_at = told.due_at
  returning callback.workspace_id, callback.id
), noted as (
  insert into attempt (workspace_id, callback_id, n, started_at, ms, outcome, status, error_class, snippet, reason)
  select told.workspace_id, told.id,
    (select coalesce(max(n), 0) + 1 from attempt as before
      where before.workspace_id = told.workspace_id and before.callback_id = told.id),
    started_at, ms, outcome, status, error_class, snippet, reason
  from settled join told on told.workspace_id = settled.workspace_id and told.id = settled.id
  where told.outcome is not null
)
select * from ours`
