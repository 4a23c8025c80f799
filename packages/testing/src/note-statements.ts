import type { Queryable, Statement } from '../../gateway/src/store/database/database.ts'

const ASKS = new Set<string | symbol>(['all', 'first', 'run', 'writeAtOnce'])

/** Answers like `on`, and notes what it was asked, inside its writes as well. */
export const noteStatements = <Q extends Queryable>(on: Q, statements: Statement[]): Q =>
  new Proxy(on, {
    get(target, name) {
      const member = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      if (name === 'write')
        return (work: (tx: Queryable) => Promise<unknown>, ...rest: unknown[]) =>
          member.call(target, (tx: Queryable) => work(noteStatements(tx, statements)), ...rest)
      return (...given: unknown[]) => {
        if (ASKS.has(name)) statements.push(given[0] as Statement)
        return member.apply(target, given)
      }
    },
  })
