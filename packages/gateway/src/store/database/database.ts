import type { CompiledQuery, Expression, Kysely } from 'kysely'
import type { Dialect } from '../schema/migrations/describe-table.ts'
import type { Tables } from '../schema/tables.ts'
import type { HotStatements } from './hot-statements.ts'

/** SQL and its parameters; Kysely's CompiledQuery fits. `Row` is known to the compiler only. */
export interface Statement<Row = unknown> {
  readonly sql: string
  /** Text, numbers, bytes, null; booleans become 0 and 1. */
  readonly parameters: readonly unknown[]
  readonly row?: Row
}

/**
 * Something that answers statements: the store as it was last committed, or the inside of one write. It also says how
 * its dialect words them, so that callers work on every dialect:
 *
 *     await tx.all(tx.query.selectFrom('tag').selectAll().where('workspace_id', '=', workspaceId).compile())
 *
 * Flags are 0 and 1, times are milliseconds, bytes are Uint8Array. Failures reject with StoreError.
 */
export interface Queryable {
  readonly dialect: Dialect
  /** Builds statements and runs none: end with `.compile()`. */
  readonly query: Kysely<Tables>
  /** The statements of the hot paths, written by hand for this dialect. */
  readonly hot: HotStatements
  /** For `where(column, 'in', db.oneOf(ids))`: one parameter however long the list, so one prepared statement. */
  oneOf<T extends string | number>(values: readonly T[]): Expression<T>
  /**
   * On which of PostgreSQL's timelines it is, as its newest connection was told; empty elsewhere. A fail-over may lose the last
   * commits, and numbers that only grow come back with another meaning then, but on another timeline.
   */
  timeline(): string

  all<Row>(statement: CompiledQuery<Row>): Promise<Row[]>
  all<Row>(statement: Statement<Row>): Promise<Row[]>
  first<Row>(statement: CompiledQuery<Row>): Promise<Row | undefined>
  first<Row>(statement: Statement<Row>): Promise<Row | undefined>
  /** The number of rows changed. */
  run(statement: Statement): Promise<number>
}

/** The inside of one write. */
export type Transaction = Queryable

/** A sign that ends by itself with the process or its connection. */
export interface Attendance {
  readonly isLost: boolean
  /** Calls one listener once, when the sign is lost: at once if it is already. Never after `leave`. */
  onLost(listener: () => void): void
  /**
   * Runs a statement on the connection of this sign, where no other work is ever in front of it; the number of rows
   * changed. Rejects with StoreAway when it takes long; then the sign is lost.
   */
  run(statement: Statement): Promise<number>
  leave(): Promise<void>
}

/** How a write is to be carried out. */
export interface WriteOptions {
  /** Works of the same line are carried out in the order in which they were asked for. */
  readonly line?: string
  /**
   * What it keeps has happened already and cannot be taken back: it waits longer for a lock, and on a full disk the room
   * that is kept in reserve is its.
   */
  readonly afterTheFact?: boolean
  /** Nobody waits for it: where writes share their commits, it may wait a few milliseconds for another to share one with. */
  readonly patient?: boolean
  /** It may be carried out with others of its kind and its line, given what each of them brings; needs a `line`. */
  readonly together?: { readonly kind: Together<unknown, unknown>; readonly given: unknown }
}

/**
 * Works of one kind that may share a transaction. Where several write at once, those of a line that wait one behind another are
 * carried out as one; if that fails, each is carried out by itself, in its turn. Elsewhere the writes of one moment share a
 * transaction anyway.
 */
export interface Together<Given, Told> {
  /** Whether `given` may be carried out with those that wait. */
  takes(waiting: readonly Given[], given: Given): boolean
  /** What each is told, in their order. */
  work(tx: Transaction, all: readonly Given[]): Promise<readonly Told[]>
}

export interface StoreLoad {
  /** Open ones, and those of them that nobody uses. */
  readonly connections: number
  readonly idle: number
  /** Reads and writes that wait for a connection or their turn. */
  readonly waiting: number
}

/** The store's database. Asked directly it shows committed state only, and everything that was written before. */
export interface Database extends Queryable {
  /**
   * Runs `work` in a transaction and resolves once it is safe on disk. If `work` throws, it alone is undone and the
   * promise rejects with what it threw. `work` awaits nothing but `tx`: writes of one moment share one transaction
   * (group commit), so whoever waits for the network in there would hold up everybody; it is undone and rejected with
   * WriteMisused. It may be run again, on SQLite because another one of the moment had written and threw, so it changes nothing outside `tx`,
   * or takes it back when it begins anew.
   *
   * Works of the same `line` are carried out in the order in which they were asked for; where several writes run at
   * once, others may overtake each other.
   * Rejects with StoreBusy when too many writes wait, with StoreAway when the database cannot be reached, with
   * StoreUnwritable when it takes no writes at present.
   */
  write<T>(work: (tx: Transaction) => Promise<T>, options?: WriteOptions): Promise<T>
  /**
   * A write that is one statement; resolves with its rows once it is safe on disk. On a server it costs one trip where
   * `write` costs three. Rejects as `write` does.
   */
  writeAtOnce<Row>(statement: Statement<Row>): Promise<Row[]>
  /**
   * A write for changes of the schema and the like: however long it takes, and while no other process does the same.
   */
  exclusively<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  /**
   * Resolves when a write would be kept at this moment, as far as can be told without a sync of the disk; rejects with
   * StoreAway or StoreUnwritable when it would not. After a write that was not kept it is tried with a real one.
   * `atOnce`: for probes, which do not wait until somebody else lets go of a lock.
   */
  requireWritable(how?: { readonly atOnce?: boolean }): Promise<void>
  /**
   * The same, for what may be asked in crowds: where there are connections it never takes the last ones, so that whoever else
   * asks finds one at once.
   */
  readonly crowd: Queryable
  /**
   * Another number after each commit behind which a list may show something else, or a token open something else; null where
   * other processes commit as well: there the store counts (`rooms/list-edition`), and `findCallers` says how far.
   */
  edition(): number | null
  /** Whether other gateways may work on the same data at the same time. */
  readonly isShared: boolean
  /** How busy it is at this moment. */
  load(): StoreLoad
  /** Shows the other processes that this one lives, under a number of its own. Rejects with StoreAway. */
  attend(key: number): Promise<Attendance>
  /** Finishes the writes that wait, then lets go of the files. */
  close(): Promise<void>
}
