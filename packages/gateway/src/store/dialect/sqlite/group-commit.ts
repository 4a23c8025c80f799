import type { Transaction } from '../../database.ts'
import { StoreBusy, StoreClosed, StoreError, WRITES_QUEUED_MAX, WriteMisused } from '../../store-error.ts'
import type { Connection } from './connection.ts'

/** A batch takes no more works when it has worked so long: its commit stays a small one, and its callers wait for little. */
const BATCH_MS_MAX = 15
/** So many turns of the event loop at most are waited for more writes, while each brings some. */
const TURNS_MAX = 4
/** The longest that the works of a batch go on without letting anybody else have a turn; the last of them ends first. */
export const SLICE_MS_MAX = 4

/** A transaction until `end()` is called; afterwards it refuses everything. */
export type OpenTransaction = Transaction & { end(): void }

interface Write {
  readonly work: (tx: Transaction) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
}

type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: unknown }

/**
 * Syncing the disk is what a commit costs, so the writes of one moment share one commit.
 *
 * A write waits in the queue. After the first turn of the event loop that brings no other one, a batch begins: one
 * transaction, one work after another. Then COMMIT, and only then do the callers hear of it. If COMMIT fails, all of them
 * hear that, nothing is kept, and the next batch starts afresh.
 *
 * A work that throws is undone alone: the batch is rolled back and run again, now with a savepoint around each work, and
 * goes on so with those that wait. The savepoints are kept for that case because with them SQLite copies every page that a
 * work touches for the first time, a tenth of all that a delivery of callbacks costs; and works that throw are rare.
 *
 * A batch that takes longer than SLICE_MS_MAX lets the event loop turn between two works, and before its commit, with its
 * transaction open: whoever only reads has a connection of his own and need not wait for the batch, whoever writes joins it.
 *
 * SQLite answers at once, so a work that awaits nothing but its `tx` is done within the same turn. One that is not done
 * by the next turn waits for something else with the only write lock in its hand: it is undone and rejected.
 */
export class GroupCommit {
  readonly #writer: Connection
  readonly #openTx: () => OpenTransaction
  #queue: Write[] = []
  #running: Promise<void> | null = null
  #closed = false

  constructor(writer: Connection, openTx: () => OpenTransaction) {
    this.#writer = writer
    this.#openTx = openTx
  }

  /** Writes that wait for their turn. */
  get waiting(): number {
    return this.#queue.length
  }

  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreClosed('the store is closed'))
    if (this.#queue.length >= WRITES_QUEUED_MAX)
      return Promise.reject(new StoreBusy(`${WRITES_QUEUED_MAX} writes wait already`))
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ work, resolve: resolve as (value: unknown) => void, reject })
      this.#running ??= this.#drain()
    })
  }

  /** Takes no more writes and resolves when those that waited are settled. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
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
    for (let turn = 0, seen = 0; turn < TURNS_MAX && this.#queue.length > seen; turn++) {
      seen = this.#queue.length
      await nextTurn()
    }
  }

  async #batch(): Promise<void> {
    const taken: Write[] = []
    let outcomes: Outcome[]
    try {
      outcomes = (await this.#runTogether(taken)) ?? (await this.#runApart(taken))
      this.#writer.command('commit')
    } catch (cause) {
      return this.#abandon(taken, cause)
    }
    for (const [at, write] of taken.entries()) settle(write, outcomes[at]!)
  }

  /** Takes works from the queue and runs them; null when one of them failed, and then nothing is kept. */
  async #runTogether(taken: Write[]): Promise<Outcome[] | null> {
    const outcomes: Outcome[] = []
    this.#writer.command('begin immediate')
    const pace = new Pace()
    while (this.#queue.length > 0 && !pace.isOver) {
      const write = this.#queue.shift()!
      taken.push(write)
      const outcome = await this.#run(write)
      // A full disk ends the whole transaction, whatever the work makes of it.
      if (!outcome.ok || !this.#writer.inTransaction) {
        this.#rollBack()
        return null
      }
      outcomes.push(outcome)
      await pace.giveWay()
    }
    return outcomes
  }

  /** Runs them again, and goes on with savepoints: works that throw come in crowds, and each would end a batch of its own. */
  async #runApart(taken: Write[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = []
    this.#writer.command('begin immediate')
    const pace = new Pace()
    for (let n = 0; n < taken.length || (this.#queue.length > 0 && !pace.isOver); n++) {
      taken[n] ??= this.#queue.shift()!
      outcomes.push(await this.#runInSavepoint(taken[n]!))
      await pace.giveWay()
    }
    return outcomes
  }

  async #runInSavepoint(write: Write): Promise<Outcome> {
    this.#writer.command('savepoint work')
    const outcome = await this.#run(write)
    if (!outcome.ok) this.#writer.command('rollback to work')
    this.#writer.command('release work')
    return outcome
  }

  async #run({ work }: Write): Promise<Outcome> {
    const tx = this.#openTx()
    const outcome = await withinThisTurn(work, tx)
    tx.end()
    return outcome
  }

  #abandon(taken: Write[], cause: unknown): void {
    // Not one was taken: BEGIN failed, and trying again at once would fail at once.
    if (taken.length === 0) taken.push(...this.#queue.splice(0))
    for (const write of taken)
      write.reject(new StoreError('the writes of this moment could not be committed', { cause }))
    this.#rollBack()
  }

  // Unless it has ended by itself.
  #rollBack(): void {
    if (this.#writer.inTransaction) this.#writer.command('rollback')
  }
}

/** How long a batch has worked, and when it lets others have a turn. */
class Pace {
  #workedMs = 0
  #sliceBeganAt = performance.now()

  get isOver(): boolean {
    return this.#workedMs >= BATCH_MS_MAX
  }

  async giveWay(): Promise<void> {
    const sliceMs = performance.now() - this.#sliceBeganAt
    if (sliceMs < SLICE_MS_MAX) return
    this.#workedMs += sliceMs
    await nextTurn()
    this.#sliceBeganAt = performance.now()
  }
}

const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

const settle = ({ resolve, reject }: Write, outcome: Outcome): void => {
  if (outcome.ok) resolve(outcome.value)
  else reject(outcome.reason)
}

async function withinThisTurn(work: Write['work'], tx: OpenTransaction): Promise<Outcome> {
  let turnEnds: NodeJS.Immediate | undefined
  const tooLate = new Promise<Outcome>(resolve => {
    turnEnds = setImmediate(() =>
      resolve({
        ok: false,
        reason: new WriteMisused('a write awaited something other than its tx, and was undone'),
      }),
    )
  })
  const finished = (async () => work(tx))().then(
    (value): Outcome => ({ ok: true, value }),
    (reason): Outcome => ({ ok: false, reason }),
  )
  try {
    return await Promise.race([finished, tooLate])
  } finally {
    clearImmediate(turnEnds)
  }
}
