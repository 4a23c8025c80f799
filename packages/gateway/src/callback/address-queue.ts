import { inFlightMaxOf } from '../model/breaker.ts'
import type { Held } from '../store/database/hot-rows.ts'
import type { RunAddress } from '../store/outbox/run-address.ts'
import type { Clock } from '../system/clock.ts'
import { HeldBodies } from './held-bodies.ts'
import { firstToProbe, type HeldCallback, HeldRoom } from './held-room.ts'
import { ReadyRooms } from './ready-rooms.ts'

/** Of one address, in memory; the rest waits in the store. */
export const HELD_IN_MEMORY_MAX = 2000

/**
 * What one address is about to be sent, and in which order. Its rooms stand in lines: those in which something waits for the
 * address and another callback has just been delivered; those with news; those with nothing but `loaded`. Each room has one
 * callback in flight at a time (CB-8), the address as many as its breaker allows (CB-7, CB-10).
 *
 * It reads and writes nothing: the courier fills it, and tells it what has become durable.
 */
export class AddressQueue {
  readonly #clock: Clock
  readonly #onDue: () => void
  readonly #rooms = new Map<string, HeldRoom>()
  readonly #ready = new ReadyRooms()
  /** All rooms in which something waits, and perhaps others in which nothing does any more. */
  readonly #waiting = new Set<HeldRoom>()
  #address: RunAddress
  #held = 0
  #probes = 0
  readonly bodies = new HeldBodies()
  /** Callbacks on their way to the customer, or whose settlement is on its way to the store. */
  readonly underWay = new Set<number>()
  /** Rooms that have a slot. */
  inFlight = 0
  /** So many were delivered by this process. */
  delivered = 0
  /** The newest callback that was looked at. */
  cursor = 0
  /** Whatever is owed to it up to the cursor is in memory, but for what rooms have in the store that are full. */
  isCaughtUp = false
  /** Rooms of which there is more in the store than in memory, and nothing in memory any more. */
  readonly toReload = new Set<string>()
  /** What has ended since the reading that is under way began; null while none is. */
  #ended: Set<number> | null = null
  #isDropped = false

  constructor(address: RunAddress, clock: Clock, onDue: () => void) {
    this.#address = address
    this.#clock = clock
    this.#onDue = onDue
  }

  get address(): RunAddress {
    return this.#address
  }

  set address(address: RunAddress) {
    const isClosedAnew = this.#address.breaker.state !== 'closed' && address.breaker.state === 'closed'
    this.#address = address
    // What opened it goes out first.
    if (isClosedAnew) this.#stir()
  }

  get isDropped(): boolean {
    return this.#isDropped
  }

  get held(): number {
    return this.#held
  }

  /** How many of it may be in flight; 0 while nothing may be sent. */
  get inFlightMax(): number {
    const { baseUrl, breaker, concurrency } = this.#address
    return baseUrl === null || this.#isDropped ? 0 : inFlightMaxOf(breaker, concurrency)
  }

  /** Whether there is something to send that may be sent at this moment, were there a slot. */
  get hasWork(): boolean {
    return this.#next !== undefined
  }

  /** Whether a room's time has come. */
  get isReady(): boolean {
    return this.#ready.count > 0
  }

  /** Whether what is in memory is gone, and the store has more. */
  get hasMoreInStore(): boolean {
    return this.toReload.size > 0 || (this.#held === 0 && !this.isCaughtUp)
  }

  room(laneKey: string): HeldRoom | undefined {
    return this.#rooms.get(laneKey)
  }

  knows(laneKey: string, id: number): boolean {
    return this.#rooms.get(laneKey)?.all.some(callback => callback.id === id) === true
  }

  beginReading(): void {
    this.#ended = new Set()
  }

  /** What was read; `isFull`: of these rooms there is more. Whatever is known already is known better. */
  endReading(read: readonly Held[], full: ReadonlySet<string>): HeldCallback[] {
    const added: HeldCallback[] = []
    for (const held of read) {
      const { laneKey, id } = held
      if (this.#ended?.has(id) || this.knows(laneKey, id)) continue
      const room = this.#rooms.get(laneKey) ?? new HeldRoom(laneKey)
      this.#rooms.set(laneKey, room)
      const callback: HeldCallback = { ...held, body: null, mark: null }
      room.add(callback)
      this.#held++
      added.push(callback)
    }
    this.#ended = null
    for (const { laneKey } of read) {
      const room = this.#rooms.get(laneKey)
      if (!room) continue
      room.isFull = full.has(laneKey)
      this.settleDown(room)
    }
    return added
  }

  /** There is more of the room in the store: it is read when what is here is gone. */
  leaveRest(laneKey: string): void {
    const room = this.#rooms.get(laneKey)
    if (room) room.isFull = true
    if (!room || room.fresh.length === 0) this.toReload.add(laneKey)
  }

  /** The room whose turn it is; null when none is ready or no slot is free. It has its slot until `release`. */
  take(): HeldRoom | null {
    if (this.inFlight >= this.inFlightMax) return null
    const room = this.#next
    if (!room) return null
    this.#ready.leave(room)
    room.isBusy = true
    this.inFlight++
    return room
  }

  release(room: HeldRoom): void {
    room.isBusy = false
    this.inFlight--
    this.settleDown(room)
  }

  /** Whether a room that has a slot may go on with its next callback. */
  mayGoOn(): boolean {
    return this.#address.breaker.state === 'closed' && this.inFlight <= this.inFlightMax
  }

  /** It was tried as a probe, in vain: the next one is another room's. */
  failedProbe(room: HeldRoom): void {
    room.lastProbe = ++this.#probes
  }

  /** Whoever waits for the address may try again. */
  noteDelivery(): void {
    this.delivered++
    this.#stir()
  }

  #stir(): void {
    for (const room of this.#waiting) {
      if (room.waiting.length === 0 || room.isStirred) continue
      room.isStirred = true
      this.settleDown(room)
    }
  }

  end(room: HeldRoom, callback: HeldCallback): void {
    this.#ended?.add(callback.id)
    // What was forgotten while it was under way has ended already.
    if (!room.remove(callback)) return
    this.#held--
    this.bodies.letGo(callback)
    this.#reloadWhenGone(room)
  }

  /** It has used up its retries, and its room goes on. */
  beginToWait(room: HeldRoom, callback: HeldCallback, to: Partial<HeldCallback>): void {
    room.remove(callback)
    Object.assign(callback, to)
    room.add(callback)
    this.#waiting.add(room)
    this.#reloadWhenGone(room)
  }

  #reloadWhenGone(room: HeldRoom): void {
    const isGone =
      (room.isFull && room.fresh.length === 0) || (room.hasMoreWaiting && room.waiting.length === 0)
    if (isGone) this.toReload.add(room.laneKey)
  }

  /** These are not in the store any more. */
  forget(ids: ReadonlySet<number>): void {
    // Also what a reading under way may have seen.
    for (const id of ids) this.#ended?.add(id)
    for (const room of [...this.#rooms.values()]) {
      for (const callback of room.all) if (ids.has(callback.id)) this.end(room, callback)
      this.settleDown(room)
    }
  }

  /** The clock may have been set: what is due is looked at anew. */
  lookAgain(): void {
    for (const room of [...this.#rooms.values()]) this.settleDown(room)
  }

  /** Where the room stands now: in a line, waiting for its time, or gone. */
  settleDown(room: HeldRoom): void {
    room.callOff()
    room.callOff = () => {}
    if (room.waiting.length > 0) this.#waiting.add(room)
    else this.#waiting.delete(room)
    if (room.isBusy || this.#isDropped) return
    const now = this.#clock.now()
    const dueAt = room.dueAt(now)
    if (dueAt === null) {
      this.#ready.leave(room)
      if (!room.isFull && !room.hasMoreWaiting) this.#rooms.delete(room.laneKey)
    } else if (dueAt <= now) {
      this.#ready.enter(room, now)
    } else {
      this.#ready.leave(room)
      room.callOff = this.#clock.after(dueAt - now, () => {
        this.settleDown(room)
        this.#onDue()
      })
    }
  }

  /** Nothing is sent to it any more; timers are called off. */
  drop(): void {
    this.#isDropped = true
    for (const room of this.#rooms.values()) room.callOff()
    this.#ready.clear()
  }

  get #next(): HeldRoom | undefined {
    if (this.#address.breaker.state === 'half-open')
      return firstToProbe(this.#rooms.values(), this.#clock.now())
    return this.#ready.first
  }
}
