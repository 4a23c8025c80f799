import type { Kysely } from 'kysely'
import type { Database, Queryable, Statement, Transaction } from '../database.ts'
import { StoreClosed, StoreError, WriteMisused } from '../store-error.ts'
import type { Tables } from '../tables.ts'
import { sqliteBuilder, sqliteOneOf } from './sqlite/builder.ts'
import { Connection } from './sqlite/connection.ts'
import { GroupCommit } from './sqlite/group-commit.ts'
import { sqliteHotStatements } from './sqlite/hot-statements.ts'

/**
 * The embedded store: one file in WAL mode, one connection that writes and one that reads. Apart, so that a read never
 * sees what is not committed, whatever moment of a batch it falls into.
 */
export function openSqlite(file: string): Database {
  const writer = new Connection(file, { readOnly: false })
  const reader = new Connection(file, { readOnly: true })
  const query = sqliteBuilder()
  const outside = new SqliteQueryable(reader, query, () => new StoreClosed('the store is closed'))
  const commits = new GroupCommit(
    writer,
    () =>
      new SqliteTransaction(writer, query, () => new WriteMisused('a tx was used after its write had ended')),
  )

  return Object.assign(outside, {
    isShared: false,
    // One after another anyway, in the order in which they were asked for.
    write: <T>(work: (tx: Transaction) => Promise<T>) => commits.write(work),
    writeOne: <Row>(statement: Statement<Row>) => commits.write(tx => tx.first(statement)),
    // The data directory is locked against other processes.
    exclusively: <T>(work: (tx: Transaction) => Promise<T>) => commits.write(work),
    // Nobody else is there to see it.
    attend: async () => ({ isLost: false, onLost() {}, run: async () => 0, async leave() {} }),
    load: () => ({ connections: 2, idle: 0, waiting: commits.waiting }),
    async close() {
      await commits.close()
      if (outside.ended) return
      outside.end()
      reader.close()
      writer.close()
    },
  })
}

class SqliteQueryable implements Queryable {
  readonly dialect = 'sqlite'
  readonly hot = sqliteHotStatements
  readonly oneOf = sqliteOneOf
  readonly query: Kysely<Tables>
  readonly #connection: Connection
  readonly #tooLate: () => Error
  ended = false

  constructor(connection: Connection, query: Kysely<Tables>, tooLate: () => Error) {
    this.#connection = connection
    this.query = query
    this.#tooLate = tooLate
  }

  end(): void {
    this.ended = true
  }

  async all<Row>(statement: Statement): Promise<Row[]> {
    return this.#open().all(statement) as Row[]
  }

  async first<Row>(statement: Statement): Promise<Row | undefined> {
    return this.#open().first(statement) as Row | undefined
  }

  async run(statement: Statement): Promise<number> {
    return this.#open().run(statement)
  }

  #open(): Connection {
    if (this.ended) throw this.#tooLate()
    this.refuse(this.#connection)
    return this.#connection
  }

  /** Throws where the connection may not be asked as it is now. */
  protected refuse(_: Connection): void {}
}

class SqliteTransaction extends SqliteQueryable {
  // A full disk may end the transaction; then each statement would be a transaction of its own.
  protected override refuse(connection: Connection): void {
    if (!connection.inTransaction) throw new StoreError('the transaction has ended by itself')
  }
}
