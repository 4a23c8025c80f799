import {
  StoreAway,
  StoreBusy,
  StoreError,
  StoreUnwritable,
  WriteMisused,
} from '../../database/store-error.ts'

/** What PostgreSQL says of a statement: a five-letter SQLSTATE, and what it is about. Never a value of a row. */
interface Fault extends Error {
  readonly code?: string
  readonly table?: string
  readonly constraint?: string
}

/** https://www.postgresql.org/docs/15/errcodes-appendix.html */
const SQLSTATE = /^[0-9A-Z]{5}$/
/** Connections, shutdowns, a server that still starts, too many connections. */
const AWAY = /^(08...|57P0[1235]|53300)$/
/** A standby, or a server that was made read-only; a full disk; one that breaks. */
const UNWRITABLE = /^(25006|53100|58030)$/
/** Two transactions wanted the same rows in different order; one of them may simply be run again. */
const COLLISIONS: ReadonlySet<string> = new Set(['40001', '40P01'])
/** "cached plan must not change result type": the statement is prepared, and its table has changed since. */
const STALE_PLAN = '0A000'
const IDLE_IN_TRANSACTION = '25P03'
/** A canceled statement has run out of its time: statement_timeout. */
const OUT_OF_TIME = '57014'
/** lock_timeout: somebody else holds what the statement wanted. */
const LOCK_NOT_AVAILABLE = '55P03'

/** Of a standby or a server that was made read-only. */
const READ_ONLY = '25006'

/** Whether the server that a connection is to takes no writes at all, so that another connection may find one that does. */
export const isReadOnly = (failure: unknown): boolean =>
  failure instanceof StoreUnwritable && (failure.cause as Fault | undefined)?.code === READ_ONLY

export const isStalePlan = (failure: unknown): boolean => (failure as Fault).code === STALE_PLAN

/** Whether the whole work may simply be run again: it met another one, or was prepared for tables as they were. */
export const isCollision = (failure: unknown): boolean => {
  const code = failure instanceof StoreError ? ((failure.cause as Fault | undefined)?.code ?? '') : ''
  return COLLISIONS.has(code) || code === STALE_PLAN
}

/** Whether the server undid a write because nothing was asked in it for too long. */
export const wasLeftIdle = (failure: unknown): boolean =>
  failure instanceof WriteMisused && (failure.cause as Fault | undefined)?.code === IDLE_IN_TRANSACTION

/**
 * The failure as the store throws it. What has no SQLSTATE did not come from the server: the way to it is broken.
 * PostgreSQL's own words stay out of the message where they could quote a value.
 */
export function toStoreError(failure: unknown): StoreError {
  if (failure instanceof StoreError) return failure
  const { code, table, constraint, message } = failure as Fault
  // What is wrong with a connection is about no row, and names the parameter that a pool does not take.
  const reason = code === undefined ? message : /^08/.test(code) ? `${code}: ${message}` : code
  const cause = Object.assign(new Error(reason), { code })
  if (code === undefined || !SQLSTATE.test(code) || AWAY.test(code))
    return new StoreAway(`the database is away: ${code ?? message}`, { cause })
  if (UNWRITABLE.test(code)) return new StoreUnwritable(`the database takes no writes: ${code}`, { cause })
  if (code === OUT_OF_TIME) return new StoreAway(`the database did not answer in time: ${code}`, { cause })
  if (code === LOCK_NOT_AVAILABLE)
    return new StoreBusy('somebody else holds for too long what is wanted here', { cause })
  if (code === IDLE_IN_TRANSACTION)
    return new WriteMisused('a write awaited something other than its tx, and was undone', { cause })
  const about = [code, table, constraint].filter(Boolean).join(' ')
  return new StoreError(`the store refused a statement: ${about}`, { cause })
}

/** Of a connection that was not made. Whatever the server says then, it lets nobody in, or not us: no statement was refused. */
export function toConnectFailure(failure: unknown): StoreAway {
  const told = toStoreError(failure)
  if (told instanceof StoreAway) return told
  return new StoreAway(`the database is away: ${(told.cause as Error).message}`, { cause: told.cause })
}
