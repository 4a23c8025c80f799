import type { Database, Queryable } from '../store/database/database.ts'
import { StoreClosed, StoreError } from '../store/database/store-error.ts'
import { noteAccepted } from '../store/outbox/accepted-kinds.ts'
import type { BreakerChange } from '../store/outbox/breaker.ts'
import type { Head, Lane, LaneWork } from '../store/outbox/lane.ts'
import { claimForSlotOf, readLane, releaseLane } from '../store/outbox/lanes.ts'
import {
  putOffCallback,
  type Settlement,
  settleAttempt,
  settleDelivered,
} from '../store/outbox/settle-attempt.ts'
import { MINUTE_MS, SECOND_MS, sleep } from '../system/clock.ts'
import { isCallbackKind } from './callback-url.ts'
import { factsOf, type HandedOver, type HandOverDeps, handOver } from './hand-over.ts'
import type { SlowAddresses } from './slow-addresses.ts'

export interface LaneDeps extends HandOverDeps {
  readonly db: Database
  /** Whether to give the lane back as soon as nothing of it is in flight. */
  readonly stopping: () => boolean
  /** Aborted when the courier waits no longer for its lanes. */
  readonly abandoned: AbortSignal
  /** What time it is for the breakers; the store's clock where nodes share one (CB-7). */
  readonly breakerTime: (tx: Queryable) => Promise<number>
  /** The node in whose name lanes are claimed. */
  readonly nodeId: () => string
  readonly slot: LaneSlot
  readonly slow: SlowAddresses
}

/** The slot that a lane takes among all that are in flight here. When it is given back another of its address may take it. */
export interface LaneSlot {
  /** Not while others wait for a slot, slots are being counted, or the address is slow. */
  mayPassOn(lane: Lane): boolean
  /** Told at once when the write that passed it on is committed. */
  passedOn(from: Lane, to: Lane): void
  /** A write failed that may have passed it on all the same. */
  isInDoubt(): void
  /** Every write that may pass a slot on, until it is told of. */
  watch<T>(written: Promise<T>): Promise<T>
}

/** How long a lane is ours after each sign of life; a node that dies holds its lanes up for no longer than that. */
export const LEASE_MS = 30 * SECOND_MS
/** Then the lane is given back, so that one busy room cannot keep the others of its address waiting. */
const CALLBACKS_PER_TURN_MAX = 16
/** How long a lane waits for somebody to repair what is broken on our side. */
export const FAULT_WAIT_MS = MINUTE_MS
/** Between tries to write down what became of a callback, doubling from the one to the other. */
const BOOKKEEPING_WAIT_MIN_MS = 100
const BOOKKEEPING_WAIT_MAX_MS = 5 * SECOND_MS

/**
 * Works off a claimed lane. One callback after another is handed over and settled; in the same write the lane
 * shows its next one, or is given back: nothing is due, the head waits for its retry, the turn is over, the address's
 * breaker opened, or the courier stops. Unless it is for the last two, the lane of the address that has waited longest
 * takes its slot, still in the same write: a bot that starts owes one callback to each of thousands of rooms, and a
 * round of the courier for each would cost more than the callback. It ends as well when somebody else has the lane by now.
 *
 * What was delivered must not be sent again because the store hiccups. So between an answer and its settlement the lane
 * stays in our hands and the settlement is tried again and again, ever more slowly. Only if the process ends before it is
 * kept does the customer hear that callback twice.
 */
export async function workLane(first: LaneWork, deps: LaneDeps): Promise<void> {
  let work: LaneWork | null = first
  let served = 0
  while (work !== null) {
    const { lane, head }: LaneWork = work
    served++
    const tried = await tryCallback(lane, head, deps)
    // What was cut off because the process ends is nobody's failure, and the next start sends it again.
    if (deps.abandoned.aborted) return
    const isTurnOver = served >= CALLBACKS_PER_TURN_MAX || lane.breaker === 'probe'
    const kept = await keepTrying(lane, deps, () => settle({ lane, head }, tried, isTurnOver, deps))
    if (tried.isFirst && kept.written !== false) deps.accepted.note(lane, head)
    if (kept.written === 'quarantined') tellOfQuarantine(lane, head, deps)
    else if (typeof kept.written === 'string') tellOfChange(kept.written, lane, deps)
    if (kept.next?.lane !== lane) served = 0
    work = kept.next
  }
}

interface Settled {
  readonly written: boolean | BreakerChange | 'quarantined'
  readonly next: LaneWork | null
}

async function settle(work: LaneWork, tried: Tried, isTurnOver: boolean, deps: LaneDeps): Promise<Settled> {
  const usual = tried.handed && !tried.isFirst && (await settleAtOnce(work, tried.handed, isTurnOver, deps))
  return usual || deps.db.write(tx => settleStepByStep(tx, work, tried, isTurnOver, deps))
}

/** Null, and nothing is written, unless it is the usual case of a delivery. */
async function settleAtOnce(
  { lane, head }: LaneWork,
  handed: HandedOver,
  isTurnOver: boolean,
  { db, clock, nodeId, slot, stopping }: LaneDeps,
): Promise<Settled | null> {
  const now = clock.now()
  const usual = await settleDelivered(db, lane, head, handed, {
    nodeId: nodeId(),
    now,
    leaseUntil: now + LEASE_MS,
    mayStay: !isTurnOver && !stopping(),
    mayPassOn: !stopping() && slot.mayPassOn(lane),
  })
  if (!usual?.next) return usual && { written: true, next: null }
  const { lane: next, head: seen } = usual.next
  // Seen while it was not ours, it may wait for a retry, or have been overtaken.
  if (seen && seen.dueAt <= now) return { written: true, next: { lane: next, head: seen } }
  return { written: true, next: await db.write(tx => withHead(tx, next, clock.now())) }
}

async function settleStepByStep(
  tx: Queryable,
  { lane }: LaneWork,
  tried: Tried,
  isTurnOver: boolean,
  deps: LaneDeps,
): Promise<Settled> {
  const now = deps.clock.now()
  const written = await tried.settle(tx, now + LEASE_MS)
  const isOver = isTurnOver || deps.stopping()
  return { written, next: written ? await nextWork(tx, lane, { now, isTurnOver: isOver }, deps) : null }
}

/** A lane in which nothing was seen to stand first is read again; when nothing does, it is given back. */
async function withHead(tx: Queryable, lane: Lane, now: number): Promise<LaneWork | null> {
  const { head } = await nextOrLeave(tx, lane, { now, leave: false })
  return head && { lane, head }
}

async function nextWork(
  tx: Queryable,
  lane: Lane,
  { now, isTurnOver }: { now: number; isTurnOver: boolean },
  { nodeId, slot, stopping }: LaneDeps,
): Promise<LaneWork | null> {
  const next = await nextOrLeave(tx, lane, { now, leave: isTurnOver })
  if (next.head) return { lane, head: next.head }
  const isOpen = next.left === 'given-back' && lane.breaker !== 'probe' && !stopping()
  if (!isOpen || !slot.mayPassOn(lane)) return null
  const other = await claimForSlotOf(tx, lane, { nodeId: nodeId(), now, leaseUntil: now + LEASE_MS })
  if (!other) return null
  return withHead(tx, other, now)
}

/** What a lane shows next; or what became of it. */
export type NextInLane =
  | { readonly head: Head }
  | { readonly head: null; readonly left: 'given-back' | 'given-back-held' | 'lost' }

/**
 * The lane's next callback if it is due at `now`. Otherwise, or if we want to `leave` anyway, the lane is given back:
 * `held` when its address is sent nothing now, or recovers and the lane is none of those that it is given. Lost is a lane
 * that somebody else has by now.
 */
export async function nextOrLeave(
  tx: Queryable,
  lane: Lane,
  { now, leave }: { now: number; leave: boolean },
): Promise<NextInLane> {
  for (;;) {
    const reading = await readLane(tx, lane)
    if (!reading) return { head: null, left: 'lost' }
    const { gen, head } = reading
    const isHeld = reading.isHeld && lane.breaker !== 'probe'
    if (head && head.dueAt <= now && !leave && !isHeld) return { head }
    // Due from now, not since its head is due: whoever has had a turn stands behind those who wait for theirs.
    const dueAt = head && Math.max(head.dueAt, now)
    const isShort = isHeld || (reading.isRecovering && lane.breaker !== 'recovery')
    if (await releaseLane(tx, lane, { gen, dueAt }))
      return { head: null, left: isShort ? 'given-back-held' : 'given-back' }
    // A callback came since we read the lane, so what we saw may not be true any more.
  }
}

interface Tried {
  /** What became of the attempt; null when we could not even try. */
  readonly handed: HandedOver | null
  /** It was delivered, and nobody here knows yet that its base takes this kind. */
  readonly isFirst: boolean
  /** Writes it down; false when the lane is somebody else's by now. */
  settle(tx: Queryable, leaseUntil: number): Promise<boolean | BreakerChange | 'quarantined'>
}

// Whatever goes wrong in here is a fault of ours, whichever it is: the callback waits, and loses none of its retries.
async function tryCallback(lane: Lane, head: Head, deps: LaneDeps): Promise<Tried> {
  try {
    const handed = await handOver(lane, head, deps)
    deps.slow.note(lane.addressId, handed.attempt)
    const { settlement } = handed
    const isFirst = settlement.settle === 'delivered' && !deps.accepted.remembers(lane, head)
    return {
      handed,
      isFirst,
      async settle(tx, leaseUntil) {
        const breakerNow = await breakerTimeFor(settlement, lane, deps, tx)
        const written = await settleAttempt(tx, lane, head, { ...handed, leaseUntil, breakerNow })
        if (written !== false && isFirst)
          await noteAccepted(tx, lane, { baseUrl: head.baseUrl!, kind: head.kind, at: settlement.at })
        return written
      },
    }
  } catch (fault) {
    deps.log.error(
      { ...factsOf(lane, head), err: fault, waitMs: FAULT_WAIT_MS },
      'a fault of ours: the callback is put off',
    )
    // Counted from when it is written down, which a store that is away delays.
    return {
      handed: null,
      isFirst: false,
      settle(tx, leaseUntil) {
        const at = deps.clock.now()
        return putOffCallback(tx, lane, head, { at, until: at + FAULT_WAIT_MS, leaseUntil })
      },
    }
  }
}

// Asked for only where a breaker may change, because it may cost a trip to the store.
const breakerTimeFor = async (
  settlement: Settlement,
  lane: Lane,
  { breakerTime }: LaneDeps,
  tx: Queryable,
): Promise<number> =>
  lane.breaker === 'probe' || settlement.settle === 'parked' ? breakerTime(tx) : settlement.at

function tellOfChange(
  change: BreakerChange,
  { workspaceId, addressId }: Lane,
  { log, meter }: LaneDeps,
): void {
  meter.breakerChanged(change)
  const facts = { workspaceId, addressId }
  if (change === 'closed') log.info(facts, 'the breaker closed: the address takes callbacks again')
  else log.warn(facts, 'the breaker opened: for 30 minutes everything is held and nothing sent')
}

function tellOfQuarantine(lane: Lane, head: Head, { log, meter }: LaneDeps): void {
  // A kind that this version does not know may be why; it must not become a label.
  meter.settled(isCallbackKind(head.kind) ? head.kind : 'unknown', 'quarantined', lane.workspaceId)
  log.error(
    factsOf(lane, head),
    'a callback is quarantined: for a fault of ours it could not be sent again and again',
  )
}

async function keepTrying(
  lane: Lane,
  { clock, log, abandoned, slot }: LaneDeps,
  bookkeeping: () => Promise<Settled>,
): Promise<Settled> {
  const write = async () => {
    const kept = await bookkeeping()
    if (kept.next && kept.next.lane !== lane) slot.passedOn(lane, kept.next.lane)
    return kept
  }
  for (let wait = BOOKKEEPING_WAIT_MIN_MS; ; wait = Math.min(2 * wait, BOOKKEEPING_WAIT_MAX_MS)) {
    try {
      return await slot.watch(write())
    } catch (fault) {
      slot.isInDoubt()
      if (!(fault instanceof StoreError) || fault instanceof StoreClosed || abandoned.aborted) throw fault
      log.error({ err: fault, wait }, 'what became of a callback was not kept, trying again')
    }
    await sleep(clock, wait, abandoned)
  }
}
