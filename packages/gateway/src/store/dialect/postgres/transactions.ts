import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import { Semaphore } from '../../../system/semaphore.ts'
import type { Statement, Transaction, WriteOptions } from '../../database/database.ts'
import { StoreBusy, StoreClosed, StoreUnwritable, WRITES_QUEUED_MAX } from '../../database/store-error.ts'
import { ask } from './connections.ts'
import { Lines } from './lines.ts'
import { isCollision, isReadOnly, toStoreError, wasLeftIdle } from './postgres-fault.ts'

/** A work that collides with others is run again so many times before its caller hears of it. */
const RUNS_MAX = 6
const COLLISION_WAIT_MS = 5

/** A transaction until `end()` is called; afterwards it refuses everything. */
export type OpenTransaction = Transaction & { end(): void }

/**
 * Carries out writes, each in a transaction and on a connection of its own, as many at once as there are connections.
 * PostgreSQL itself lets their commits share one sync of the disk.
 *
 * Works of one line run one after another, in the order in which they were asked for (`lines.ts`). A work that collides with
 * another one (deadlock, serialization) is undone and run again, which is why it changes nothing outside its `tx`. So is, once, one in which nothing was asked for too long: most
 * likely the whole process had to stand still meanwhile.
 *
 * When the connection breaks during COMMIT nobody can say whether it happened. Then the caller hears StoreAway and looks.
 */
export class Transactions {
  readonly #pool: pg.Pool
  readonly #openTx: (client: pg.PoolClient) => OpenTransaction
  readonly #turns: Semaphore
  readonly #lines = new Lines()
  readonly #underWay = new Set<Promise<unknown>>()
  #closed = false
  #trouble: StoreUnwritable | null = null

  constructor(pool: pg.Pool, openTx: (client: pg.PoolClient) => OpenTransaction) {
    this.#pool = pool
    this.#openTx = openTx
    this.#turns = new Semaphore(pool.options.max)
  }

  /** Writes that wait for a connection. */
  get waiting(): number {
    return this.#turns.waiting
  }

  /** Why a write was not kept, until `forgive` is called. */
  get trouble(): StoreUnwritable | null {
    return this.#trouble
  }

  /** A real write was kept since. */
  forgive(): void {
    this.#trouble = null
  }

  write<T>(
    work: (tx: Transaction) => Promise<T>,
    { line, together, afterTheFact }: WriteOptions = {},
  ): Promise<T> {
    const carryOut = <R>(run: (tx: Transaction) => Promise<R>) => this.#inTurn(() => this.#runOnce(run))
    return this.#keep(() => {
      if (line === undefined) return carryOut(work)
      // What cannot be taken back waits for nobody else's.
      if (together && !afterTheFact) return this.#lines.together(line, together, { alone: work, carryOut })
      return this.#lines.inTurn(line, () => carryOut(work))
    })
  }

  /** One statement, and with it its own commit; its rows. */
  writeAtOnce(statement: Statement): Promise<unknown[]> {
    return this.#keep(() => this.#inTurn(async () => (await ask(this.#pool, statement)).rows))
  }

  /** Takes no more writes and resolves when those that waited are settled. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#underWay)
  }

  #keep<T>(carryOut: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreClosed('the store is closed'))
    if (this.#underWay.size >= WRITES_QUEUED_MAX)
      return Promise.reject(new StoreBusy(`${WRITES_QUEUED_MAX} writes wait already`))
    const written = carryOut()
    this.#underWay.add(written)
    written.then(
      () => this.#underWay.delete(written),
      failure => {
        this.#underWay.delete(written)
        if (failure instanceof StoreUnwritable) this.#trouble = failure
      },
    )
    return written
  }

  async #inTurn<T>(runOnce: () => Promise<T>): Promise<T> {
    await this.#turns.take()
    try {
      return await runUntilAlone(runOnce)
    } finally {
      this.#turns.giveBack()
    }
  }

  async #runOnce<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch(failure => {
      throw toStoreError(failure)
    })
    const connection = watch(client)
    const tx = this.#openTx(client)
    try {
      const begun = client.query('begin')
      // Sent along with the first statement of the work; if it fails, so does that one.
      begun.catch(() => {})
      const value = await Promise.race([work(tx), connection.lost])
      tx.end()
      await Promise.race([client.query('commit'), connection.lost])
      connection.release()
      return value
    } catch (failure) {
      tx.end()
      const told = toStoreErrorIfOurs(failure)
      await connection.undo(told)
      throw told
    }
  }
}

async function runUntilAlone<T>(runOnce: () => Promise<T>): Promise<T> {
  for (let run = 1; ; run++) {
    try {
      return await runOnce()
    } catch (failure) {
      const mayRunAgain = (isCollision(failure) && run < RUNS_MAX) || (wasLeftIdle(failure) && run === 1)
      if (!mayRunAgain) throw failure
      await pause(COLLISION_WAIT_MS * run)
    }
  }
}

/** What the work itself threw is passed on as it is. */
const toStoreErrorIfOurs = (failure: unknown): unknown =>
  failure instanceof Error && ('severity' in failure || failure instanceof ConnectionLost)
    ? toStoreError(failure instanceof ConnectionLost ? failure.cause : failure)
    : failure

class ConnectionLost extends Error {
  override name = 'ConnectionLost'
}

/** Notices when the connection breaks while its work waits for something else, and gives it back to the pool. */
function watch(client: pg.PoolClient) {
  let broken: Error | undefined
  let tell: (lost: ConnectionLost) => void = () => {}
  const lost = new Promise<never>((_resolve, reject) => {
    tell = reject
  })
  // Nobody may be waiting for it.
  lost.catch(() => {})
  const onError = (fault: Error) => {
    broken = fault
    tell(new ConnectionLost('the connection broke', { cause: fault }))
  }
  client.on('error', onError)
  const release = () => {
    client.off('error', onError)
    client.release(broken)
  }
  return {
    lost,
    release,
    async undo(failure: unknown) {
      // Of a server that takes no writes: perhaps it is a standby by now, and the next connection finds the primary.
      if (isReadOnly(failure)) broken = failure as Error
      if (!broken) {
        await client.query('rollback').catch((fault: Error) => {
          broken = fault
        })
      }
      release()
    },
  }
}
