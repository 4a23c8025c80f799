import { StoreError, StoreUnwritable } from '../../database/store-error.ts'

/** https://sqlite.org/rescode.html; the low byte of what SQLite says, without what it adds to it. */
const BUSY = 5
const READONLY = 8
const IOERR = 10
const FULL = 13
const CANTOPEN = 14

/** A full disk, one that breaks or may only be read, files that cannot be reached, somebody else's lock. */
const UNWRITABLE: ReadonlySet<number> = new Set([BUSY, READONLY, IOERR, FULL, CANTOPEN])

/** The failure as the store throws it. SQLite's own messages name tables and columns, never values, so they may be logged. */
export function toStoreError(cause: unknown): StoreError {
  const message = `the store refused a statement: ${cause instanceof Error ? cause.message : String(cause)}`
  return UNWRITABLE.has(codeOf(cause))
    ? new StoreUnwritable(message, { cause })
    : new StoreError(message, { cause })
}

/** Somebody else holds the lock that was wanted. */
export const isLocked = (failure: unknown): boolean => codeOf(causeOf(failure)) === BUSY

/** What was written found no room; a quota that is used up is told as an error of the disk. */
export const isOutOfRoom = (failure: unknown): boolean => [FULL, IOERR].includes(codeOf(causeOf(failure)))

const causeOf = (failure: unknown): unknown => (failure instanceof StoreError ? failure.cause : failure)

const codeOf = (failure: unknown): number =>
  failure instanceof Error && 'errcode' in failure ? Number(failure.errcode) & 0xff : 0
