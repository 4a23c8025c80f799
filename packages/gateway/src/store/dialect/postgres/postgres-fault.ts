import { StoreAway, StoreError, WriteMisused } from '../../store-error.ts'

/** What PostgreSQL says of a statement: a five-letter SQLSTATE, and what it is about. Never a value of a row. */
interface Fault extends Error {
  readonly code?: string
  readonly table?: string
  readonly constraint?: string
}

/** https://www.postgresql.org/docs/15/errcodes-appendix.html */
const SQLSTATE = /^[0-9A-Z]{5}$/
/** Connections, shutdowns, a server that still starts, too many connections, and a standby that cannot be written. */
const AWAY = /^(08...|57P0[1235]|53300|25006)$/
/** Two transactions wanted the same rows in different order; one of them may simply be run again. */
const COLLISIONS: ReadonlySet<string> = new Set(['40001', '40P01'])
const IDLE_IN_TRANSACTION = '25P03'
/** A canceled statement has run out of its time: statement_timeout, lock_timeout. */
const OUT_OF_TIME: ReadonlySet<string> = new Set(['57014', '55P03'])

export const isCollision = (failure: unknown): boolean =>
  failure instanceof StoreError && COLLISIONS.has((failure.cause as Fault | undefined)?.code ?? '')

/**
 * The failure as the store throws it. What has no SQLSTATE did not come from the server: the way to it is broken.
 * PostgreSQL's own words stay out of the message where they could quote a value.
 */
export function toStoreError(failure: unknown): StoreError {
  if (failure instanceof StoreError) return failure
  const { code, table, constraint, message } = failure as Fault
  const cause = Object.assign(new Error(code ?? message), { code })
  if (code === undefined || !SQLSTATE.test(code) || AWAY.test(code))
    return new StoreAway(`the database is away: ${code ?? message}`, { cause })
  if (OUT_OF_TIME.has(code)) return new StoreAway(`the database did not answer in time: ${code}`, { cause })
  if (code === IDLE_IN_TRANSACTION)
    return new WriteMisused('a write awaited something other than its tx, and was undone', { cause })
  const about = [code, table, constraint].filter(Boolean).join(' ')
  return new StoreError(`the store refused a statement: ${about}`, { cause })
}
