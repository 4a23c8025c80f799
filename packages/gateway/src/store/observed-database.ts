import type { Database, Transaction } from './database.ts'

/** Hears how long the store took, and what failed. */
export interface StoreObserver {
  done(operation: StoreOperation, ms: number): void
  failed(operation: StoreOperation, failure: unknown): void
}

export type StoreOperation = 'read' | 'write'

/** The same database, with somebody who hears of each question from outside and of each write as a whole. */
export function observed(db: Database, observer: StoreObserver): Database {
  const timed = async <T>(operation: StoreOperation, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now()
    try {
      const value = await work()
      observer.done(operation, performance.now() - startedAt)
      return value
    } catch (failure) {
      observer.failed(operation, failure)
      throw failure
    }
  }
  const { all, first, write } = {
    all: db.all.bind(db) as Database['all'],
    first: db.first.bind(db) as Database['first'],
    write: db.write.bind(db),
  }
  return Object.assign(db, {
    all: (statement: never) => timed('read', () => all(statement)),
    first: (statement: never) => timed('read', () => first(statement)),
    write: <T>(work: (tx: Transaction) => Promise<T>, options?: { line?: string }) =>
      timed('write', () => write(work, options)),
  } as Pick<Database, 'all' | 'first' | 'write'>)
}
