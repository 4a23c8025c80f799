import type { WorkspaceId } from '@qunhub/wire'
import type { AddressQueue } from './address-queue.ts'
import type { HeldRoom } from './held-room.ts'
import { IN_FLIGHT_MAX, shareSlots } from './share-slots.ts'
import { type RoomDeps, workRoom } from './work-room.ts'

export interface WorkingRoomsDeps extends RoomDeps {
  readonly queues: () => Iterable<AddressQueue>
  /** A room has ended, and the store may have more for that workspace's address. */
  readonly mayHaveMore: (workspaceId: WorkspaceId) => void
}

/** The rooms that have a slot, each working by itself (work-room.ts); free slots are shared out over the addresses (share-slots.ts). */
export class WorkingRooms {
  readonly #deps: WorkingRoomsDeps
  readonly #working = new Map<HeldRoom, { readonly addressId: string; readonly work: Promise<void> }>()
  #servedLast: string | null = null
  #isGivingOut = false

  constructor(deps: WorkingRoomsDeps) {
    this.#deps = deps
  }

  get count(): number {
    return this.#working.size
  }

  /** Resolves when those have ended that work at this moment: of one address, or all. */
  async ended(addressId?: string): Promise<void> {
    const some = [...this.#working.values()].filter(
      each => addressId === undefined || each.addressId === addressId,
    )
    await Promise.all(some.map(({ work }) => work))
  }

  giveOutSlots(): void {
    const { queues, slow, stopping } = this.#deps
    if (stopping()) return
    const waiting = [...queues()]
      .filter(queue => queue.inFlight < queue.inFlightMax && queue.hasWork)
      .map(queue => ({ queue, addressId: queue.address.addressId, inFlightMax: queue.inFlightMax }))
      .toSorted((one, other) => (one.addressId < other.addressId ? -1 : 1))
    if (waiting.length === 0) return
    const inFlight = [...this.#working.values()].map(({ addressId }) => addressId)
    const shares = shareSlots(waiting, inFlight, this.#servedLast, slow.longestUnservedFirst)
    for (const { address, slots } of shares) {
      if (slow.has(address.addressId)) slow.standBehind(address.addressId)
      else this.#servedLast = address.addressId
      for (let slot = 0; slot < slots; slot++) {
        const room = address.queue.take()
        if (!room) break
        this.#begin(address.queue, room)
      }
    }
  }

  /** All addresses are walked through for it: once for all rooms that a batch of settlements ends. */
  #giveOutSoon(): void {
    if (this.#isGivingOut) return
    this.#isGivingOut = true
    // Behind everything else that is ready in this tick of the event loop.
    process.nextTick(() => {
      this.#isGivingOut = false
      this.giveOutSlots()
    })
  }

  #begin(queue: AddressQueue, room: HeldRoom): void {
    const work = workRoom(queue, room, this.#deps)
      .catch(fault => this.#deps.log.error({ err: fault }, 'the work on a room broke off'))
      .finally(() => this.#end(queue, room))
    this.#working.set(room, { addressId: queue.address.addressId, work })
  }

  #end(queue: AddressQueue, room: HeldRoom): void {
    const { slow, stopping, mayHaveMore } = this.#deps
    this.#working.delete(room)
    queue.release(room)
    // With slots left for everybody its own address may go on; otherwise all addresses take turns.
    const isPlenty = this.#working.size < IN_FLIGHT_MAX - 1 && !slow.has(queue.address.addressId)
    const next = isPlenty && !stopping() ? queue.take() : null
    if (next) this.#begin(queue, next)
    else this.#giveOutSoon()
    if (queue.hasMoreInStore || this.#working.size === 0) mayHaveMore(queue.address.workspaceId)
  }
}
