import type { WorkspaceId } from '@qunhub/wire'
import type { Queryable } from '../database/database.ts'
import type { HeadRow } from '../database/hot-rows.ts'
import { holdBreaker, inFlightMaxOf } from './breaker.ts'

/**
 * A lane is one room's callbacks to one address: what a courier works on, one callback at a time, in the order of their
 * commits (CB-8).
 *
 * Its row stays when its callbacks are gone, because two numbers on it may never begin again. `token` grows with every
 * claim: whatever a courier writes about a lane is fenced by the token of its claim, so that one which lost the lane
 * changes nothing any more. `gen` grows with every callback that comes: a release says which `gen` it has seen and
 * fails if it is another by now. Without it a callback that comes between the last reading and the release would sleep
 * until the next one comes.
 */
export interface LaneKey {
  readonly workspaceId: WorkspaceId
  readonly addressId: string
  readonly laneKey: string
}

/** A lane in the hands of a courier. */
export interface Lane extends LaneKey {
  readonly token: number
  /** The breaker of its address is not simply closed: what it hears moves the breaker (CB-7). */
  readonly breaker?: 'probe' | 'recovery'
}

/** The oldest callback of a lane that is not settled; those that are replayed stand behind those that are new. */
export interface Head {
  readonly id: number
  readonly webhookId: string
  readonly kind: string
  /** Attempts made so far in this round. */
  readonly attempt: number
  readonly dueAt: number
  /** The replay that made it due again; null in its first life. */
  readonly replayId: string | null
  readonly body: Uint8Array
  /** Where it goes as the lane was read; null when the address was taken away. */
  readonly baseUrl: string | null
  /** Of its address (see `openSecrets`). */
  readonly secretsSealed: Uint8Array
}

/** A lane in our hands and what stands first in it. */
export interface LaneWork {
  readonly lane: Lane
  readonly head: Head
}

/** An address that has a lane to work on now. */
export interface WaitingAddress {
  readonly workspaceId: WorkspaceId
  readonly addressId: string
  /** How many of its callbacks may be in flight (CB-10, CB-7). */
  readonly inFlightMax: number
}

/** An address that has a lane to work on now, unless its breaker is open. */
export interface DueAddress extends WaitingAddress {
  /** Null unless its breaker is open. */
  readonly openUntil: number | null
}

/** Who claims, and until when nobody else takes the lane for abandoned. */
export interface Claim {
  readonly owner: string
  readonly now: number
  readonly leaseUntil: number
  readonly limit: number
  /** How many lanes of the address may be claimed in all, by whichever nodes (CB-10). */
  readonly inFlightMax: number
}

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
  // Held until the write ends: one node after another claims lanes of an address, so that together they do not claim
  // too many.
  const breaker = await holdBreaker(tx, { workspaceId, addressId }, breakerTime)
  const allowed = breaker ? inFlightMaxOf(breaker) : 0
  if (!breaker || allowed === 0) return []
  if (breaker.state === 'half-open') return claimProbe(tx, { workspaceId, addressId }, claim)
  const inFlightMax = breaker.ramp === null ? claim.inFlightMax : Math.min(allowed, claim.inFlightMax)
  const claimed = await tx.all(tx.hot.claimLanes({ workspaceId, addressId, ...claim, inFlightMax }))
  return claimed.map(row => ({
    workspaceId,
    addressId,
    laneKey: row.lane_key,
    token: row.token,
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
  const lane = { workspaceId, addressId, laneKey: claimed.lane_key, token: claimed.token }
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
    laneKey: row.lane_key,
    token: row.token,
    breaker: 'probe',
  }))
}

/** What stands first in a lane, as it was seen at its `gen`. */
export interface LaneReading {
  readonly gen: number
  /** Whether the address may be sent nothing at present (but a probe). */
  readonly isHeld: boolean
  /** Whether it recovers (CB-7): not all that it may have at once is in flight. */
  readonly isRecovering: boolean
  readonly head: Head | null
}

/** Undefined when the lane is somebody else's by now. */
export async function readLane(db: Queryable, lane: Lane): Promise<LaneReading | undefined> {
  const seen = await db.first(db.hot.readLane(lane))
  if (!seen) return undefined
  return {
    gen: seen.gen,
    isHeld: seen.base_url === null || seen.state !== 'closed',
    isRecovering: seen.ramp !== null,
    head: toHead(seen),
  }
}

export const toHead = (row: HeadRow): Head | null =>
  row.id === null
    ? null
    : {
        id: row.id,
        webhookId: row.webhook_id,
        kind: row.kind,
        attempt: row.attempt,
        dueAt: row.due_at,
        replayId: row.replay_id,
        body: row.bytes,
        baseUrl: row.base_url,
        secretsSealed: row.secrets_sealed,
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

/** Holds the lane for longer. False when it is somebody else's by now: then nothing may be written about it. */
export async function keepLane(tx: Queryable, lane: Lane, leaseUntil: number): Promise<boolean> {
  return (await tx.run(tx.hot.keepLane(lane, leaseUntil))) === 1
}

/** Frees the lanes that `owner` holds, but those that it works on. */
export async function freeLanesOf(tx: Queryable, owner: string, working: readonly Lane[]): Promise<void> {
  const keyOf = (workspaceId: string, addressId: string, laneKey: string) =>
    `${workspaceId} ${addressId} ${laneKey}`
  const kept = new Set(
    working.map(({ workspaceId, addressId, laneKey }) => keyOf(workspaceId, addressId, laneKey)),
  )
  const held = await tx.all(
    tx.query
      .selectFrom('lane')
      .select(['workspace_id', 'address_id', 'lane_key', 'token'])
      .where('owner', '=', owner)
      .compile(),
  )
  for (const { workspace_id, address_id, lane_key, token } of held) {
    if (kept.has(keyOf(workspace_id, address_id, lane_key))) continue
    const lane = {
      workspaceId: workspace_id as WorkspaceId,
      addressId: address_id,
      laneKey: lane_key,
      token,
    }
    await tx.run(mine(tx, lane).set({ owner: null, lease_until: null }).compile())
  }
}

const mine = (tx: Queryable, { workspaceId, addressId, laneKey, token }: Lane) =>
  tx.query
    .updateTable('lane')
    .where('workspace_id', '=', workspaceId)
    .where('address_id', '=', addressId)
    .where('lane_key', '=', laneKey)
    .where('token', '=', token)
    // Given back already, it is nobody's: what its last holder repeats changes nothing. In the words of `held-lane.ts`.
    .where(eb => eb(eb.fn.coalesce('owner', eb.val('')), '<>', ''))
