import { sql } from 'kysely'
import type { Database, Queryable, Statement } from '../database/database.ts'
import type { AttemptRow } from '../database/hot-rows.ts'
import { type BreakerChange, noteExhaustion, noteProbe, noteRecovery } from './breaker.ts'
import { type Following, type Head, type Lane, type LaneWork, toHead } from './lane.ts'
import { keepLane } from './lanes.ts'

export type AttemptMade = Omit<AttemptRow, 'workspaceId' | 'callbackId'>

/** What becomes of the callback; `at` is when. */
export type Settlement =
  | { readonly settle: 'delivered'; readonly at: number }
  /** `exhausted`: it used up its retries, which the breaker counts (CB-7). */
  | { readonly settle: 'parked'; readonly at: number; readonly exhausted?: boolean }
  | { readonly settle: 'retry'; readonly at: number }

/**
 * Writes down an attempt and what follows from it, for the callback and for the breaker of its address (CB-7): all or
 * nothing. False, and nothing is written, when the lane is somebody else's by now. Otherwise it is ours until
 * `leaseUntil`, and the answer says if the breaker changed. `breakerNow` is the store's clock.
 *
 * A probe that fails uses up no retry: its callback was held, and is held again.
 */
export async function settleAttempt(
  tx: Queryable,
  lane: Lane,
  head: Head,
  {
    attempt,
    settlement,
    leaseUntil,
    breakerNow = settlement.at,
  }: { attempt: AttemptMade; settlement: Settlement; leaseUntil: number; breakerNow?: number },
): Promise<boolean | BreakerChange> {
  if (!(await keepLane(tx, lane, leaseUntil))) return false

  const settled = await tx.run(
    isHeldAgain(lane, settlement)
      ? holdAgain(tx, lane, head, attempt)
      : settleCallback(tx, lane, head, settlement),
  )
  // Told a second time, because the first one's commit was cut off and had happened all the same.
  if (settled === 0) return true
  await keepAttempt(tx, lane, head, attempt)
  return (await tellBreaker(tx, lane, head, settlement, breakerNow)) ?? true
}

/**
 * In the usual case a delivery and all that follows on it, in one statement: `next` is what is worked on now, if anything
 * is. Null, and nothing is written, in every other case: then one step is taken after the other, which comes to the same.
 */
export async function settleDelivered(
  db: Database,
  lane: Lane,
  head: Head,
  { attempt, settlement }: { attempt: AttemptMade; settlement: Settlement },
  following: Following,
): Promise<{ next: LaneWork | { lane: Lane; head: null } | null } | null> {
  if (settlement.settle !== 'delivered' || lane.breaker !== undefined) return null
  const { workspaceId, addressId, laneKey, fence } = lane
  const { startedAt, ms, status, snippet } = attempt
  const statement = db.hot.settleDelivered({
    ...{ workspaceId, addressId, laneKey, fence, startedAt, ms, status, snippet, ...following },
    callbackId: head.id,
    attempt: head.attempt,
    settledAt: settlement.at,
  })
  const row = statement && (await db.writeOne(statement))
  if (!row) return null
  const { laneKey: nextKey, fence: nextFence, ...shown } = row
  if (nextKey === null || nextFence === null) return { next: null }
  const isSame = nextKey === laneKey && nextFence === fence
  const next = isSame ? lane : { workspaceId, addressId, laneKey: nextKey, fence: nextFence }
  const first = toHead(shown)
  return { next: first ? { lane: next, head: first } : { lane: next, head: first } }
}

/** Whether what failed was a probe: then its callback waits as it waited before. */
export const isHeldAgain = (lane: Lane, settlement: Settlement): boolean =>
  lane.breaker === 'probe' && isFailure(settlement)

/** 410 and its like are the customer's last word on a callback, also on a probe; they say nothing of the address. */
const isFailure = (settlement: Settlement): boolean =>
  settlement.settle === 'retry' || (settlement.settle === 'parked' && settlement.exhausted === true)

async function tellBreaker(
  tx: Queryable,
  lane: Lane,
  head: Head,
  settlement: Settlement,
  now: number,
): Promise<BreakerChange | null> {
  if (lane.breaker === 'probe') {
    const isRefused = settlement.settle === 'parked' && !isFailure(settlement)
    return isRefused ? null : noteProbe(tx, lane, settlement.settle === 'delivered', now)
  }
  if (settlement.settle === 'delivered') {
    if (lane.breaker === 'recovery') await noteRecovery(tx, lane)
    return null
  }
  // Somebody who replays old callbacks finds out by himself that nobody takes them: new ones must not be held for it.
  const counts = settlement.settle === 'parked' && settlement.exhausted === true && head.replayId === null
  return counts ? noteExhaustion(tx, lane, head.id, now) : null
}

async function keepAttempt(tx: Queryable, lane: Lane, head: Head, attempt: AttemptMade): Promise<void> {
  await tx.run(tx.hot.keepAttempt({ workspaceId: lane.workspaceId, callbackId: head.id, ...attempt }))
}

/** So many faults of ours, and a callback stands in its room's way no longer. */
export const FAULTS_MAX = 10

/**
 * A fault of ours kept the callback from being tried at `at`: it waits until `until` and loses no retry. After
 * FAULTS_MAX of them it is quarantined, so that its room goes on (CB-8); says when it is. False as above.
 */
export async function putOffCallback(
  tx: Queryable,
  lane: Lane,
  head: Head,
  { at, until, leaseUntil }: { at: number; until: number; leaseUntil: number },
): Promise<boolean | 'quarantined'> {
  if (!(await keepLane(tx, lane, leaseUntil))) return false
  const faults = sql<number>`faults + 1`
  const isLast = sql`${faults} >= ${sql.lit(FAULTS_MAX)}`
  await tx.run(
    due(tx, lane, head)
      .set({
        due_at: until,
        faults,
        state: sql`case when ${isLast} then 'quarantined' else state end`,
        settled_at: sql`case when ${isLast} then cast(${at} as bigint) end`,
      })
      .compile(),
  )
  const { state } = (await tx.first(
    tx.query
      .selectFrom('callback')
      .select('state')
      .where('workspace_id', '=', lane.workspaceId)
      .where('id', '=', head.id)
      .compile(),
  )) ?? { state: 'due' }
  return state === 'quarantined' ? state : true
}

function settleCallback(tx: Queryable, lane: Lane, head: Head, settlement: Settlement): Statement {
  const { attempt } = head
  switch (settlement.settle) {
    case 'delivered':
    case 'parked': {
      const { settle: state, at } = settlement
      return tx.hot.settleCallback({
        workspaceId: lane.workspaceId,
        callbackId: head.id,
        attempt,
        state,
        at,
      })
    }
    case 'retry':
      return due(tx, lane, head)
        .where('attempt', '=', attempt)
        .set({ attempt: attempt + 1, due_at: settlement.at })
        .compile()
    default:
      return settlement satisfies never
  }
}

const holdAgain = (tx: Queryable, lane: Lane, head: Head, { startedAt }: AttemptMade): Statement =>
  due(tx, lane, head)
    .where('attempt', '=', head.attempt)
    .where('due_at', '=', head.dueAt)
    .set({ due_at: Math.max(startedAt, head.dueAt + 1) })
    .compile()

const due = (tx: Queryable, { workspaceId }: Lane, { id }: Head) =>
  tx.query
    .updateTable('callback')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .where('state', '=', 'due')
