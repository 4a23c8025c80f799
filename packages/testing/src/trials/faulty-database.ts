import type {
  Database,
  Queryable,
  Statement,
  Transaction,
  WriteOptions,
} from '../../../gateway/src/store/database/database.ts'
import { StoreAway } from '../../../gateway/src/store/database/store-error.ts'
import { type Clock, sleep } from '../../../gateway/src/system/clock.ts'

/**
 * What happens to one statement. A commit counts as a statement: done and reported failed, the write has happened and
 * its caller is told StoreAway.
 */
export type Fault =
  /** It is not carried out. */
  | 'fails'
  /** It is carried out, and its answer does not come. */
  | 'done-but-fails'
  /** It is carried out at once, and its answer comes LATE_MS later. */
  | 'late'
  /** Not carried out, as everything after it until `mend`. */
  | 'cut-before'
  /** Carried out, but its answer does not come, and nothing after it is carried out until `mend`. */
  | 'cut-behind'

export const FAULTS = ['fails', 'done-but-fails', 'late', 'cut-before', 'cut-behind'] as const

/** Longer than a callback may take, so that everything that could overtake it does. */
export const LATE_MS = 6000

export interface FaultyDatabase {
  readonly db: Database
  /** Statements that were asked so far, commits included. */
  readonly asked: number
  /** What the fault hit, in words; null as long as it has hit nothing. */
  readonly struck: string | null
  mend(): void
}

export interface FaultPlan {
  readonly fault: Fault
  /** The how manieth statement it hits, counted from 1. */
  readonly at: number
}

type Fate = 'fine' | Fault

/** The same database, with one fault at one statement; without a plan it only counts. */
export function openFaultyDatabase(
  real: Database,
  clock: Clock,
  plan: FaultPlan | null = null,
): FaultyDatabase {
  let asked = 0
  let struck: string | null = null
  let isCut = false

  const fateOf = (what: string): Fate => {
    if (isCut) return 'cut-before'
    if (++asked !== plan?.at) return 'fine'
    struck = what
    if (plan.fault === 'cut-before' || plan.fault === 'cut-behind') isCut = true
    return plan.fault
  }

  const ask = async <T>(
    what: string,
    carryOut: () => Promise<T>,
    late: () => Promise<void> = () => sleep(clock, LATE_MS),
  ): Promise<T> => {
    const fate = fateOf(what)
    if (fate === 'fails' || fate === 'cut-before') throw away()
    const answer = await carryOut()
    if (fate === 'done-but-fails' || fate === 'cut-behind') throw away()
    if (fate === 'late') await late()
    return answer
  }

  const write = async <T>(work: (tx: Transaction) => Promise<T>, options?: WriteOptions): Promise<T> => {
    // Of the last run of the work, for a dialect may run it again.
    const end: { commit: Fate; isLate: boolean } = { commit: 'fine', isLate: false }
    const value = await real.write(async tx => {
      end.isLate = false
      let broken: unknown
      const inside = askedThrough(tx, async (what, carryOut) => {
        if (broken) throw broken
        try {
          // SQLite's writer waits for nobody: there it is the write as a whole that ends late.
          return await ask(what, carryOut, async () => {
            if (real.isShared) await sleep(clock, LATE_MS)
            else end.isLate = true
          })
        } catch (failure) {
          broken = failure
          throw failure
        }
      })
      const value = await work(inside)
      // A transaction in which a statement failed cannot be committed, whatever became of the failure.
      if (broken) throw broken
      end.commit = fateOf('commit')
      if (end.commit === 'fails' || end.commit === 'cut-before') throw away()
      return value
    }, options)
    if (end.commit === 'done-but-fails' || end.commit === 'cut-behind') throw away()
    if (end.commit === 'late' || end.isLate) await sleep(clock, LATE_MS)
    return value
  }

  return {
    db: {
      ...askedThrough(real, ask),
      crowd: askedThrough(real.crowd, ask),
      isShared: real.isShared,
      edition: () => real.edition(),
      write,
      // Carried out, it is committed.
      writeAtOnce: statement => ask(statement.sql, () => real.writeAtOnce(statement)),
      exclusively: work => real.exclusively(work),
      // No statement: a plan counts none for it.
      requireWritable: async how => (isCut ? Promise.reject(away()) : real.requireWritable(how)),
      load: () => real.load(),
      attend: key => real.attend(key),
      close: () => real.close(),
    },
    get asked() {
      return asked
    },
    get struck() {
      return struck
    },
    mend() {
      isCut = false
    },
  }
}

type Ask = <T>(what: string, carryOut: () => Promise<T>) => Promise<T>

const askedThrough = (to: Queryable, ask: Ask): Queryable => ({
  dialect: to.dialect,
  query: to.query,
  hot: to.hot,
  oneOf: values => to.oneOf(values),
  timeline: () => to.timeline(),
  all: <Row>(statement: Statement<Row>) => ask(statement.sql, () => to.all(statement)),
  first: <Row>(statement: Statement<Row>) => ask(statement.sql, () => to.first(statement)),
  run: statement => ask(statement.sql, () => to.run(statement)),
})

const away = (): StoreAway => new StoreAway('cut off by the trial')
