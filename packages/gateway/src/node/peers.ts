/**
 * What a node sees of the others. Nobody compares clocks: a peer is taken for dead when its beat has not changed for a while
 * *before our own eyes*. A moment in which we ourselves could not check (the database was away) does not count, so after such
 * a moment everybody has time to come back.
 *
 * A process that died is known by its lock, which its end frees. Whoever sees a free lock checks again every CHECK_AGAIN_MS,
 * and when it was free for REAP_GONE_MS without a beat the peer is dead. A living one whose connection broke takes its lock
 * again at once, without waiting for its next beat. But where we were cut off ourselves a moment ago, others may have been
 * too, and have REAP_CUT_OFF_MS to come back; so has who has just entered and has not taken its lock yet. A peer that still
 * has its lock, but does not beat (frozen, or its machine lost power), is reaped after REAP_SILENT_MS.
 */
import { listNodes, type NodeRow, reapNode } from '../store/bots/nodes.ts'
import type { Database } from '../store/database/database.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

export const BEAT_MS = 500
export const CHECK_AGAIN_MS = 100
export const REAP_GONE_MS = 250
export const REAP_CUT_OFF_MS = 1500
/** So long after we could not reach the database ourselves, others may still be on their way back to it. */
const AFTER_CUT_OFF_MS = 3 * SECOND_MS
export const REAP_SILENT_MS = 5 * SECOND_MS
/** Between two checks of the peers; after a longer gap what was seen before it does not count. */
const CHECK_GAP_MAX_MS = 3 * BEAT_MS

interface Seen {
  readonly beat: number
  /** Since when it has been the same. */
  readonly since: number
  /** Since when, with this beat, its lock is free; null while it holds it. */
  readonly freeSince: number | null
}

export class Peers {
  readonly #deps: { readonly db: Database; readonly clock: Clock; readonly log: Log }
  readonly #ownId: () => string
  #nodes: readonly NodeRow[] = []
  #seen = new Map<string, Seen>()
  #checkedAt: number | null = null
  #cutOffAt = Number.NEGATIVE_INFINITY
  #isSomebodyGone = false
  #unreachable = ''

  constructor(
    deps: { readonly db: Database; readonly clock: Clock; readonly log: Log },
    ownId: () => string,
  ) {
    this.#deps = deps
    this.#ownId = ownId
  }

  /** Everybody alive as of the last check, ourselves included. */
  get nodes(): readonly NodeRow[] {
    return this.#nodes
  }

  /** The lock of one of them is free: it is to be checked again soon. */
  get isSomebodyGone(): boolean {
    return this.#isSomebodyGone
  }

  async find(): Promise<void> {
    this.#nodes = await listNodes(this.#deps.db)
  }

  /** We could not reach the database: what was seen before does not count. */
  cutOff(): void {
    this.#cutOffAt = this.#deps.clock.now()
    this.#seen.clear()
    this.#isSomebodyGone = false
  }

  /** Reaps whoever is dead. True when addresses may have become free. */
  async check(): Promise<boolean> {
    const { db, clock, log } = this.#deps
    await this.find()
    const now = clock.now()
    const gapMs = this.#checkedAt === null ? 0 : now - this.#checkedAt
    if (gapMs > CHECK_GAP_MAX_MS || gapMs < 0) this.cutOff()
    this.#checkedAt = now
    const isSoonAfter = now - this.#cutOffAt < AFTER_CUT_OFF_MS

    const before = this.#seen
    this.#seen = new Map()
    let hasReaped = false
    for (const { id, beat, entered, attending } of this.#nodes) {
      const known = before.get(id)
      const same = known?.beat === beat ? known : null
      const since = same?.since ?? now
      const freeSince = attending ? null : (same?.freeSince ?? now)
      this.#seen.set(id, { beat, since, freeSince })
      const silentMs = now - since
      // Whoever has entered takes its lock next, and beats only then.
      const reapGoneMs = isSoonAfter || beat === entered ? REAP_CUT_OFF_MS : REAP_GONE_MS
      const isDead = silentMs >= REAP_SILENT_MS || (freeSince !== null && now - freeSince >= reapGoneMs)
      if (id === this.#ownId() || !isDead) continue
      if (!(await reapNode(db, id, beat))) continue
      hasReaped = true
      this.#seen.delete(id)
      log.warn({ node: id, silentMs }, 'a node is dead; what it ran is free')
    }
    this.#nodes = this.#nodes.filter(({ id }) => this.#seen.has(id))
    this.#isSomebodyGone = this.#nodes.some(({ id, attending }) => id !== this.#ownId() && !attending)
    this.#tellOfUnreachable()
    return hasReaped
  }

  // Not refused: a node that replaces the only one stands beside it for a moment, and need not be reachable.
  #tellOfUnreachable(): void {
    const without = this.#nodes.filter(({ address }) => address === null).map(({ id }) => id)
    const unreachable = this.#nodes.length > 1 ? without.join(' ') : ''
    if (unreachable !== '' && unreachable !== this.#unreachable)
      this.#deps.log.warn(
        { nodes: without },
        'nodes without QUNHUB_NODE_ADDRESS stand beside others: requests for their bots are refused elsewhere',
      )
    this.#unreachable = unreachable
  }
}
