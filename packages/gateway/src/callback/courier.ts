import type { AddressGuard } from '../model/address-guard.ts'
import type { Keyring } from '../model/keyring.ts'
import type { Database, Queryable } from '../store/database/database.ts'
import { isShut } from '../store/outbox/breaker.ts'
import type { DueAddress, Lane, LaneWork, WaitingAddress } from '../store/outbox/lane.ts'
import { claimLanes, freeLanesOf, nextLaneDueAt, waitingAddresses } from '../store/outbox/lanes.ts'
import { bringForward, isClockSetBack } from '../store/outbox/set-back-clock.ts'
import { type Clock, DeadlineExceeded, SECOND_MS, withDeadline } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Random } from '../system/random.ts'
import { VERSION } from '../version.ts'
import { AcceptedKinds } from './accepted-kinds.ts'
import { type CallbackMeter, silentMeter } from './callback-meter.ts'
import { type Deliverer, openDeliverer } from './deliver.ts'
import { IN_FLIGHT_MAX, type Share, shareSlots } from './share-slots.ts'
import { SigningSecrets } from './signing-secrets.ts'
import { SlowAddresses } from './slow-addresses.ts'
import { type LaneDeps, type LaneSlot, LEASE_MS, nextOrLeave, workLane } from './work-lane.ts'

export interface Courier {
  start(): void
  /** There may be work now; called after a commit that owed something. Cheap and harmless at any time. */
  wake(): void
  /** Resolves when nothing is due and nothing in flight at this moment of the clock. For tests. */
  idle(): Promise<void>
  /** Claims nothing any more, waits up to STOP_MS for what is in flight, gives the lanes back. */
  stop(): Promise<void>
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
  /** The node in whose name lanes are claimed. */
  readonly nodeId: () => string
  /** What time it is for the breakers (CB-7); by default the clock's. */
  readonly breakerTime?: (db: Queryable) => Promise<number>
  /** By default `Qunhub/<version>`. */
  readonly userAgent?: string
  /** By default nobody counts. */
  readonly meter?: CallbackMeter
}

/** How often to ask the store without being woken: for what somebody else owed, and in case a wake was missed. */
const POLL_MS = 500
/** A little longer than a callback's deadline, so that what is in flight ends by itself. */
export const STOP_MS = 6 * SECOND_MS

export const openCourier = (deps: CourierDeps): Courier => new OutboxCourier(deps)

/**
 * The courier wakes, claims, and sleeps; the lanes that it claimed work meanwhile, each by itself (work-lane.ts).
 *
 * A round claims due lanes for the free slots, in turn over the addresses (share-slots.ts), again and again until
 * nothing is left to claim. A round begins when something was owed here (`wake`), when a lane ends and its slot is free,
 * when a retry falls due, and every POLL_MS all the same. There is one at a time; a wake during a round is not lost, it
 * makes the round ask once more.
 *
 * It claims in the name of its node. When a node dies its lanes are freed by whoever notices (node/membership.ts), and
 * what was in flight then is sent again (at least once, CB-9).
 */
class OutboxCourier implements Courier {
  readonly #deps: CourierDeps
  readonly #deliverer: Deliverer
  readonly #abandoned = new AbortController()
  readonly #laneDeps: LaneDeps
  readonly #working = new Map<Lane, Promise<void>>()
  readonly #slow = new SlowAddresses()
  /** A claim was begun, and nobody has said that it failed or succeeded. */
  #claimInDoubt = false
  /** A settlement failed that may have claimed another lane for the slot of its own. */
  #slotInDoubt = false
  /** Settlements under way, until it is known here which lane they claimed. */
  readonly #settling = new Set<Promise<unknown>>()
  #isCounting = false
  #state: 'new' | 'started' | 'stopped' = 'new'
  #round: Promise<void> | null = null
  #stopped: Promise<void> | null = null
  #woken = false
  #servedLast: string | null = null
  #callOffPoll = () => {}
  #awaitingIdle: (() => void)[] = []

  constructor(deps: CourierDeps) {
    this.#deps = deps
    this.#deliverer = openDeliverer(deps)
    this.#laneDeps = {
      userAgent: `Qunhub/${VERSION}`,
      breakerTime: async () => deps.clock.now(),
      meter: silentMeter,
      ...deps,
      deliverer: this.#deliverer,
      accepted: new AcceptedKinds(deps.db),
      signing: new SigningSecrets(deps.keyring),
      stopping: () => this.#state === 'stopped',
      abandoned: this.#abandoned.signal,
      slot: this.#slot(),
      slow: this.#slow,
    }
  }

  #slot(): LaneSlot {
    return {
      // With all slots taken, who gets the next one is for a round to say: it serves all addresses in turn.
      mayPassOn: ({ addressId }) =>
        this.#state === 'started' &&
        !this.#isCounting &&
        this.#working.size < IN_FLIGHT_MAX &&
        !this.#slow.has(addressId),
      passedOn: (from, to) => {
        const work = this.#working.get(from)
        this.#working.delete(from)
        if (work) this.#working.set(to, work)
      },
      isInDoubt: () => {
        this.#slotInDoubt = true
      },
      watch: written => {
        this.#settling.add(written)
        return written.finally(() => this.#settling.delete(written))
      },
    }
  }

  start(): void {
    if (this.#state !== 'new') return
    this.#state = 'started'
    this.wake()
  }

  wake(): void {
    if (this.#state !== 'started') return
    this.#woken = true
    this.#round ??= this.#goRound().finally(() => {
      this.#round = null
      if (this.#woken) this.wake()
    })
  }

  idle(): Promise<void> {
    return new Promise(resolve => {
      if (this.#state === 'stopped') return resolve()
      this.#awaitingIdle.push(resolve)
      this.wake()
    })
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    this.#state = 'stopped'
    this.#callOffPoll()
    try {
      await withDeadline(this.#deps.clock, STOP_MS, 'finishing what is in flight', this.#finish())
    } catch (fault) {
      if (!(fault instanceof DeadlineExceeded)) throw fault
      this.#deps.log.warn(
        { lanes: this.#working.size },
        'callbacks are still in flight and will be sent again at the next start',
      )
    }
    this.#abandoned.abort()
    await this.#deliverer.close()
    this.#tellIdle()
  }

  async #finish(): Promise<void> {
    await this.#round
    await Promise.all(this.#working.values())
  }

  async #goRound(): Promise<void> {
    try {
      await this.#catchUpWithClock()
      while (this.#woken && this.#state === 'started') {
        this.#woken = false
        const claimed = await this.#claim()
        for (const work of claimed) this.#begin(work)
        if (claimed.length > 0) this.#woken = true
      }
      await this.#sleep()
    } catch (fault) {
      this.#deps.log.error({ err: fault }, 'callbacks could not be claimed, trying again')
      // Whoever woke us is served with the next poll; at once would be again and again while the store is away.
      this.#woken = false
      this.#pollIn(POLL_MS)
    }
  }

  // A retry that was written down before the clock was set back by a year would wait for that year.
  async #catchUpWithClock(): Promise<void> {
    const { db, clock, log } = this.#deps
    if (!(await isClockSetBack(db, clock.now()))) return
    log.warn({}, 'the clock was set back: what waits for its retry is tried now')
    await db.write(tx => bringForward(tx, clock.now()))
  }

  async #claim(): Promise<LaneWork[]> {
    const { db, clock, nodeId } = this.#deps
    if (this.#claimInDoubt || this.#slotInDoubt) await this.#freeUnworked()
    const waiting = await this.#mayBeSent(await waitingAddresses(db, clock.now()))
    const inFlight = [...this.#working.keys()].map(lane => lane.addressId)
    const shares = shareSlots(waiting, inFlight, this.#servedLast, this.#slow.longestUnservedFirst)
    if (shares.length === 0) return []
    this.#noteTurns(shares)

    this.#claimInDoubt = true
    const { breakerTime } = this.#laneDeps
    const claimed = await db.write(async tx => {
      const now = clock.now()
      const claimed: LaneWork[] = []
      // Always in the same order: each address is locked while its lanes are claimed, and other nodes claim too.
      for (const { address, slots } of shares.toSorted(byAddress)) {
        const { inFlightMax } = address
        const claim = { nodeId: nodeId(), now, leaseUntil: now + LEASE_MS, limit: slots, inFlightMax }
        for (const lane of await claimLanes(tx, address, claim, () => breakerTime(tx))) {
          const { head } = await nextOrLeave(tx, lane, { now, leave: this.#laneDeps.stopping() })
          if (head) claimed.push({ lane, head })
        }
      }
      return claimed
    })
    this.#claimInDoubt = false
    return claimed
  }

  #noteTurns(shares: readonly Share[]): void {
    for (const { address } of shares) {
      if (this.#slow.has(address.addressId)) this.#slow.standBehind(address.addressId)
      else this.#servedLast = address.addressId
    }
  }

  // What is held is read again with every round; the breaker itself is asked under the lock of its row.
  async #mayBeSent(due: readonly DueAddress[]): Promise<DueAddress[]> {
    if (due.every(address => address.openUntil === null)) return [...due]
    const now = await this.#laneDeps.breakerTime(this.#deps.db)
    return due.filter(({ openUntil }) => openUntil === null || !isShut(openUntil, now))
  }

  // The connection broke during the commit of a claim or of a settlement: what it claimed in our name nobody works on.
  async #freeUnworked(): Promise<void> {
    const { db, nodeId } = this.#deps
    this.#isCounting = true
    this.#slotInDoubt = false
    try {
      await Promise.allSettled(this.#settling)
      const working = [...this.#working.keys()]
      await db.write(tx => freeLanesOf(tx, nodeId(), working))
    } catch (fault) {
      this.#slotInDoubt = true
      throw fault
    } finally {
      this.#isCounting = false
    }
  }

  #begin(first: LaneWork): void {
    const done: Promise<void> = workLane(first, this.#laneDeps)
      .catch(fault => this.#deps.log.error({ err: fault }, 'the work on a lane broke off'))
      .finally(() => {
        for (const [lane, worked] of this.#working) if (worked === done) this.#working.delete(lane)
        this.wake()
      })
    this.#working.set(first.lane, done)
  }

  async #sleep(): Promise<void> {
    const { db, clock } = this.#deps
    const next = await nextLaneDueAt(db, clock.now())
    // What was not due yet may have fallen due while the store was asked.
    this.#pollIn(next === null ? POLL_MS : Math.max(0, Math.min(POLL_MS, next - clock.now())))
    if (!this.#woken && this.#working.size === 0) this.#tellIdle()
  }

  #tellIdle(): void {
    for (const resolve of this.#awaitingIdle.splice(0)) resolve()
  }

  #pollIn(ms: number): void {
    this.#callOffPoll()
    if (this.#state !== 'started') return
    this.#callOffPoll = this.#deps.clock.after(ms, () => this.wake())
  }
}

const byAddress = (one: { address: WaitingAddress }, other: { address: WaitingAddress }): number =>
  one.address.addressId < other.address.addressId ? -1 : 1
