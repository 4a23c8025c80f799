/**
 * The breaker of an address (model/breaker.ts) as its row keeps it, so that it survives whoever runs the address. All
 * changes happen while the row is locked: an operator may resume it on any node. `now` is the store's own clock where nodes
 * share one (store-time.ts).
 */
import type { WorkspaceId } from '@qunhub/wire'
import { type Breaker, CLOSED, type Exhaustion, moveBreaker } from '../../model/breaker.ts'
import type { Database, Queryable } from '../database/database.ts'
import type { AddressRow, BreakerRow } from '../database/hot-rows.ts'

export interface AddressKey {
  readonly workspaceId: WorkspaceId
  readonly addressId: string
}

export function toBreaker(row: BreakerRow): Breaker {
  switch (row.state) {
    case 'closed':
      return {
        state: 'closed',
        exhaustions: (JSON.parse(row.exhaustions) as [number, number][]).map(toExhaustion),
        ramp: row.ramp === null ? null : { inFlightMax: row.ramp, delivered: row.ramp_delivered },
      }
    case 'open':
      return { state: 'open', until: row.open_until ?? 0 }
    case 'half-open':
      return { state: 'half-open' }
    default:
      return row.state satisfies never
  }
}

/** The address's row, nobody else changes it until the write ends. */
export const lockAddress = (tx: Queryable, { workspaceId, addressId }: AddressKey) =>
  tx.first(tx.hot.lockAddress(workspaceId, addressId))

/**
 * An operator knows better: it is closed now, and recovers step by step. False when it was closed anyway, undefined when
 * the workspace has no address.
 */
export function resumeAddress(db: Database, workspaceId: WorkspaceId): Promise<boolean | undefined> {
  return db.write(async tx => {
    const found = await tx.first(
      tx.query
        .selectFrom('callback_address')
        .select('id')
        .where('workspace_id', '=', workspaceId)
        .where('base_url', 'is not', null)
        .compile(),
    )
    const row = found && (await lockAddress(tx, { workspaceId, addressId: found.id }))
    if (!row) return undefined
    const before = toBreaker(row)
    const after = moveBreaker(before, { what: 'resumed' }, 0, row.concurrency)
    if (after === before) return false
    await keepBreaker(tx, row, after)
    return true
  })
}

/** Another receiver stands there now, and is not to blame for what the former one did: there is nothing to recover from. */
export const forgetBreaker = (tx: Queryable, { workspaceId, addressId }: AddressKey): Promise<void> =>
  keepBreaker(tx, { workspace_id: workspaceId, id: addressId }, CLOSED)

export async function keepBreaker(
  tx: Queryable,
  { workspace_id, id }: Pick<AddressRow, 'workspace_id' | 'id'>,
  breaker: Breaker,
): Promise<void> {
  await tx.run(
    tx.query
      .updateTable('callback_address')
      .set(toRow(breaker))
      .where('workspace_id', '=', workspace_id)
      .where('id', '=', id)
      .compile(),
  )
}

function toRow(breaker: Breaker): Omit<BreakerRow, 'concurrency'> {
  const nothing = { open_until: null, ramp: null, ramp_delivered: 0, exhaustions: '[]' }
  switch (breaker.state) {
    case 'closed': {
      const { exhaustions, ramp } = breaker
      return {
        state: 'closed',
        open_until: null,
        ramp: ramp?.inFlightMax ?? null,
        ramp_delivered: ramp?.delivered ?? 0,
        exhaustions: JSON.stringify(exhaustions.map(({ callbackId, at }) => [callbackId, at])),
      }
    }
    case 'open':
      return { ...nothing, state: 'open', open_until: breaker.until }
    case 'half-open':
      return { ...nothing, state: 'half-open' }
    default:
      return breaker satisfies never
  }
}

const toExhaustion = ([callbackId, at]: readonly [number, number]): Exhaustion => ({ callbackId, at })
