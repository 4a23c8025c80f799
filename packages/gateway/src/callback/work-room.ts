import type { BreakerChange } from '../model/breaker.ts'
import { EXHAUSTED_ATTEMPT } from '../model/callback.ts'
import type { Database } from '../store/database/database.ts'
import { readBodies } from '../store/outbox/run-address.ts'
import type { Settled } from '../store/outbox/settle-callbacks.ts'
import type { AddressQueue } from './address-queue.ts'
import { isCallbackKind } from './callback-url.ts'
import { factsOf, type HandedOver, type HandOverDeps, type HowHanded, handOver } from './hand-over.ts'
import { type HeldCallback, type HeldRoom, newTurn, type Turn } from './held-room.ts'
import type { Decision } from './retry-schedule.ts'
import type { Settlements } from './settlements.ts'
import type { SlowAddresses } from './slow-addresses.ts'
import { becomes, FAULT_WAIT_MS, whatItTells, whereTo } from './what-becomes.ts'

export interface RoomDeps extends HandOverDeps {
  readonly db: Database
  readonly settlements: Settlements
  readonly slow: SlowAddresses
  /** Whether nothing more is begun. */
  readonly stopping: () => boolean
  /** Aborted when the courier waits no longer for its rooms. */
  readonly abandoned: AbortSignal
  /** Another node runs the address by now. */
  readonly lose: (queue: AddressQueue) => void
}

/** Then the room gives its slot back, so that one busy room cannot keep the others of its address waiting. */
const CALLBACKS_PER_TURN_MAX = 16

/**
 * Works off a room that has a slot. One callback after another is handed over, and what became of it is kept; only when that is
 * durable the next one goes out. It ends when nothing is due, when its turn is over, and when its address may be sent
 * nothing more.
 */
export async function workRoom(queue: AddressQueue, room: HeldRoom, deps: RoomDeps): Promise<void> {
  const turn = newTurn(room.isStirred)
  room.isStirred = false
  while (!deps.stopping() && turn.served < CALLBACKS_PER_TURN_MAX) {
    const isProbe = queue.address.breaker.state === 'half-open'
    const now = deps.clock.now()
    const callback = isProbe ? room.probe(now) : room.next(turn, now)
    if (!callback) break
    turn.served++
    queue.underWay.add(callback.id)
    const mayGoOn = await workOff(queue, room, callback, { turn, isProbe }, deps).finally(() =>
      queue.underWay.delete(callback.id),
    )
    if (!mayGoOn || isProbe || !queue.mayGoOn()) break
  }
}

/** False when the room cannot go on. */
async function workOff(
  queue: AddressQueue,
  room: HeldRoom,
  callback: HeldCallback,
  { turn, isProbe }: { turn: Turn; isProbe: boolean },
  deps: RoomDeps,
): Promise<boolean> {
  const isWaiting = callback.attempt >= EXHAUSTED_ATTEMPT
  callback.mark ??= queue.delivered
  const become = (decision: Decision) => becomes(decision, { queue, callback, isProbe, isWaiting })
  const tried = await tryCallback(queue, callback, { isProbe, become }, deps)
  // What was cut off because the process ends is nobody's failure, and the next start sends it again.
  if (deps.abandoned.aborted) return false
  if (tried === 'gone') {
    queue.end(room, callback)
    return true
  }

  const to = whereTo(callback, tried, deps.clock.now())
  const overtaken = to.state === 'delivered' && callback.replayId === null ? olderWaiting(room, callback) : []
  const kept = await deps.settlements.keep(
    [
      {
        address: queue.address,
        callback: { ...callback },
        to,
        attempt: tried?.attempt ?? null,
        tells: tried ? whatItTells(queue, callback, tried, isProbe) : null,
        accepted: acceptedOf(queue, callback, to.state, deps),
      },
      ...overtaken.map(waiting => parkOvertaken(queue, waiting, deps.clock.now())),
    ],
    to.state === 'delivered' && isLast(queue),
  )
  if (!kept.address) {
    deps.lose(queue)
    return false
  }
  queue.address = kept.address
  tellOfChange(kept.change, queue, deps)

  for (const waiting of overtaken) queue.end(room, waiting)
  remember(queue, room, callback, to)
  if (tried && isProbe && tried.became === 'held') queue.failedProbe(room)
  if (isWaiting || tried?.became === 'held') turn.tried.add(callback.id)
  if (isWaiting && to.state !== 'delivered') turn.failedWaiting++
  if (to.state === 'quarantined') tellOfQuarantine(queue, callback, deps)
  if (to.state === 'delivered') noteDelivered(queue, callback, deps)
  return true
}

/** Nothing waits behind the callback that was just delivered. */
const isLast = (queue: AddressQueue): boolean => queue.held === 1 && queue.isCaughtUp && !queue.hasMoreInStore

/** What has become durable is so in memory as well. */
function remember(queue: AddressQueue, room: HeldRoom, callback: HeldCallback, to: Settled['to']): void {
  if (to.state !== 'due') {
    queue.end(room, callback)
    return
  }
  const waits = to.attempt >= EXHAUSTED_ATTEMPT
  const beganToWait = waits && callback.attempt < EXHAUSTED_ATTEMPT
  const now = {
    ...{ attempt: to.attempt, dueAt: to.dueAt, faults: to.faults },
    ...(waits && { mark: queue.delivered }),
  }
  if (beganToWait) queue.beginToWait(room, callback, now)
  else Object.assign(callback, now)
}

const olderWaiting = (room: HeldRoom, { id }: HeldCallback): HeldCallback[] =>
  room.waiting.filter(waiting => waiting.id < id)

/** A later one of its room was delivered before it: now it would come in the wrong order. */
const parkOvertaken = (queue: AddressQueue, callback: HeldCallback, at: number): Settled => {
  const { attempt, dueAt, faults } = callback
  const to = { state: 'parked', attempt, dueAt, faults, settledAt: at } as const
  return { address: queue.address, callback: { ...callback }, to, attempt: null, tells: null, accepted: null }
}

const acceptedOf = (
  { address }: AddressQueue,
  { kind }: HeldCallback,
  state: string,
  { accepted }: RoomDeps,
): Settled['accepted'] =>
  state !== 'delivered' || address.baseUrl === null || accepted.remembers(address, kind)
    ? null
    : { baseUrl: address.baseUrl, kind }

function noteDelivered(queue: AddressQueue, { kind }: HeldCallback, { accepted }: RoomDeps): void {
  if (queue.address.baseUrl !== null) accepted.note(queue.address, kind)
  queue.noteDelivery()
}

// Whatever goes wrong in here is a fault of ours, whichever it is: the callback waits, and loses none of its retries.
async function tryCallback(
  queue: AddressQueue,
  callback: HeldCallback,
  how: HowHanded,
  deps: RoomDeps,
): Promise<HandedOver | 'gone' | null> {
  const { address } = queue
  try {
    const body =
      callback.body ??
      (await readBodies(deps.db, address.workspaceId, [callback.bodyId])).get(callback.bodyId)
    if (body === undefined) return 'gone'
    const handed = await deps.slow.watch(
      address.addressId,
      handOver(address, { ...callback, body }, how, deps),
    )
    deps.slow.note(address.addressId, handed.attempt)
    return handed
  } catch (fault) {
    deps.log.error(
      { ...factsOf(address, callback), err: fault, waitMs: FAULT_WAIT_MS },
      'a fault of ours: the callback is put off',
    )
    return null
  }
}

function tellOfChange(
  change: BreakerChange | null,
  { address: { workspaceId, addressId } }: AddressQueue,
  { log, meter }: RoomDeps,
): void {
  if (change === null) return
  meter.breakerChanged(change)
  const facts = { workspaceId, addressId }
  if (change === 'closed') log.info(facts, 'the breaker closed: the address takes callbacks again')
  else log.warn(facts, 'the breaker opened: for 30 minutes everything is held and nothing sent')
}

function tellOfQuarantine({ address }: AddressQueue, callback: HeldCallback, { log, meter }: RoomDeps): void {
  // A kind that this version does not know may be why; it must not become a label.
  const kind = isCallbackKind(callback.kind) ? callback.kind : 'unknown'
  meter.settled(kind, 'quarantined', address.workspaceId)
  log.error(
    factsOf(address, callback),
    'a callback is quarantined: for a fault of ours it could not be sent again and again',
  )
}
