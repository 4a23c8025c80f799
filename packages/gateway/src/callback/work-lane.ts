import { MINUTE_MS, SECOND_MS, sleep } from '../model/clock.ts'
import type { BreakerMove } from '../store/breaker.ts'
import type { Queryable, Transaction } from '../store/database.ts'
import { type Head, type Lane, lookIntoLane, releaseLane } from '../store/lanes.ts'
import { putOffCallback, type Settlement, settleAttempt } from '../store/settle-attempt.ts'
import { StoreAway, StoreBusy, StoreClosed, StoreError } from '../store/store-error.ts'
import { factsOf, type HandOverDeps, handOver } from './hand-over.ts'

export interface LaneDeps extends HandOverDeps {
  /** Whether to give the lane back as soon as nothing of it is in flight. */
  readonly stopping: () => boolean
  /** Aborted when the courier waits no longer for its lanes. */
  readonly abandoned: AbortSignal
  /** What time it is for the breakers; the store's clock where nodes share one (CB-7). */
  readonly breakerTime: (tx: Queryable) => Promise<number>
}

/** How long a lane is ours after each sign of life; a node that dies holds its lanes up for no longer than that. */
export const LEASE_MS = 30 * SECOND_MS
/** Then the lane is given back, so that one busy room cannot keep the others of its address waiting. */
const CALLBACKS_PER_TURN_MAX = 16
/** How long a lane waits for somebody to repair what is broken on our side. */
const FAULT_WAIT_MS = MINUTE_MS
/** A store that did not answer mostly does soon after, and nobody need repair anything. */
const STORE_FAULT_WAIT_MS = 500
/** Between tries to write down what became of a callback, doubling from the one to the other. */
const BOOKKEEPING_WAIT_MIN_MS = 100
const BOOKKEEPING_WAIT_MAX_MS = 5 * SECOND_MS

/**
 * Works off a claimed lane. One callback after another is handed over and settled; in the same transaction the lane
 * shows its next one, or is given back: nothing is due, the head waits for its retry, the turn is over, the address's
 * breaker opened, or the courier stops. It ends as well when somebody else has the lane by now.
 *
 * What was delivered must not be sent again because the store hiccups. So between an answer and its settlement the lane
 * stays in our hands and the settlement is tried again and again, ever more slowly. Only if the process ends before it is
 * kept does the customer hear that callback twice.
 */
export async function workLane(lane: Lane, first: Head, deps: LaneDeps): Promise<void> {
  let head: Head | null = first
  for (let served = 1; head !== null; served++) {
    const settle = await tryCallback(lane, head, deps)
    // What was cut off because the process ends is nobody's failure, and the next start sends it again.
    if (deps.abandoned.aborted) return
    const leave = served >= CALLBACKS_PER_TURN_MAX || lane.breaker === 'probe'
    const kept = await keepTrying(deps, async tx => {
      const now = deps.clock.now()
      const moved = await settle(tx, now + LEASE_MS)
      if (!moved) return { moved, next: null }
      return { moved, next: await nextOrLeave(tx, lane, { now, leave: leave || deps.stopping() }) }
    })
    if (typeof kept.moved === 'string') tellOfMove(kept.moved, lane, deps)
    head = kept.next
  }
}

/**
 * The lane's next callback if it is due at `now`. Otherwise, or if we want to `leave` anyway, the lane is given back
 * and there is none; nor is there one when somebody else has the lane by now.
 */
export async function nextOrLeave(
  tx: Queryable,
  lane: Lane,
  { now, leave }: { now: number; leave: boolean },
): Promise<Head | null> {
  for (;;) {
    const look = await lookIntoLane(tx, lane)
    if (!look) return null
    const { gen, head } = look
    const isHeld = look.isHeld && lane.breaker !== 'probe'
    if (head && head.dueAt <= now && !leave && !isHeld) return head
    // Due from now, not since its head is due: whoever has had a turn stands behind those who wait for theirs.
    const dueAt = head && Math.max(head.dueAt, now)
    if (await releaseLane(tx, lane, { gen, dueAt })) return null
    // A callback came since we looked, so what we saw may not be true any more.
  }
}

/** Writes down what became of a callback; false when the lane is somebody else's by now. */
type Settle = (tx: Queryable, leaseUntil: number) => Promise<boolean | BreakerMove>

// Whatever goes wrong in here is a fault of ours, whichever it is: the callback waits, and loses none of its retries.
async function tryCallback(lane: Lane, head: Head, deps: LaneDeps): Promise<Settle> {
  try {
    const handed = await handOver(lane, head, deps)
    return async (tx, leaseUntil) => {
      const breakerNow = await breakerTimeFor(handed.settlement, lane, deps, tx)
      return settleAttempt(tx, lane, head, { ...handed, leaseUntil, breakerNow })
    }
  } catch (fault) {
    const isStores = fault instanceof StoreAway || fault instanceof StoreBusy
    const waitMs = isStores ? STORE_FAULT_WAIT_MS : FAULT_WAIT_MS
    deps.log.error({ ...factsOf(lane, head), err: fault, waitMs }, 'a fault of ours: the callback is put off')
    // Counted from when it is written down, which a store that is away delays.
    return (tx, leaseUntil) =>
      putOffCallback(tx, lane, head, { until: deps.clock.now() + waitMs, leaseUntil, counts: !isStores })
  }
}

// Asked for only where a breaker may move, because it may cost a trip to the store.
const breakerTimeFor = async (
  settlement: Settlement,
  lane: Lane,
  { breakerTime }: LaneDeps,
  tx: Queryable,
): Promise<number> =>
  lane.breaker === 'probe' || settlement.settle === 'parked' ? breakerTime(tx) : settlement.at

function tellOfMove(moved: BreakerMove, { workspaceId, addressId }: Lane, { log, meter }: LaneDeps): void {
  meter.breakerMoved(moved)
  const facts = { workspaceId, addressId }
  if (moved === 'closed') log.info(facts, 'the breaker closed: the address takes callbacks again')
  else log.warn(facts, 'the breaker opened: for 30 minutes everything is held and nothing sent')
}

async function keepTrying<T>(
  { db, clock, log, abandoned }: LaneDeps,
  bookkeeping: (tx: Transaction) => Promise<T>,
): Promise<T> {
  for (let wait = BOOKKEEPING_WAIT_MIN_MS; ; wait = Math.min(2 * wait, BOOKKEEPING_WAIT_MAX_MS)) {
    try {
      return await db.write(bookkeeping)
    } catch (fault) {
      if (!(fault instanceof StoreError) || fault instanceof StoreClosed || abandoned.aborted) throw fault
      log.error({ err: fault, wait }, 'what became of a callback was not kept, trying again')
    }
    await sleep(clock, wait, abandoned)
  }
}
