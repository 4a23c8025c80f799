import { setTimeout as pause } from 'node:timers/promises'
import type { Connection } from './connection.ts'
import { isLocked } from './sqlite-fault.ts'

/** Between two tries to get the lock, doubling from the one to the other. */
const TRY_MIN_MS = 5
const TRY_MAX_MS = 80

/** Whether the lock of the database could be had at this moment. Begins no transaction. */
export function couldLock(writer: Connection): boolean {
  try {
    writer.command('begin immediate')
  } catch (failure) {
    if (isLocked(failure)) return false
    throw failure
  }
  writer.command('rollback')
  return true
}

/**
 * Begins a transaction with the lock, which may be in the hands of another program: a backup, or somebody's shell. Tries again
 * without stopping the process, until `isOver` says with each failure that nobody waits any more; then throws that failure.
 */
export async function beginOnceUnlocked(
  writer: Connection,
  isOver: (failure: unknown) => boolean,
): Promise<void> {
  for (let waitMs = TRY_MIN_MS; ; waitMs = Math.min(2 * waitMs, TRY_MAX_MS)) {
    try {
      return writer.command('begin immediate')
    } catch (failure) {
      if (!isLocked(failure) || isOver(failure)) throw failure
    }
    await pause(waitMs)
  }
}
