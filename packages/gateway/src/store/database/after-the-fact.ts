import { type Clock, SECOND_MS, sleep } from '../../system/clock.ts'
import type { Database, Statement, Transaction, WriteOptions } from './database.ts'
import { StoreAway, StoreBusy } from './store-error.ts'

/** Whoever asked waits for it. */
const KEEP_TRYING_MS = 8 * SECOND_MS
const TRY_AGAIN_MS = 250

/**
 * The same database for those whose news has happened already and cannot be taken back: a room was made, a member added.
 * Their writes are tried for some seconds while the store is away, so that a moment's trouble does not answer 500 for what
 * has been done. A write whose commit was cut off may be kept twice: whoever writes finds it unchanged then.
 */
export function afterTheFact(db: Database, clock: Clock): Database {
  const write = async <T>(work: (tx: Transaction) => Promise<T>, options?: WriteOptions): Promise<T> => {
    for (const giveUpAt = clock.now() + KEEP_TRYING_MS; ; ) {
      try {
        return await db.write(work, { ...options, afterTheFact: true })
      } catch (failure) {
        const isPassing = failure instanceof StoreAway || failure instanceof StoreBusy
        if (!isPassing || clock.now() >= giveUpAt) throw failure
      }
      await sleep(clock, TRY_AGAIN_MS)
    }
  }
  return {
    dialect: db.dialect,
    query: db.query,
    hot: db.hot,
    crowd: db.crowd,
    isShared: db.isShared,
    edition: () => db.edition(),
    timeline: () => db.timeline(),
    oneOf: values => db.oneOf(values),
    all: <Row>(statement: Statement<Row>) => db.all(statement),
    first: <Row>(statement: Statement<Row>) => db.first(statement),
    run: statement => db.run(statement),
    write,
    writeAtOnce: statement => db.writeAtOnce(statement),
    exclusively: work => db.exclusively(work),
    requireWritable: how => db.requireWritable(how),
    load: () => db.load(),
    attend: key => db.attend(key),
    close: () => db.close(),
  }
}
