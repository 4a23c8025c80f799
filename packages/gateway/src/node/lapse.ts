import type { Database } from '../store/database/database.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

/** Shorter than REAP_SILENT_MS (peers.ts) by what is under way when it begins. */
export const LAPSE_MS = 3 * SECOND_MS
/** By then the bots of a node that has lost touch leave their puppets, whose only event stream the next node needs. */
export const STAND_ASIDE_MS = 5 * SECOND_MS

export interface LapseDeps {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
}

export interface LapsingNode {
  readonly id: () => string
  readonly hasPeers: () => boolean
  readonly onLostTouch: () => Promise<void>
}

/**
 * Whether this node may act for its bots. It may for LAPSE_MS after each beat: then others may be about to take it for dead. It
 * stands aside when they may have done so, and its bots leave their puppets.
 */
export class Lapse {
  readonly #deps: LapseDeps
  readonly #node: LapsingNode
  #isIn = false
  #callOff = () => {}

  constructor(deps: LapseDeps, node: LapsingNode) {
    this.#deps = deps
    this.#node = node
  }

  get isIn(): boolean {
    return this.#isIn
  }

  /** A beat was taken; it was sent so long ago. */
  stayIn(alreadyMs = 0): void {
    const { clock, log, db } = this.#deps
    this.#callOff()
    this.#isIn = true
    if (!db.isShared) return
    this.#callOff = clock.after(Math.max(0, LAPSE_MS - alreadyMs), () => {
      this.#isIn = false
      log.warn(
        { node: this.#node.id() },
        'this node has not reached the database for too long: it does not act for its bots',
      )
      if (this.#node.hasPeers())
        this.#callOff = clock.after(STAND_ASIDE_MS - LAPSE_MS, () => this.#standAside())
    })
  }

  /** From this moment on it may not, until the next beat. */
  end(): void {
    this.#isIn = false
  }

  callOff(): void {
    this.#callOff()
  }

  #standAside(): void {
    const { log } = this.#deps
    this.#node
      .onLostTouch()
      .catch(failure =>
        log.error({ node: this.#node.id(), err: failure }, 'the bots could not leave their puppets'),
      )
  }
}
