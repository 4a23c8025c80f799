import type { Transaction } from '../../database.ts'
import { StoreBusy, StoreClosed, StoreError, WRITES_QUEUED_MAX, WriteMisused } from '../../store-error.ts'
import type { Connection } from './connection.ts'

/** A batch stops taking works after it has worked so long, so that its commit is a small one and its callers wait for little. */
const BATCH_MS_MAX = 15
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
 * Syncing the disk is what a commit costs, so the writes of one turn of the event loop share one commit.
 *
 * A write waits in the queue. At the end of the turn (setImmediate) a batch begins: one transaction, each work inside a
 * savepoint of its own, one after another, so a work that throws is undone alone. Then COMMIT, and only then do the
 * callers hear of it. If COMMIT fails, all of them hear that, nothing is kept, and the next batch starts afresh.
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
      await nextTurn()
      await this.#batch()
    }
    this.#running = null
  }

  async #batch(): Promise<void> {
    const taken: Write[] = []
    const outcomes: Outcome[] = []
    try {
      this.#writer.command('begin immediate')
      let workedMs = 0
      let sliceBeganAt = performance.now()
      while (this.#queue.length > 0 && workedMs < BATCH_MS_MAX) {
        const write = this.#queue.shift()!
        taken.push(write)
        outcomes.push(await this.#inSavepoint(write))
        const sliceMs = performance.now() - sliceBeganAt
        if (sliceMs < SLICE_MS_MAX) continue
        workedMs += sliceMs
        await nextTurn()
        sliceBeganAt = performance.now()
      }
      this.#writer.command('commit')
    } catch (cause) {
      this.#abandon(taken, cause)
      return
    }
    for (const [at, write] of taken.entries()) settle(write, outcomes[at]!)
  }

  async #inSavepoint({ work }: Write): Promise<Outcome> {
    const tx = this.#openTx()
    this.#writer.command('savepoint work')
    const outcome = await withinThisTurn(work, tx)
    tx.end()
    if (!outcome.ok) this.#writer.command('rollback to work')
    this.#writer.command('release work')
    return outcome
  }

  // A full disk ends the whole transaction by itself; otherwise it is still open and must go.
  #abandon(taken: Write[], cause: unknown): void {
    // Not one was taken: BEGIN failed, and trying again at once would fail at once.
    if (taken.length === 0) taken.push(...this.#queue.splice(0))
    for (const write of taken)
      write.reject(new StoreError('the writes of this moment could not be committed', { cause }))
    if (this.#writer.inTransaction) this.#writer.command('rollback')
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
