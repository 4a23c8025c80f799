import type { Kysely } from 'kysely'
import type pg from 'pg'
import { Semaphore } from '../../system/semaphore.ts'
import type { Database, Queryable, Statement, Transaction, WriteOptions } from '../database/database.ts'
import { hotStatements } from '../database/hot-statements.ts'
import { StoreClosed, WriteMisused } from '../database/store-error.ts'
import type { Tables } from '../schema/tables.ts'
import { attend } from './postgres/attendance.ts'
import { postgresBuilder, postgresOneOf } from './postgres/builder.ts'
import { ask, openConnections } from './postgres/connections.ts'
import { runExclusively } from './postgres/exclusive.ts'
import { Transactions } from './postgres/transactions.ts'
import { inTurnOf } from './postgres/turns.ts'
import { requireWritable } from './postgres/writability.ts'

/** Fewer would let one slow read hold up every other one. */
const CONNECTIONS_MIN = 2

/** Of the connections for reads, so many are never used by what is asked in crowds: one would be held by one slow read. */
const KEPT_FREE_OF_CROWDS = 2

/** Longer than a busy moment; with what an absent database costs on top, a request is still answered within 5 s. */
const READ_WAIT_MAX_MS = 3000

export interface PostgresSettings {
  /** `postgres://user:password@host:5432/database`. */
  readonly url: string
  /** Connections at most; half of them are for reads. */
  readonly connectionsMax: number
  /** Told when an idle connection breaks. */
  readonly onLoss: (fault: Error) => void
}

/**
 * A store that several gateways share. Reads and writes have connections of their own, so that a burst of the ones does
 * not hold up the others. Nothing is connected until it is needed.
 */
export function openPostgres({ url, connectionsMax, onLoss }: PostgresSettings): Database {
  const half = Math.max(CONNECTIONS_MIN, Math.ceil(connectionsMax / 2))
  let timeline = ''
  const heard = {
    onLoss,
    // Never back: a server that was cut off when another one took its place may still answer.
    onTimeline: (told: string) => {
      if (told > timeline) timeline = told
    },
  }
  const readers = openConnections({ url, max: half }, heard)
  const writers = openConnections({ url, max: half }, heard)
  const query = postgresBuilder()
  const reads = new Semaphore(half)
  const crowds = new Semaphore(Math.max(1, half - KEPT_FREE_OF_CROWDS))
  const tooLate = () => new StoreClosed('the store is closed')
  const told = () => timeline
  const outside = new PostgresQueryable(readers, query, tooLate, told, [reads])
  const crowd = new PostgresQueryable(readers, query, tooLate, told, [crowds, reads])
  const transactions = new Transactions(
    writers,
    client =>
      new PostgresQueryable(
        client,
        query,
        () => new WriteMisused('a tx was used after its write had ended'),
        told,
      ),
  )

  return Object.assign(outside, {
    isShared: true,
    edition: () => null,
    crowd,
    write: <T>(work: (tx: Transaction) => Promise<T>, options?: WriteOptions) =>
      transactions.write(work, options),
    writeAtOnce: <Row>(statement: Statement<Row>) => transactions.writeAtOnce(statement) as Promise<Row[]>,
    exclusively: <T>(work: (tx: Transaction) => Promise<T>) =>
      runExclusively(
        url,
        client => new PostgresQueryable(client, query, () => new WriteMisused('used too late'), told),
        work,
      ),
    requireWritable: () => requireWritable(outside, transactions),
    attend: (key: number) => attend(url, key),
    load: () => ({
      connections: readers.totalCount + writers.totalCount,
      idle: readers.idleCount + writers.idleCount,
      waiting: reads.waiting + crowds.waiting + transactions.waiting,
    }),
    async close() {
      await transactions.close()
      if (outside.ended) return
      outside.end()
      crowd.end()
      await Promise.all([readers.end(), writers.end()])
    },
  })
}

class PostgresQueryable implements Queryable {
  readonly dialect = 'postgres'
  readonly hot = hotStatements.postgres
  readonly oneOf = postgresOneOf
  readonly query: Kysely<Tables>
  readonly #on: pg.Pool | pg.PoolClient | pg.Client
  readonly #tooLate: () => Error
  readonly timeline: () => string
  /** Where many ask at once, what each waits for; inside a write there is one connection. */
  readonly #turns: readonly Semaphore[]
  ended = false

  constructor(
    on: pg.Pool | pg.PoolClient | pg.Client,
    query: Kysely<Tables>,
    tooLate: () => Error,
    timeline: () => string,
    turns: readonly Semaphore[] = [],
  ) {
    this.#on = on
    this.query = query
    this.#tooLate = tooLate
    this.timeline = timeline
    this.#turns = turns
  }

  end(): void {
    this.ended = true
  }

  async all<Row>(statement: Statement): Promise<Row[]> {
    return (await this.#ask(statement)).rows as Row[]
  }

  async first<Row>(statement: Statement): Promise<Row | undefined> {
    return (await this.#ask(statement)).rows[0] as Row | undefined
  }

  async run(statement: Statement): Promise<number> {
    return (await this.#ask(statement)).rowCount ?? 0
  }

  async #ask(statement: Statement): Promise<pg.QueryResult> {
    if (this.ended) throw this.#tooLate()
    return inTurnOf(this.#turns, READ_WAIT_MAX_MS, () => {
      if (this.ended) throw this.#tooLate()
      return ask(this.#on, statement)
    })
  }
}
