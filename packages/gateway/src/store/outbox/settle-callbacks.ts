/**
 * What became of callbacks, written in batches: each attempt, the state that follows from it, and what it means for the
 * breaker of the address. Under the fence: of an address that another node runs by now nothing is written.
 *
 * A batch that was cut off may have been kept all the same. Told again, what it says of a callback finds it as it left it,
 * and changes nothing.
 */
import { type BreakerChange, type BreakerEvent, changeOf, moveBreaker } from '../../model/breaker.ts'
import type { CallbackState } from '../../model/callback.ts'
import type { Database, Queryable } from '../database/database.ts'
import type { AddressRow, AttemptMade, Held } from '../database/hot-rows.ts'
import { noteAccepted } from './accepted-kinds.ts'
import { keepBreaker, lockAddress, toBreaker } from './breaker-row.ts'
import { type AddressTenure, type RunAddress, toRunAddress } from './run-address.ts'

/** What becomes of a callback, as it was seen: of one that has been changed meanwhile nothing is written. */
export interface Settled {
  readonly address: AddressTenure
  readonly callback: Pick<Held, 'id' | 'attempt' | 'dueAt'>
  readonly to: {
    readonly state: CallbackState
    readonly attempt: number
    readonly dueAt: number
    readonly faults: number
    readonly settledAt: number | null
  }
  /** Null when there was none. */
  readonly attempt: AttemptMade | null
  /** What the breaker hears of it; null when nothing. */
  readonly tells: BreakerEvent | null
  /** Its base has taken a callback of this kind for the first time, as far as is known here. */
  readonly accepted: { readonly baseUrl: string; readonly kind: string } | null
}

/** An address as it is after the batch; undefined when another node runs it by now, and nothing was written of it. */
export interface AfterBatch {
  readonly address: RunAddress | undefined
  readonly change: BreakerChange | null
}

/** So many at once; more wait for the next batch. */
export const SETTLED_AT_ONCE_MAX = 200

/**
 * Writes a batch, and says of each address how it is now. `breakerTime` asks the store's clock; it is asked only where a
 * breaker may change. All or nothing. `patient`: nobody waits for it.
 */
export async function settleCallbacks(
  db: Database,
  batch: readonly Settled[],
  breakerTime: (tx: Queryable) => Promise<number>,
  patient = false,
): Promise<ReadonlyMap<string, AfterBatch>> {
  const isUsual = batch.every(({ tells, accepted }) => tells === null && accepted === null)
  const statement = isUsual ? db.hot.settleAtOnce(batch) : null
  if (statement) return afterUsual(batch, await db.writeAtOnce(statement))
  return db.write(
    async tx => {
      const after = new Map<string, AfterBatch>()
      // Always in the same order, for another batch may lock the same ones.
      for (const [addressId, ofAddress] of [...byAddress(batch)].toSorted(([one], [other]) =>
        one < other ? -1 : 1,
      ))
        after.set(addressId, await settleOf(tx, ofAddress, breakerTime))
      return after
    },
    { patient: patient && isUsual },
  )
}

async function settleOf(
  tx: Queryable,
  batch: readonly Settled[],
  breakerTime: (tx: Queryable) => Promise<number>,
): Promise<AfterBatch> {
  const { address } = batch[0]!
  const row = await lockAddress(tx, address)
  if (row?.fence !== address.fence) return { address: undefined, change: null }
  const events: BreakerEvent[] = []
  for (const one of batch) if (one.tells && (await isAsSeen(tx, one))) events.push(one.tells)
  for (const { sql, parameters } of tx.hot.settle(batch)) await tx.run({ sql, parameters })

  const before = toBreaker(row)
  const now = events.length > 0 ? await breakerTime(tx) : 0
  const breaker = events.reduce((state, event) => moveBreaker(state, event, now, row.concurrency), before)
  if (breaker !== before) await keepBreaker(tx, row, breaker)
  for (const { accepted, to } of batch)
    if (accepted) await noteAccepted(tx, address, { ...accepted, at: to.settledAt ?? 0 })
  return { address: { ...toRunAddress(row), breaker }, change: changeOf(before, breaker) }
}

/** Not when it is told a second time, because the first one's commit was cut off and had happened all the same. */
async function isAsSeen(tx: Queryable, { address, callback }: Settled): Promise<boolean> {
  const seen = await tx.first(
    tx.query
      .selectFrom('callback')
      .select(['state', 'attempt', 'due_at'])
      .where('workspace_id', '=', address.workspaceId)
      .where('id', '=', callback.id)
      .compile(),
  )
  return seen?.state === 'due' && seen.attempt === callback.attempt && seen.due_at === callback.dueAt
}

function afterUsual(batch: readonly Settled[], rows: readonly AddressRow[]): ReadonlyMap<string, AfterBatch> {
  const found = new Map(rows.map(row => [row.id, toRunAddress(row)]))
  return new Map(
    batch.map(({ address: { addressId } }) => [addressId, { address: found.get(addressId), change: null }]),
  )
}

function byAddress(batch: readonly Settled[]): ReadonlyMap<string, Settled[]> {
  const parts = new Map<string, Settled[]>()
  for (const one of batch) {
    const part = parts.get(one.address.addressId)
    if (part) part.push(one)
    else parts.set(one.address.addressId, [one])
  }
  return parts
}

/** An open breaker that has been open for long enough is half-open from now on. Undefined when the address is another node's. */
export async function lookAtBreaker(
  db: Database,
  address: RunAddress,
  breakerTime: (tx: Queryable) => Promise<number>,
): Promise<RunAddress | undefined> {
  // Most of the time it is shut, and a write keeps others waiting.
  const now = await breakerTime(db)
  if (moveBreaker(address.breaker, { what: 'looked-at' }, now, address.concurrency) === address.breaker)
    return address
  return db.write(async tx => {
    const row = await lockAddress(tx, address)
    if (row?.fence !== address.fence) return undefined
    const before = toBreaker(row)
    const breaker = moveBreaker(before, { what: 'looked-at' }, await breakerTime(tx), row.concurrency)
    if (breaker !== before) await keepBreaker(tx, row, breaker)
    return { ...toRunAddress(row), breaker }
  })
}
