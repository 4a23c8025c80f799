import type { WorkspaceId } from '@qunhub/wire'
import type { Queryable } from '../database/database.ts'
import { inFlightMaxOf, lockBreaker } from './breaker.ts'
import { type Claim, type DueAddress, type Lane, type LaneKey, type LaneReading, toHead } from './lane.ts'

/** Makes the lane due at `at`, or leaves it due earlier, and tells a release that something came. */
export async function stirLane(
  tx: Queryable,
  { workspaceId, addressId, laneKey }: LaneKey,
  at: number,
): Promise<void> {
  await tx.run(tx.hot.stirLane(workspaceId, addressId, laneKey, at))
}

/** The addresses with a due lane that nobody works on, by id. One probe of an index an address, however many lanes are due. */
export async function waitingAddresses(db: Queryable, now: number): Promise<DueAddress[]> {
  const rows = await db.all(db.hot.waitingAddresses(now))
  return rows.map(row => ({
    workspaceId: row.workspace_id as WorkspaceId,
    addressId: row.id,
    // An open one that has waited long enough may send its probe.
    inFlightMax: row.state === 'open' ? 1 : inFlightMaxOf(row),
    openUntil: row.state === 'open' ? row.open_until : null,
  }))
}

/** When, after `now`, the next lane that nobody works on falls due; null when none will. */
export async function nextLaneDueAt(db: Queryable, now: number): Promise<number | null> {
  const next = await db.first(db.hot.nextLaneDueAt(now))
  return next?.due_at ?? null
}

/**
 * Takes up to `limit` due lanes of the address, those first that have waited longest, and no more than its breaker
 * allows (CB-7). `breakerTime` asks the store's clock.
 */
export async function claimLanes(
  tx: Queryable,
  { workspaceId, addressId }: Pick<LaneKey, 'workspaceId' | 'addressId'>,
  claim: Claim,
  breakerTime: () => Promise<number> = async () => claim.now,
): Promise<Lane[]> {
  // Locked until the write ends: one node after another claims lanes of an address, so that together they do not claim
  // too many.
  const breaker = await lockBreaker(tx, { workspaceId, addressId }, breakerTime)
  const allowed = breaker ? inFlightMaxOf(breaker) : 0
  if (!breaker || allowed === 0) return []
  if (breaker.state === 'half-open') return claimProbe(tx, { workspaceId, addressId }, claim)
  const inFlightMax = breaker.ramp === null ? claim.inFlightMax : Math.min(allowed, claim.inFlightMax)
  const claimed = await tx.all(tx.hot.claimLanes({ workspaceId, addressId, ...claim, inFlightMax }))
  return claimed.map(row => ({
    workspaceId,
    addressId,
    ...row,
    ...(breaker.ramp === null ? {} : { breaker: 'recovery' as const }),
  }))
}

/**
 * For whoever has just given a lane of this address back in the same write: the one that has waited longest takes its
 * slot, so that as many are in flight as before, and nobody need be asked. Null when none is due.
 */
export async function claimForSlotOf(
  tx: Queryable,
  { workspaceId, addressId, breaker }: Lane,
  claim: Omit<Claim, 'limit' | 'inFlightMax'>,
): Promise<Lane | null> {
  const unbounded = { limit: 1, inFlightMax: Number.MAX_SAFE_INTEGER }
  const [claimed] = await tx.all(tx.hot.claimLanes({ workspaceId, addressId, ...claim, ...unbounded }))
  if (!claimed) return null
  const lane = { workspaceId, addressId, ...claimed }
  return breaker === undefined ? lane : { ...lane, breaker }
}

/**
 * The lane that has waited longest; none while another probe is in flight. One whose probe failed stands behind the
 * others, so that a single callback to which a receiver always answers 500 cannot keep its address shut.
 */
async function claimProbe(
  tx: Queryable,
  { workspaceId, addressId }: Pick<LaneKey, 'workspaceId' | 'addressId'>,
  claim: Claim,
): Promise<Lane[]> {
  const inFlight = await tx.first(
    tx.query
      .selectFrom('lane')
      .select('lane_key')
      .where('workspace_id', '=', workspaceId)
      .where('address_id', '=', addressId)
      .where('owner', 'is not', null)
      .limit(1)
      .compile(),
  )
  if (inFlight) return []
  const claimed = await tx.all(
    tx.hot.claimLanes({ workspaceId, addressId, ...claim, limit: 1, inFlightMax: 1 }),
  )
  return claimed.map(row => ({
    workspaceId,
    addressId,
    ...row,
    breaker: 'probe',
  }))
}

/** Undefined when the lane is somebody else's by now. */
export async function readLane(db: Queryable, lane: Lane): Promise<LaneReading | undefined> {
  const seen = await db.first(db.hot.readLane(lane))
  if (!seen) return undefined
  const { gen, state, ramp, ...head } = seen
  return {
    gen,
    isHeld: head.baseUrl === null || state !== 'closed',
    isRecovering: ramp !== null,
    head: toHead(head),
  }
}

/**
 * Gives the lane back, due again at `dueAt`, or with nothing due (null). False, and nothing is given back, when a
 * callback came since `gen` was seen, or when the lane is somebody else's by now: read it again.
 */
export async function releaseLane(
  tx: Queryable,
  lane: Lane,
  seen: { gen: number; dueAt: number | null },
): Promise<boolean> {
  return (await tx.run(tx.hot.releaseLane(lane, seen))) === 1
}

/** Keeps the lane for longer. False when it is somebody else's by now: then nothing may be written about it. */
export async function keepLane(tx: Queryable, lane: Lane, leaseUntil: number): Promise<boolean> {
  return (await tx.run(tx.hot.keepLane(lane, leaseUntil))) === 1
}

/** Frees the lanes that the node has claimed, but those that it works on. */
export async function freeLanesOf(tx: Queryable, nodeId: string, working: readonly Lane[]): Promise<void> {
  const keyOf = (workspaceId: string, addressId: string, laneKey: string) =>
    `${workspaceId} ${addressId} ${laneKey}`
  const kept = new Set(
    working.map(({ workspaceId, addressId, laneKey }) => keyOf(workspaceId, addressId, laneKey)),
  )
  const theirs = await tx.all(
    tx.query
      .selectFrom('lane')
      .select(['workspace_id', 'address_id', 'lane_key', 'token'])
      .where('owner', '=', nodeId)
      .compile(),
  )
  for (const { workspace_id, address_id, lane_key, token } of theirs) {
    if (kept.has(keyOf(workspace_id, address_id, lane_key))) continue
    const lane = {
      workspaceId: workspace_id as WorkspaceId,
      addressId: address_id,
      laneKey: lane_key,
      fence: token,
    }
    await tx.run(mine(tx, lane).set({ owner: null, lease_until: null }).compile())
  }
}

const mine = (tx: Queryable, { workspaceId, addressId, laneKey, fence }: Lane) =>
  tx.query
    .updateTable('lane')
    .where('workspace_id', '=', workspaceId)
    .where('address_id', '=', addressId)
    .where('lane_key', '=', laneKey)
    .where('token', '=', fence)
    // Given back already, it is nobody's: what its last courier repeats changes nothing. In the words of `claimed-lane.ts`.
    .where(eb => eb(eb.fn.coalesce('owner', eb.val('')), '<>', ''))
