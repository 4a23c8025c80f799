import { systemClock } from '../../../system/clock.ts'
import { type Semaphore, within } from '../../../system/semaphore.ts'
import { StoreBusy } from '../../database/store-error.ts'

/**
 * Works when it has a connection of each, taken in this order: as many at once as there are connections, first come, first
 * served. The pool's own queue would give up on those who wait as if the database were away, when it is only busy.
 * Rejects with StoreBusy when one of them does not come free within `waitMaxMs`.
 */
export async function inTurnOf<T>(
  all: readonly Semaphore[],
  waitMaxMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const [first, ...others] = all
  if (!first) return work()
  if (!(await first.take(within(systemClock, waitMaxMs))))
    throw new StoreBusy(`no connection came free within ${waitMaxMs} ms`)
  try {
    return await inTurnOf(others, waitMaxMs, work)
  } finally {
    first.giveBack()
  }
}
