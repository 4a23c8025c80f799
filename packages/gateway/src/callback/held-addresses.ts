import type { WorkspaceId } from '@qunhub/wire'
import type { Database, Queryable } from '../store/database/database.ts'
import { type RunAddress, readAddresses } from '../store/outbox/run-address.ts'
import { lookAtBreaker } from '../store/outbox/settle-callbacks.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { AddressQueue } from './address-queue.ts'
import { loadCallbacks, loadOwed } from './load-callbacks.ts'

export interface HeldAddressesDeps {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly nodeId: () => string
  /** What time it is for the breakers (CB-7). */
  readonly breakerTime: (db: Queryable) => Promise<number>
  /** A room's time has come. */
  readonly onDue: (workspaceId: WorkspaceId) => void
}

/** The addresses that this node runs, and what is held in memory for each; filled from the store when it is looked at. */
export class HeldAddresses {
  readonly #deps: HeldAddressesDeps
  readonly #queues = new Map<string, AddressQueue>()
  /** Addresses on their way to another node, under these fences. */
  readonly #leaving = new Map<string, number>()
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(deps: HeldAddressesDeps) {
    this.#deps = deps
  }

  get all(): Iterable<AddressQueue> {
    return this.#queues.values()
  }

  get(addressId: string): AddressQueue | undefined {
    return this.#queues.get(addressId)
  }

  /** Something was owed to these workspaces, and nothing else has changed. Those of which there is more. */
  async lookAtOwed(workspaceIds: readonly WorkspaceId[]): Promise<WorkspaceId[]> {
    const looked = await this.#lookAtAddresses(workspaceIds)
    const more = await loadOwed(this.#deps.db, looked)
    for (const queue of looked) if (queue.isReady) await this.#lookAtBreaker(queue)
    return more.map(({ address }) => address.workspaceId)
  }

  /** Anything may have changed; `anew`: also what was looked at before. True when there is more. */
  async lookAtAll(anew: boolean): Promise<boolean> {
    const { db, clock } = this.#deps
    const now = clock.now()
    const isAnew = anew || now < this.#lookedAt
    this.#lookedAt = now
    const open = await this.#lookAtAddresses(null)
    if (isAnew) for (const queue of this.#queues.values()) queue.lookAgain()
    const isMore = await loadCallbacks(db, open, { anew: isAnew && db.isShared })
    // Also where no room is ready yet: whoever set the clock back may have set it behind the moment at which one is.
    for (const queue of open)
      if (queue.isReady || (isAnew && queue.held > 0)) await this.#lookAtBreaker(queue)
    return isMore
  }

  /** It goes to another node, and does not come back under the same fence. */
  leave(addressId: string): void {
    const queue = this.#queues.get(addressId)
    if (!queue) return
    this.#leaving.set(addressId, queue.address.fence)
    this.lose(queue)
  }

  /** Another node runs it by now, or it is gone. What is in flight ends by itself, and is refused. */
  lose(queue: AddressQueue): void {
    const { addressId, fence } = queue.address
    if (this.#queues.get(addressId) !== queue) return
    this.#queues.delete(addressId)
    queue.drop()
    this.#deps.log.info({ addressId, fence }, 'this node does not send to an address any more')
  }

  /** Of these workspaces, or of all: takes on what is new, and loses what is not this node's any more. Those to which something may be sent. */
  async #lookAtAddresses(workspaceIds: readonly WorkspaceId[] | null): Promise<AddressQueue[]> {
    const { db, nodeId } = this.#deps
    const addresses = await readAddresses(db, nodeId(), workspaceIds)
    for (const address of addresses) this.#takeOn(address)
    const seen = new Set(addresses.map(({ addressId }) => addressId))
    const asked = workspaceIds && new Set(workspaceIds)
    const looked = [...this.#queues.values()].filter(
      ({ address }) => asked === null || asked.has(address.workspaceId),
    )
    for (const queue of looked) if (!seen.has(queue.address.addressId)) this.lose(queue)
    return looked.filter(({ address, isDropped }) => address.baseUrl !== null && !isDropped)
  }

  #takeOn(address: RunAddress): void {
    const { addressId, workspaceId, fence } = address
    if (this.#leaving.get(addressId) === fence) return
    this.#leaving.delete(addressId)
    const known = this.#queues.get(addressId)
    if (known?.address.fence === fence) {
      known.address = address
      return
    }
    if (known) this.lose(known)
    const { clock, onDue } = this.#deps
    this.#queues.set(addressId, new AddressQueue(address, clock, () => onDue(workspaceId)))
  }

  async #lookAtBreaker(queue: AddressQueue): Promise<void> {
    if (queue.address.breaker.state !== 'open') return
    const address = await lookAtBreaker(this.#deps.db, queue.address, this.#deps.breakerTime)
    if (address) queue.address = address
    else this.lose(queue)
  }
}
