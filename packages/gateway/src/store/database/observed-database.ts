import type { Database, Queryable, Statement, Transaction, WriteOptions } from './database.ts'
import { StoreError } from './store-error.ts'

export type StoreOperation = 'read' | 'write'

/** Hears of each question from outside, and of each write as a whole with its wait, its work and its commit. */
export interface StoreObserver {
  /** `failure` is the name of a StoreError, `other` for what a write's own work threw, null where all went well. */
  done(operation: StoreOperation, ms: number, failure: string | null): void
}

/** The same database, with somebody who hears how long it takes and what fails. */
export function observed(db: Database, observer: StoreObserver): Database {
  const timed = async <T>(operation: StoreOperation, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now()
    try {
      const value = await work()
      observer.done(operation, performance.now() - startedAt, null)
      return value
    } catch (failure) {
      observer.done(operation, performance.now() - startedAt, nameOf(failure))
      throw failure
    }
  }
  const asked = (on: Queryable): Queryable => ({
    dialect: on.dialect,
    query: on.query,
    hot: on.hot,
    oneOf: values => on.oneOf(values),
    timeline: () => on.timeline(),
    all: <Row>(statement: Statement<Row>) => timed('read', () => on.all(statement)),
    first: <Row>(statement: Statement<Row>) => timed('read', () => on.first(statement)),
    run: statement => timed('write', () => on.run(statement)),
  })
  return {
    ...asked(db),
    crowd: asked(db.crowd),
    isShared: db.isShared,
    edition: () => db.edition(),
    write: <T>(work: (tx: Transaction) => Promise<T>, options?: WriteOptions) =>
      timed('write', () => db.write(work, options)),
    writeAtOnce: <Row>(statement: Statement<Row>) => timed('write', () => db.writeAtOnce(statement)),
    exclusively: work => db.exclusively(work),
    requireWritable: how => db.requireWritable(how),
    load: () => db.load(),
    attend: key => db.attend(key),
    close: () => db.close(),
  }
}

const nameOf = (failure: unknown): string => (failure instanceof StoreError ? failure.name : 'other')
