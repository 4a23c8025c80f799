import { setTimeout as pause } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Database, Queryable, Statement, Transaction, WriteOptions } from '../database/database.ts'
import { hotStatements } from '../database/hot-statements.ts'
import { StoreClosed, StoreError, WriteMisused } from '../database/store-error.ts'
import type { Tables } from '../schema/tables.ts'
import { sqliteBuilder, sqliteOneOf } from './sqlite/builder.ts'
import { Checkpoints } from './sqlite/checkpoints.ts'
import { Connection } from './sqlite/connection.ts'
import { DataFiles } from './sqlite/data-files.ts'
import { GroupCommit } from './sqlite/group-commit.ts'
import { LOCK_WAIT_MAX_MS } from './sqlite/queued-write.ts'
import { Reserve } from './sqlite/reserve.ts'
import { isLocked } from './sqlite/sqlite-fault.ts'
import { mayChangeLists, mayWrite } from './sqlite/what-it-writes.ts'
import { Writability } from './sqlite/writability.ts'

/** Between two tries to read what somebody else has locked against readers, which is rare and short. */
const READ_AGAIN_MS = 20

/**
 * The embedded store: one file in WAL mode, one connection that writes and one that reads. Apart, so that a read never
 * sees what is not committed, whatever moment of a batch it falls into.
 */
export function openSqlite(file: string): Database {
  const writer = new Connection(file, { readOnly: false })
  const reader = new Connection(file, { readOnly: true })
  const query = sqliteBuilder()
  const outside = new SqliteQueryable(reader, query, () => new StoreClosed('the store is closed'))
  const files = new DataFiles(file)
  const reserve = new Reserve(`${file}-reserve`)
  const checkpoints = new Checkpoints(writer, file)
  const commits = new GroupCommit(
    writer,
    () =>
      new SqliteTransaction(writer, query, () => new WriteMisused('a tx was used after its write had ended')),
    {
      requireInPlace: () => files.requireInPlace(),
      makeRoom: () => reserve.release(),
      committed: statements => checkpoints.committed(statements),
    },
  )
  const writability = new Writability({ writer, reader, files, reserve, commits, checkpoints })

  return Object.assign(outside, {
    isShared: false,
    edition: () => commits.edition,
    // It answers at once, so nobody is ever in front of others.
    crowd: outside,
    // One after another anyway, in the order in which they were asked for.
    write: <T>(work: (tx: Transaction) => Promise<T>, options?: WriteOptions) => commits.write(work, options),
    writeAtOnce: <Row>(statement: Statement<Row>) => commits.write(tx => tx.all(statement)),
    // The data directory is locked against other processes.
    exclusively: <T>(work: (tx: Transaction) => Promise<T>) => commits.write(work),
    requireWritable: async ({ atOnce = false }: { readonly atOnce?: boolean } = {}) => {
      if (outside.ended) throw new StoreClosed('the store is closed')
      return writability.require(atOnce)
    },
    // Nobody else is there to see it.
    attend: async () => ({ isLost: false, onLost() {}, run: async () => 0, async leave() {} }),
    load: () => ({ connections: 2, idle: 0, waiting: commits.waiting }),
    async close() {
      await commits.close()
      await checkpoints.close()
      if (outside.ended) return
      outside.end()
      reader.close()
      writer.close()
      await reserve.close()
    },
  })
}

class SqliteQueryable implements Queryable {
  readonly dialect = 'sqlite'
  readonly hot = hotStatements.sqlite
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

  timeline(): string {
    return ''
  }

  async all<Row>(statement: Statement): Promise<Row[]> {
    return this.#read(connection => connection.all(statement)) as Row[] | Promise<Row[]>
  }

  async first<Row>(statement: Statement): Promise<Row | undefined> {
    return this.#read(connection => connection.first(statement)) as Row | undefined
  }

  async run(statement: Statement): Promise<number> {
    return this.#open().run(statement)
  }

  /** Answers at once, unless somebody else has locked out readers. */
  #read(question: (connection: Connection) => unknown): unknown {
    try {
      return question(this.#open())
    } catch (failure) {
      if (!isLocked(failure)) throw failure
      return this.#readLater(question)
    }
  }

  async #readLater(question: (connection: Connection) => unknown): Promise<unknown> {
    for (const giveUpAt = performance.now() + LOCK_WAIT_MAX_MS; ; ) {
      await pause(READ_AGAIN_MS)
      try {
        return question(this.#open())
      } catch (failure) {
        if (!isLocked(failure) || performance.now() >= giveUpAt) throw failure
      }
    }
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
  /** Whether something may have to be undone: any statement but a plain question, whatever became of it. */
  written = 0
  hasChangedLists = false

  override async all<Row>(statement: Statement): Promise<Row[]> {
    this.#note(statement)
    return super.all(statement)
  }

  override async first<Row>(statement: Statement): Promise<Row | undefined> {
    this.#note(statement)
    return super.first(statement)
  }

  override async run(statement: Statement): Promise<number> {
    this.#note(statement)
    return super.run(statement)
  }

  #note({ sql }: Statement): void {
    if (mayWrite(sql)) this.written++
    this.hasChangedLists ||= mayChangeLists(sql)
  }

  // A full disk may end the transaction; then each statement would be a transaction of its own.
  protected override refuse(connection: Connection): void {
    if (!connection.inTransaction) throw new StoreError('the transaction has ended by itself')
  }
}
