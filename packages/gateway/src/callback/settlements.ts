import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { Database, Queryable } from '../store/database/database.ts'
import { StoreClosed, StoreError } from '../store/database/store-error.ts'
import {
  type AfterBatch,
  SETTLED_AT_ONCE_MAX,
  type Settled,
  settleCallbacks,
} from '../store/outbox/settle-callbacks.ts'
import { type Clock, SECOND_MS, sleep } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

export interface SettlementDeps {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  /** Aborted when nobody waits any longer. */
  readonly abandoned: AbortSignal
  /** What time it is for the breakers; the store's clock where nodes share one (CB-7). */
  readonly breakerTime: (tx: Queryable) => Promise<number>
}

/** Batches that are written at the same time. */
const BATCHES_MAX = 2
/** Between tries to write down what became of callbacks, doubling from the one to the other. */
const TRY_AGAIN_MIN_MS = 100
const TRY_AGAIN_MAX_MS = 5 * SECOND_MS

interface Waiting {
  /** Written together: a callback, and those that it ends. */
  readonly settled: readonly Settled[]
  readonly patient: boolean
  readonly resolve: (after: AfterBatch) => void
  readonly reject: (fault: unknown) => void
}

/**
 * Gathers what became of callbacks while a batch is being written, and writes it with the next one.
 *
 * What was delivered must not be sent again because the store hiccups. So a batch is tried again and again, ever more slowly;
 * only if the process ends before it is kept does the customer hear those callbacks twice.
 */
export class Settlements {
  readonly #deps: SettlementDeps
  #waiting: Waiting[] = []
  #underWay = 0

  constructor(deps: SettlementDeps) {
    this.#deps = deps
  }

  /**
   * Resolves when it is durable: with the address as it is then. Rejects when the courier ends before. `patient`: nothing more
   * is about to be sent, so it may share the commit of what is owed next.
   */
  keep(settled: readonly Settled[], patient = false): Promise<AfterBatch> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ settled, patient, resolve, reject })
      if (this.#underWay < BATCHES_MAX) void this.#writeAll()
    })
  }

  async #writeAll(): Promise<void> {
    this.#underWay++
    try {
      // What ends in this tick of the event loop goes into the same batch.
      await yieldToLoop()
      while (this.#waiting.length > 0) await this.#writeNext()
    } finally {
      this.#underWay--
    }
  }

  async #writeNext(): Promise<void> {
    const batch = this.#waiting.splice(0, SETTLED_AT_ONCE_MAX)
    try {
      // Only one of the places is for waiting, or what is in a hurry would have none.
      const patient = this.#underWay === 1 && batch.every(each => each.patient)
      const after = await this.#keepTrying(
        batch.flatMap(({ settled }) => settled),
        patient,
      )
      const told = new Set<string>()
      for (const { settled, resolve } of batch) {
        const { addressId } = settled[0]!.address
        const { address, change } = after.get(addressId)!
        resolve({ address, change: told.has(addressId) ? null : change })
        told.add(addressId)
      }
    } catch (fault) {
      for (const { reject } of batch) reject(fault)
    }
  }

  async #keepTrying(batch: readonly Settled[], patient: boolean): Promise<ReadonlyMap<string, AfterBatch>> {
    const { db, clock, log, abandoned, breakerTime } = this.#deps
    for (let wait = TRY_AGAIN_MIN_MS; ; wait = Math.min(2 * wait, TRY_AGAIN_MAX_MS)) {
      try {
        return await settleCallbacks(db, batch, breakerTime, patient)
      } catch (fault) {
        if (!(fault instanceof StoreError) || fault instanceof StoreClosed || abandoned.aborted) throw fault
        log.error({ err: fault, wait }, 'what became of a callback was not kept, trying again')
      }
      await sleep(clock, wait, abandoned)
    }
  }
}
