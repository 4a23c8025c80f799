import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { Statement } from '../../database/database.ts'
import { toStoreError } from './sqlite-fault.ts'

/** Prepared statements kept a connection; the code has about a hundred texts, so this is reached by a mistake only. */
const PREPARED_MAX = 512
/**
 * At opening alone, when nobody else has anything to do. Later SQLite waits for no lock: it would wait with the whole
 * process. Whoever meets one tries again (group-commit.ts, sqlite.ts).
 */
const OPENING_WAIT_MAX_MS = 5000
const CACHE_KIB = 32 * 1024
/**
 * Of a new store; one that is there keeps its own. A callback touches some twenty pages in three commits, each of them a few
 * changed rows: of 4 KiB, SQLite's own size, that was 111 KB a callback of 2 KB, of this size it is 42 (decision 0063).
 */
const PAGE_BYTES = 1024
/**
 * When the write-ahead log is copied into the file; SQLite's own 1000 pages are two or three rooms of a first sync. A page
 * that was written several times meanwhile is copied once. Beyond this nothing more is gained (64 MiB were tried), and a
 * start reads the log.
 */
export const CHECKPOINT_BYTES = 16 * 1024 * 1024
/** After a burst the write-ahead log is cut back to this. */
const LOG_BYTES_MAX = 64 * 1024 * 1024

/** One connection to the file, and its prepared statements by their text. Answers at once, as SQLite does. */
export class Connection {
  readonly #sqlite: DatabaseSync
  readonly #readOnly: boolean
  readonly #prepared = new Map<string, StatementSync>()

  constructor(file: string, { readOnly }: { readOnly: boolean }) {
    this.#readOnly = readOnly
    this.#sqlite = new DatabaseSync(file, {
      readOnly,
      enableForeignKeyConstraints: true,
      timeout: OPENING_WAIT_MAX_MS,
    })
    this.#set()
  }

  #set(): void {
    this.command(`pragma cache_size = -${CACHE_KIB}`)
    if (!this.#readOnly) {
      this.command(`pragma page_size = ${PAGE_BYTES}`)
      this.command('pragma journal_mode = wal')
      // NORMAL would lose the last commits with the power, and an acknowledged write must stay (CB-12).
      this.command('pragma synchronous = full')
      this.copyLogAt(Math.floor(CHECKPOINT_BYTES / this.pageBytes))
      this.command(`pragma journal_size_limit = ${LOG_BYTES_MAX}`)
    }
    this.command('pragma busy_timeout = 0')
  }

  get pageBytes(): number {
    const { page_size } = this.first({ sql: 'pragma page_size', parameters: [] }) as { page_size: number }
    return page_size
  }

  /** How many pages are in the log when a commit copies it into the file. */
  copyLogAt(pages: number): void {
    this.command(`pragma wal_autocheckpoint = ${pages}`)
  }

  get inTransaction(): boolean {
    return this.#sqlite.isTransaction
  }

  all(statement: Statement): unknown[] {
    return ask(() => this.#prepare(statement.sql).all(...bind(statement.parameters)))
  }

  first(statement: Statement): unknown {
    return ask(() => this.#prepare(statement.sql).get(...bind(statement.parameters)))
  }

  run(statement: Statement): number {
    return ask(() => Number(this.#prepare(statement.sql).run(...bind(statement.parameters)).changes))
  }

  /** Without parameters and without being kept: pragmas, transactions, DDL. */
  command(sql: string): void {
    ask(() => this.#sqlite.exec(sql))
  }

  close(): void {
    this.#prepared.clear()
    this.#sqlite.close()
  }

  /** Opens it again after it was closed, on the file that goes by its name now. */
  open(): void {
    this.#sqlite.open()
    this.#set()
  }

  #prepare(sql: string): StatementSync {
    const known = this.#prepared.get(sql)
    if (known) return known
    const oldest = this.#prepared.size >= PREPARED_MAX ? this.#prepared.keys().next().value : undefined
    if (oldest !== undefined) this.#prepared.delete(oldest)
    const fresh = this.#sqlite.prepare(sql)
    this.#prepared.set(sql, fresh)
    return fresh
  }
}

const bind = (parameters: readonly unknown[]): SQLInputValue[] =>
  parameters.map(value => (typeof value === 'boolean' ? Number(value) : value) as SQLInputValue)

const ask = <T>(question: () => T): T => {
  try {
    return question()
  } catch (cause) {
    throw toStoreError(cause)
  }
}
