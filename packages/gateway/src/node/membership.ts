/**
 * A node among its peers. It enters, and from then on beats twice a second and checks the beats of the others (`peers.ts`).
 *
 * A node whose own beats fail for LAPSE_MS may be taken for dead soon, so by then it must not act for its bots any more
 * (`isIn` is false). If it beats again before anybody reaped it, it goes on as if nothing had been; otherwise it hears
 * `onReaped`, and enters anew under another id.
 *
 * Beats have a connection of their own, and wait for no other work.
 *
 * Where nobody shares the store there are no beats: the data directory's lock says that there is one node.
 */

import { beatOf, enterNode, leaveNode, type NodeRow, removeEveryNode } from '../store/bots/nodes.ts'
import type { Attendance, Database } from '../store/database/database.ts'
import type { Clock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { hex24, type Random } from '../system/random.ts'
import { Lapse } from './lapse.ts'
import { BEAT_MS, CHECK_AGAIN_MS, Peers } from './peers.ts'

/** While beats fail: a database that is back is found before what is left of LAPSE_MS has run out for nothing. */
export const BEAT_AGAIN_MS = 100
export interface Membership {
  /** Of this node; another one after it was reaped. */
  readonly id: string
  /** Whether it may act for its bots: nobody can have taken it for dead. */
  readonly isIn: boolean
  /** Everybody alive as of the last check, ourselves included. */
  readonly nodes: readonly NodeRow[]
  /** Beats, checks and reaps now, and again and again; calls `onRound` after each round that reached the database. */
  start(handlers: MembershipHandlers): void
  /** Beats no more. The node stays in the store, with what it holds, until `leave`. */
  stop(): Promise<void>
  /** Gives back everything that the node holds. */
  leave(): Promise<void>
}

export interface MembershipHandlers {
  /** After a round: claim, release. Beats go on meanwhile; the next one is called when it has ended. */
  onRound(): Promise<void>
  /** Addresses of a dead node are free. */
  onLanesFreed(): void
  /** Others may be about to take us for dead, and to take over what we run. */
  onLostTouch(): Promise<void>
  /** Others took us for dead; what we ran is theirs. Rounds wait for it. */
  onReaped(): Promise<void>
}

export interface MembershipDeps {
  readonly db: Database
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** `host:port` of our door for peers. */
  readonly address: string | null
}

/** Enters. Rejects with what the store throws. */
export async function openMembership(deps: MembershipDeps): Promise<Membership> {
  // The only process on its store: whoever was there is dead.
  if (!deps.db.isShared) await removeEveryNode(deps.db)
  const membership = new NodeAmongPeers(deps)
  await membership.enter()
  return membership
}

const NOT_STARTED: MembershipHandlers = {
  async onRound() {},
  onLanesFreed() {},
  async onLostTouch() {},
  async onReaped() {},
}

class NodeAmongPeers implements Membership {
  readonly #deps: MembershipDeps
  #handlers: MembershipHandlers = NOT_STARTED
  #id = ''
  readonly #peers: Peers
  #attendance: Attendance | null = null
  #entered = 0
  readonly #lapse: Lapse
  #callOffRound = () => {}
  #hurry = () => {}
  #round: Promise<void> = Promise.resolve()
  #work: Promise<void> | null = null
  #stopped = false
  /** When the first of the beats that fail now was tried; null while they succeed. */
  #failingSince: number | null = null

  constructor(deps: MembershipDeps) {
    this.#deps = deps
    this.#peers = new Peers(deps, () => this.#id)
    this.#lapse = new Lapse(deps, {
      id: () => this.#id,
      // Alone there is nobody who could take over, and nothing that happens meanwhile need be missed.
      hasPeers: () => this.#peers.nodes.length > 1,
      onLostTouch: () => this.#handlers.onLostTouch(),
    })
  }

  get id(): string {
    return this.#id
  }

  get isIn(): boolean {
    return this.#lapse.isIn
  }

  get nodes(): readonly NodeRow[] {
    return this.#peers.nodes
  }

  async enter(): Promise<void> {
    const { db, random, address } = this.#deps
    this.#id = hex24(random)
    await this.#attendance?.leave()
    this.#entered = await enterNode(db, this.#id, address)
    await this.#attend()
    // Before it holds anything: who has entered and not beaten yet is given longer to take its lock.
    if (db.isShared) await this.#attendance!.run(beatOf(db, this.#id))
    await this.#peers.find()
    this.#lapse.stayIn()
  }

  start(handlers: MembershipHandlers): void {
    this.#handlers = handlers
    const begin = () => {
      this.#hurry = () => {}
      this.#round = goRound()
    }
    const goRound = async () => {
      await this.#goRound()
      // Alone there is nobody to beat for.
      if (this.#stopped || !this.#deps.db.isShared) return
      const callOff = this.#deps.clock.after(this.#nextRoundIn(), begin)
      this.#callOffRound = callOff
      this.#hurry = () => {
        callOff()
        begin()
      }
    }
    begin()
  }

  #nextRoundIn(): number {
    if (this.#failingSince !== null) return BEAT_AGAIN_MS
    return this.#peers.isSomebodyGone ? CHECK_AGAIN_MS : BEAT_MS
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#callOffRound()
    this.#hurry = () => {}
    await this.#round
    await this.#work
    this.#lapse.callOff()
  }

  async leave(): Promise<void> {
    await this.stop()
    this.#lapse.end()
    try {
      await leaveNode(this.#deps.db, this.#id)
    } catch (failure) {
      this.#deps.log.warn(
        { node: this.#id, err: failure },
        'the node could not say that it leaves; its peers will notice',
      )
    }
    await this.#attendance?.leave()
  }

  async #goRound(): Promise<void> {
    const { db, log } = this.#deps
    try {
      if (db.isShared && !(await this.#beat())) {
        log.warn({ node: this.#id }, 'the other nodes took this one for dead; it comes back under another id')
        this.#lapse.end()
        await this.#handlers.onReaped()
        await this.enter()
      }
      if (db.isShared && (await this.#peers.check())) this.#handlers.onLanesFreed()
      this.#noteSuccess()
      this.#work ??= this.#doWork().finally(() => {
        this.#work = null
      })
    } catch (failure) {
      this.#peers.cutOff()
      this.#noteFailure(failure)
    }
  }

  #noteFailure(failure: unknown): void {
    if (this.#failingSince !== null) return
    const { clock, log } = this.#deps
    this.#failingSince = clock.now()
    log.warn({ node: this.#id, err: failure }, 'a beat of this node failed; it is tried again and again')
  }

  #noteSuccess(): void {
    if (this.#failingSince === null) return
    const { clock, log } = this.#deps
    log.info({ node: this.#id, afterMs: clock.now() - this.#failingSince }, 'this node beats again')
    this.#failingSince = null
  }

  // Beside the beats: a bot that is slow to leave its puppet must not make its node look dead.
  async #doWork(): Promise<void> {
    try {
      await this.#handlers.onRound()
    } catch (failure) {
      this.#deps.log.warn({ node: this.#id, err: failure }, 'bots could not be claimed or given back')
    }
  }

  async #beat(): Promise<boolean> {
    const { db, clock } = this.#deps
    if (!this.#attendance || this.#attendance.isLost) await this.#attend()
    // Counted from before it is sent: whoever sees it sees it later.
    const sentAt = clock.now()
    if ((await this.#attendance!.run(beatOf(db, this.#id))) === 0) return false
    this.#lapse.stayIn(clock.now() - sentAt)
    return true
  }

  async #attend(): Promise<void> {
    const attendance = await this.#deps.db.attend(this.#entered)
    this.#attendance = attendance
    attendance.onLost(() => {
      if (this.#stopped || this.#attendance !== attendance) return
      this.#peers.cutOff()
      // Peers see the lock free and may take over soon; the next beat says that they have not.
      if (this.#peers.nodes.length > 1) this.#lapse.end()
      this.#hurry()
    })
  }
}
