import type { WorkspaceId } from '@qunhub/wire'
import type { AddressGuard } from '../model/address-guard.ts'
import type { Keyring } from '../model/keyring.ts'
import type { Database, Queryable } from '../store/database/database.ts'
import { type Clock, DeadlineExceeded, SECOND_MS, withDeadline } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Random } from '../system/random.ts'
import { VERSION } from '../version.ts'
import { AcceptedKinds } from './accepted-kinds.ts'
import { type CallbackMeter, silentMeter } from './callback-meter.ts'
import { type Deliverer, openDeliverer } from './deliver.ts'
import { HeldAddresses } from './held-addresses.ts'
import { Settlements } from './settlements.ts'
import { SigningSecrets } from './signing-secrets.ts'
import { SlowAddresses } from './slow-addresses.ts'
import { WorkingRooms } from './working-rooms.ts'

export interface Courier {
  start(): void
  /**
   * There may be work now. After a commit that owed something: of that workspace, and nothing else is looked at. Cheap and harmless at any time.
   */
  wake(owedTo?: WorkspaceId): void
  /** Resolves when nothing is due and nothing in flight at this moment of the clock. For tests. */
  idle(): Promise<void>
  /** Begins nothing any more, and waits up to STOP_MS for what is in flight. */
  stop(): Promise<void>
  /** Whether this process sends to the address. */
  runs(addressId: string): boolean
  /** Callbacks of the address that are on their way to the customer. */
  underWay(addressId: string): ReadonlySet<number>
  /** These are not in the store any more. */
  forget(addressId: string, ids: readonly number[]): void
  /** Begins nothing more there, for the address goes to another node; resolves when what is in flight has ended. */
  leave(addressId: string): Promise<void>
}

export interface CourierDeps {
  readonly db: Database
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Whom callbacks may go to (CB-11). */
  readonly guard: AddressGuard
  /** Vouches for receivers besides whom this machine trusts (PEM). */
  readonly ca?: string | undefined
  /** The node that runs the addresses. */
  readonly nodeId: () => string
  /** Whether it may act for them: nobody can have taken it for dead. By default it always may. */
  readonly mayAct?: () => boolean
  /** What time it is for the breakers (CB-7); by default the clock's. */
  readonly breakerTime?: (db: Queryable) => Promise<number>
  /** By default `Qunhub/<version>`. */
  readonly userAgent?: string
  /** By default nobody counts. */
  readonly meter?: CallbackMeter
}

/** How often to ask the store without being woken: for what somebody else owed, and in case a wake was missed. */
const POLL_MS = 500
/** Each so many polls everything that is due is looked at anew. */
const POLLS_PER_LOOK_ANEW = 10
/** A little longer than a callback's deadline, so that what is in flight ends by itself. */
export const STOP_MS = 6 * SECOND_MS

export const openCourier = (deps: CourierDeps): Courier => new OutboxCourier(deps)

/**
 * The courier of the addresses that this node runs; what is about to be sent to each is in memory (address-queue.ts). It wakes,
 * looks, gives out slots, and sleeps; the rooms that have a slot work meanwhile, each by itself (work-room.ts).
 *
 * A round asks the store what is new, and shares the free slots out over the addresses (share-slots.ts), again and again until
 * nothing is left. When something was owed, or a retry falls due, it asks about that one address; every POLL_MS, and when anything
 * else may have changed, how all of them are as well. There is one at a time; a wake during a round makes it ask once more.
 *
 * When a node dies its addresses are run by others, who read what is due: what was in flight then is sent again (at least
 * once, CB-9), and what the dead one still wants to write is refused, for the fence is another.
 */
class OutboxCourier implements Courier {
  readonly #deps: CourierDeps
  readonly #deliverer: Deliverer
  readonly #abandoned = new AbortController()
  readonly #addresses: HeldAddresses
  readonly #working: WorkingRooms
  #state: 'new' | 'started' | 'stopped' = 'new'
  #round: Promise<void> | null = null
  #stopped: Promise<void> | null = null
  /** Anything may have changed. */
  #woken = false
  /** Of whose addresses there may be something new. */
  #owedTo = new Set<WorkspaceId>()
  #polls = 0
  #isLookAnew = false
  #callOffPoll = () => {}
  #awaitingIdle: (() => void)[] = []

  constructor(deps: CourierDeps) {
    this.#deps = deps
    this.#deliverer = openDeliverer(deps)
    const breakerTime = deps.breakerTime ?? (async () => deps.clock.now())
    this.#addresses = new HeldAddresses({
      ...deps,
      breakerTime,
      onDue: workspaceId => this.wake(workspaceId),
    })
    const abandoned = this.#abandoned.signal
    this.#working = new WorkingRooms({
      userAgent: `Qunhub/${VERSION}`,
      meter: silentMeter,
      ...deps,
      deliverer: this.#deliverer,
      accepted: new AcceptedKinds(deps.db),
      signing: new SigningSecrets(deps.keyring),
      settlements: new Settlements({ ...deps, abandoned, breakerTime }),
      slow: new SlowAddresses(deps.clock),
      stopping: () => !this.#maySend,
      abandoned,
      lose: queue => this.#addresses.lose(queue),
      queues: () => this.#addresses.all,
      mayHaveMore: workspaceId => this.wake(workspaceId),
    })
  }

  start(): void {
    if (this.#state !== 'new') return
    this.#state = 'started'
    this.#pollIn(POLL_MS)
    this.wake()
  }

  wake(owedTo?: WorkspaceId): void {
    if (this.#state !== 'started') return
    if (owedTo === undefined) this.#woken = true
    else this.#owedTo.add(owedTo)
    this.#beginRound()
  }

  #beginRound(): void {
    this.#round ??= this.#goRound().finally(() => {
      this.#round = null
      if (this.#isWoken) this.#beginRound()
    })
  }

  get #isWoken(): boolean {
    return this.#state === 'started' && (this.#woken || this.#owedTo.size > 0)
  }

  idle(): Promise<void> {
    return new Promise(resolve => {
      if (this.#state === 'stopped') return resolve()
      this.#awaitingIdle.push(resolve)
      this.#isLookAnew = true
      this.wake()
    })
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  runs(addressId: string): boolean {
    return this.#addresses.get(addressId) !== undefined
  }

  underWay(addressId: string): ReadonlySet<number> {
    return this.#addresses.get(addressId)?.underWay ?? new Set()
  }

  forget(addressId: string, ids: readonly number[]): void {
    this.#addresses.get(addressId)?.forget(new Set(ids))
  }

  async leave(addressId: string): Promise<void> {
    this.#addresses.leave(addressId)
    await this.#working.ended(addressId)
  }

  get #maySend(): boolean {
    return this.#state === 'started' && (this.#deps.mayAct?.() ?? true)
  }

  async #stop(): Promise<void> {
    this.#state = 'stopped'
    this.#callOffPoll()
    for (const queue of this.#addresses.all) queue.drop()
    try {
      await withDeadline(this.#deps.clock, STOP_MS, 'finishing what is in flight', this.#finish())
    } catch (fault) {
      if (!(fault instanceof DeadlineExceeded)) throw fault
      this.#deps.log.warn(
        { rooms: this.#working.count },
        'callbacks are still in flight and will be sent again at the next start',
      )
    }
    this.#abandoned.abort()
    await this.#deliverer.close()
    this.#tellIdle()
  }

  async #finish(): Promise<void> {
    await this.#round
    await this.#working.ended()
  }

  async #goRound(): Promise<void> {
    try {
      while (this.#isWoken) {
        await this.#look()
        this.#working.giveOutSlots()
      }
      if (this.#working.count === 0) this.#tellIdle()
    } catch (fault) {
      this.#deps.log.error({ err: fault }, 'callbacks could not be looked for, trying again')
      // Whoever woke us is served with the next poll; at once would be again and again while the store is away.
      this.#woken = false
      this.#owedTo.clear()
    }
  }

  async #look(): Promise<void> {
    const owedTo = [...this.#owedTo]
    this.#owedTo.clear()
    if (!this.#woken) {
      for (const workspaceId of await this.#addresses.lookAtOwed(owedTo)) this.#owedTo.add(workspaceId)
      return
    }
    this.#woken = false
    const isAnew = this.#isLookAnew
    this.#isLookAnew = false
    if (await this.#addresses.lookAtAll(isAnew)) this.#woken = true
  }

  #tellIdle(): void {
    for (const resolve of this.#awaitingIdle.splice(0)) resolve()
  }

  /** By a timer of its own: rounds for one workspace after another must not put off the look at all of them. */
  #pollIn(ms: number): void {
    if (this.#state !== 'started') return
    this.#callOffPoll = this.#deps.clock.after(ms, () => {
      this.#pollIn(POLL_MS)
      if (++this.#polls % POLLS_PER_LOOK_ANEW === 0) this.#isLookAnew = true
      this.wake()
    })
  }
}
