import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { Transaction, WriteOptions } from '../../database/database.ts'
import { StoreBusy, StoreClosed, StoreUnwritable, WRITES_QUEUED_MAX } from '../../database/store-error.ts'
import type { Connection } from './connection.ts'
import { PATIENCE_MS, Pace } from './pace.ts'
import {
  type Ground,
  giveUpTime,
  isOverdue,
  notCommitted,
  type OpenTransaction,
  type Outcome,
  type QueuedWrite,
  withinThisTick,
} from './queued-write.ts'
import { isOutOfRoom } from './sqlite-fault.ts'
import { beginOnceUnlocked, couldLock } from './write-lock.ts'

/** So many ticks of the event loop at most are waited for more writes, while each brings some. */
const TICKS_MAX = 4

/**
 * Syncing the disk is what a commit costs, so the writes of one moment share one commit.
 *
 * A write waits in the queue. After the first tick of the event loop that brings no other one, a batch begins: one
 * transaction, one work after another. Then COMMIT, and only then do the callers hear of it. If COMMIT fails, all of them
 * hear that, nothing is kept, and the next batch starts afresh. A patient write begins a batch only if nobody else does for a moment.
 *
 * A work that throws is undone alone. One that has written nothing needs no undo: a refusal found by reading costs the others
 * nothing. For one that has, the batch is rolled back and run again, now with a savepoint around each work, and goes on so
 * with those that wait. The savepoints are kept for that case because with them SQLite copies every page that a
 * work touches for the first time, a tenth of all that a delivery of callbacks costs; and works that throw are rare.
 *
 * A batch that takes longer than SLICE_MS_MAX lets the event loop go on between two works, and before its commit, with its
 * transaction open: whoever only reads has a connection of his own and need not wait for the batch, whoever writes joins it, or
 * before the commit the next one.
 *
 * The lock of the database may be in the hands of another program, a backup or somebody's shell. It is tried for again and
 * again without stopping the process; a write that has waited too long is given up.
 *
 * On a full disk the works whose facts have happened already get the reserve (reserve.ts), and are run once more.
 *
 * SQLite answers at once, so a work that awaits nothing but its `tx` is done within the same tick. One that is not done
 * by the next tick waits for something else with the only write lock in its hand: it is undone and rejected.
 */
export class GroupCommit {
  readonly #writer: Connection
  readonly #openTx: () => OpenTransaction
  readonly #ground: Ground
  #queue: QueuedWrite[] = []
  #running: Promise<void> | null = null
  #patience: NodeJS.Timeout | undefined
  #closed = false
  #trouble: StoreUnwritable | null = null
  #edition = 0
  #hasChangedLists = false
  #written = 0

  constructor(writer: Connection, openTx: () => OpenTransaction, ground: Ground) {
    this.#writer = writer
    this.#openTx = openTx
    this.#ground = ground
  }

  /** See `Database`: it grows in the tick of the commit, so whoever reads knows of it as soon as he sees what was committed. */
  get edition(): number {
    return this.#edition
  }

  /** Why a write was not kept, until `forgive` is called. */
  get trouble(): StoreUnwritable | null {
    return this.#trouble
  }

  /** A real write was kept since. */
  forgive(): void {
    this.#trouble = null
  }

  /** Whether the lock is ours or could be had at this moment. */
  isLockFree(): boolean {
    return this.#writer.inTransaction || couldLock(this.#writer)
  }

  /** Writes that wait for their turn. */
  get waiting(): number {
    return this.#queue.length
  }

  write<T>(work: (tx: Transaction) => Promise<T>, options: WriteOptions = {}): Promise<T> {
    const { afterTheFact = false, patient = false } = options
    if (this.#closed) return Promise.reject(new StoreClosed('the store is closed'))
    if (this.#queue.length >= WRITES_QUEUED_MAX)
      return Promise.reject(new StoreBusy(`${WRITES_QUEUED_MAX} writes wait already`))
    return new Promise<unknown>((resolve, reject) => {
      this.#queue.push({ work, afterTheFact, giveUpAt: giveUpTime(afterTheFact), resolve, reject })
      if (!patient) this.#begins()
      else if (!this.#running) this.#patience ??= setTimeout(() => this.#begins(), PATIENCE_MS)
    }) as Promise<T>
  }

  /** Takes no more writes and resolves when those that waited are settled. */
  async close(): Promise<void> {
    this.#closed = true
    this.#begins()
    await this.#running
  }

  #begins(): void {
    clearTimeout(this.#patience)
    this.#patience = undefined
    if (this.#queue.length > 0) this.#running ??= this.#drain()
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#gather()
      await this.#batch()
    }
    this.#running = null
  }

  // The more share a commit, the fewer pages are written: each writes the same ends of the same indexes.
  async #gather(): Promise<void> {
    for (let tick = 0, seen = 0; tick < TICKS_MAX && this.#queue.length > seen; tick++) {
      seen = this.#queue.length
      await yieldToLoop()
    }
  }

  async #batch(): Promise<void> {
    const taken: QueuedWrite[] = []
    let outcomes: Outcome[]
    try {
      outcomes = (await this.#runTogether(taken)) ?? (await this.#runApart(taken))
      this.#ground.requireInPlace()
      this.#writer.command('commit')
    } catch (cause) {
      return this.#abandon(taken, cause)
    } finally {
      // Also where it is not known what became of the commit.
      if (this.#hasChangedLists) this.#edition++
      this.#hasChangedLists = false
    }
    for (const [at, write] of taken.entries()) this.#settle(write, outcomes[at]!)
    const written = this.#written
    this.#written = 0
    await this.#ground.committed(written)
  }

  #settle(write: QueuedWrite, outcome: Outcome): void {
    if (outcome.ok) {
      write.resolve(outcome.value)
      return
    }
    const { reason } = outcome
    if (reason instanceof StoreUnwritable) this.#trouble = reason
    if (this.#mayRunAgain([write], reason)) this.#queue.unshift(write)
    else write.reject(reason)
  }

  /** Takes works from the queue and runs them; null when one of them wrote and failed, and then nothing is kept. */
  async #runTogether(taken: QueuedWrite[]): Promise<Outcome[] | null> {
    const outcomes: Outcome[] = []
    await this.#begin(taken)
    const pace = new Pace()
    while (this.#queue.length > 0 && !pace.isOver) {
      const write = this.#queue.shift()!
      taken.push(write)
      const { hasWritten, ...outcome } = await this.#run(write)
      // A full disk ends the whole transaction, whatever the work makes of it.
      if ((!outcome.ok && hasWritten) || !this.#writer.inTransaction) {
        this.#rollBack()
        return null
      }
      outcomes.push(outcome)
      await pace.giveWay()
    }
    await pace.giveWayToCommit()
    return outcomes
  }

  /** Runs them again, and goes on with savepoints: works that throw come in crowds, and each would end a batch of its own. */
  async #runApart(taken: QueuedWrite[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    await this.#begin(taken)
    const pace = new Pace()
    for (let n = 0; n < taken.length || (this.#queue.length > 0 && !pace.isOver); n++) {
      taken[n] ??= this.#queue.shift()!
      outcomes.push(await this.#runInSavepoint(taken[n]!))
      await pace.giveWay()
    }
    await pace.giveWayToCommit()
    return outcomes
  }

  #begin(taken: readonly QueuedWrite[]): Promise<void> {
    return beginOnceUnlocked(this.#writer, failure => {
      this.#giveUpOverdue(failure)
      return taken.length > 0 ? taken.some(isOverdue) : this.#queue.length === 0
    })
  }

  #giveUpOverdue(cause: unknown): void {
    const overdue = this.#queue.filter(isOverdue)
    if (overdue.length === 0) return
    this.#queue = this.#queue.filter(write => !overdue.includes(write))
    this.#trouble = new StoreUnwritable('another program holds the lock of the store', { cause })
    for (const write of overdue) write.reject(this.#trouble)
  }

  async #runInSavepoint(write: QueuedWrite): Promise<Outcome> {
    this.#writer.command('savepoint work')
    const { hasWritten: _, ...outcome } = await this.#run(write)
    if (!outcome.ok && !this.#writer.inTransaction) throw outcome.reason
    if (!outcome.ok) this.#writer.command('rollback to work')
    this.#writer.command('release work')
    return outcome
  }

  async #run({ work }: QueuedWrite): Promise<Outcome & { readonly hasWritten: boolean }> {
    const tx = this.#openTx()
    const outcome = await withinThisTick(work, tx)
    tx.end()
    this.#hasChangedLists ||= tx.hasChangedLists
    this.#written += tx.written
    return { ...outcome, hasWritten: tx.written > 0 }
  }

  #abandon(taken: QueuedWrite[], cause: unknown): void {
    // Not one was taken: BEGIN failed, and trying again at once would fail at once.
    if (taken.length === 0) taken.push(...this.#queue.splice(0))
    if (cause instanceof StoreUnwritable) this.#trouble = cause
    const failure = notCommitted(cause)
    this.#rollBack()
    const again = this.#mayRunAgain(taken, cause) ? taken.filter(({ afterTheFact }) => afterTheFact) : []
    for (const write of taken) if (!again.includes(write)) write.reject(failure)
    this.#queue.unshift(...again)
  }

  /** Whether there is room now for those whose facts have happened. */
  #mayRunAgain(failed: readonly QueuedWrite[], cause: unknown): boolean {
    return isOutOfRoom(cause) && failed.some(({ afterTheFact }) => afterTheFact) && this.#ground.makeRoom()
  }

  // Unless it has ended by itself.
  #rollBack(): void {
    if (this.#writer.inTransaction) this.#writer.command('rollback')
  }
}
