/**
 * The breaker of an address (CB-7): whether it is sent anything at all. It lives in the address's row, so that it is
 * one breaker for all nodes and survives their ends.
 *
 * `closed`: callbacks are sent. Whoever uses up its retries is noted; EXHAUSTIONS_MAX of them within EXHAUSTIONS_WINDOW_MS
 * open it. `open`: nothing is sent, everything is held, until OPEN_MS have passed. Then the first claim makes it
 * `half-open`: one callback is in flight at a time, of the room that has waited longest. What becomes of it closes the
 * breaker or opens it again; a final refusal such as 410 does neither, and the next room's callback is the probe.
 * Closed anew, it starts with one callback in flight, and twice as many after every RAMP_STEP_DELIVERED.
 *
 * All changes happen while the address's row is locked, so that nodes agree. `now` is the store's own clock where nodes
 * share one (store-time.ts).
 */
import type { WorkspaceId } from '@qunhub/wire'
import { MINUTE_MS } from '../../system/clock.ts'
import type { Database, Queryable } from '../database/database.ts'
import type { BreakerRow } from '../database/hot-rows.ts'
import type { LaneKey } from './lane.ts'

export const EXHAUSTIONS_MAX = 10
export const EXHAUSTIONS_WINDOW_MS = 3 * MINUTE_MS
export const OPEN_MS = 30 * MINUTE_MS
export const RAMP_STEP_DELIVERED = 10

export type AddressKey = Pick<LaneKey, 'workspaceId' | 'addressId'>
export type BreakerChange = 'opened' | 'closed'

export type Breaker = BreakerRow

/** How many may be in flight now (CB-10, CB-7); 0 while nothing may be sent. */
export function inFlightMaxOf({ base_url, state, ramp, concurrency }: Breaker): number {
  if (base_url === null) return 0
  switch (state) {
    case 'closed':
      return Math.min(ramp ?? concurrency, concurrency)
    case 'open':
      return 0
    case 'half-open':
      return 1
    default:
      return state satisfies never
  }
}

/** Whether an open breaker stays so. One that would for longer than any is open was opened before a clock was set back. */
export const isShut = (openUntil: number, now: number): boolean =>
  openUntil > now && openUntil <= now + OPEN_MS

/**
 * The breaker as it is now, its row locked until the write ends: open for long enough it becomes half-open, and one
 * that would be open for longer than any breaker is, because a clock was set back, opens for its usual time. What `time`
 * it is by the store's clock is asked of an open one only, because it may cost a trip to the store; whether it is open is
 * known only here, under the lock, for another node may just have opened it.
 */
export async function lockBreaker(
  tx: Queryable,
  address: AddressKey,
  time: () => Promise<number>,
): Promise<Breaker | undefined> {
  const breaker = await lockRow(tx, address)
  if (breaker?.state !== 'open' || breaker.open_until === null) return breaker
  const now = await time()
  if (isShut(breaker.open_until, now)) return breaker
  if (breaker.open_until > now) return change(tx, address, breaker, { open_until: now + OPEN_MS })
  return change(tx, address, breaker, { state: 'half-open', open_until: null })
}

/** A callback used up its retries. Says when that opened the breaker. */
export async function noteExhaustion(
  tx: Queryable,
  { workspaceId, addressId }: AddressKey,
  callbackId: number,
  now: number,
): Promise<BreakerChange | null> {
  const breaker = await lockRow(tx, { workspaceId, addressId })
  // What was still in flight when it opened changes nothing any more.
  if (breaker?.state !== 'closed') return null
  const row = { workspace_id: workspaceId, address_id: addressId, callback_id: callbackId, at: now }
  await tx.run(
    tx.query
      .insertInto('exhaustion')
      .values(row)
      .onConflict(conflict => conflict.doNothing())
      .compile(),
  )
  await forgetExhaustions(tx, { workspaceId, addressId }, 'before', now - EXHAUSTIONS_WINDOW_MS)
  // Noted before the clock was set back, and for as long as it takes to catch up they would count.
  await forgetExhaustions(tx, { workspaceId, addressId }, 'after', now + EXHAUSTIONS_WINDOW_MS)
  const counted = await tx.first(
    tx.query
      .selectFrom('exhaustion')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('workspace_id', '=', workspaceId)
      .where('address_id', '=', addressId)
      .compile(),
  )
  if (Number(counted!.count) < EXHAUSTIONS_MAX) return null
  return openBreaker(tx, { workspaceId, addressId }, breaker, now)
}

/** What the probe heard decides. Says what it decided; null when somebody had decided before, such as an operator. */
export async function noteProbe(
  tx: Queryable,
  address: AddressKey,
  delivered: boolean,
  now: number,
): Promise<BreakerChange | null> {
  const breaker = await lockRow(tx, address)
  if (breaker?.state !== 'half-open') return null
  if (!delivered) return openBreaker(tx, address, breaker, now)
  return closeBreaker(tx, address, breaker)
}

/** A callback was delivered while the address recovers: after enough of them it is given twice as many at once. */
export async function noteRecovery(tx: Queryable, address: AddressKey): Promise<void> {
  const breaker = await lockRow(tx, address)
  if (breaker?.state !== 'closed' || breaker.ramp === null) return
  if (breaker.ramp_delivered + 1 < RAMP_STEP_DELIVERED) {
    await change(tx, address, breaker, { ramp_delivered: breaker.ramp_delivered + 1 })
    return
  }
  const ramp = breaker.ramp * 2
  await change(tx, address, breaker, { ramp: ramp < breaker.concurrency ? ramp : null, ramp_delivered: 0 })
}

/**
 * An operator knows better: it is closed now, and recovers step by step. False when it was closed anyway, undefined when
 * the workspace has no address.
 */
export function resumeAddress(db: Database, workspaceId: WorkspaceId): Promise<boolean | undefined> {
  return db.write(async tx => {
    const found = await tx.first(tx.hot.callbackAddress(workspaceId))
    if (!found) return undefined
    const address = { workspaceId, addressId: found.id }
    const breaker = (await lockRow(tx, address))!
    if (breaker.state === 'closed') return false
    await closeBreaker(tx, address, breaker)
    return true
  })
}

/** Another receiver stands there now, and is not to blame for what the former one did: there is nothing to recover from. */
export async function forgetBreaker(tx: Queryable, address: AddressKey): Promise<void> {
  await forgetExhaustions(tx, address)
  await set(tx, address, { state: 'closed', open_until: null, ramp: null, ramp_delivered: 0 })
}

async function openBreaker(
  tx: Queryable,
  address: AddressKey,
  breaker: Breaker,
  now: number,
): Promise<BreakerChange> {
  await forgetExhaustions(tx, address)
  await change(tx, address, breaker, {
    state: 'open',
    open_until: now + OPEN_MS,
    ramp: null,
    ramp_delivered: 0,
  })
  return 'opened'
}

async function closeBreaker(tx: Queryable, address: AddressKey, breaker: Breaker): Promise<BreakerChange> {
  await forgetExhaustions(tx, address)
  const ramp = breaker.concurrency > 1 ? 1 : null
  await change(tx, address, breaker, { state: 'closed', open_until: null, ramp, ramp_delivered: 0 })
  return 'closed'
}

async function change(
  tx: Queryable,
  address: AddressKey,
  breaker: Breaker,
  to: Partial<Breaker>,
): Promise<Breaker> {
  await set(tx, address, to)
  return { ...breaker, ...to }
}

const set = (tx: Queryable, { workspaceId, addressId }: AddressKey, to: Partial<Breaker>): Promise<number> =>
  tx.run(
    tx.query
      .updateTable('callback_address')
      .set(to)
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', addressId)
      .compile(),
  )

async function forgetExhaustions(
  tx: Queryable,
  { workspaceId, addressId }: AddressKey,
  which: 'before' | 'after' = 'before',
  at = Number.MAX_SAFE_INTEGER,
): Promise<void> {
  await tx.run(
    tx.query
      .deleteFrom('exhaustion')
      .where('workspace_id', '=', workspaceId)
      .where('address_id', '=', addressId)
      .where('at', which === 'before' ? '<' : '>', at)
      .compile(),
  )
}

const lockRow = (tx: Queryable, { workspaceId, addressId }: AddressKey): Promise<Breaker | undefined> =>
  tx.first(tx.hot.lockBreaker(workspaceId, addressId))
