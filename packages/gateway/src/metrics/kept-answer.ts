/**
 * What the store is asked for whoever reads the metrics, who may read them as often as they like. So an answer serves for
 * KEPT_MS; so does "the store does not say", which is waited for no longer than WAIT_MAX_MS.
 */

import { StoreError } from '../store/database/store-error.ts'
import { type Clock, DeadlineExceeded, SECOND_MS, withDeadline } from '../system/clock.ts'

const KEPT_MS = 5 * SECOND_MS
const WAIT_MAX_MS = SECOND_MS

/** Null while the store does not say. `what` is being asked, for whoever waits too long. */
export function keepAnswer<T>(clock: Clock, what: string, ask: () => Promise<T>): () => Promise<T | null> {
  let last: { readonly at: number; readonly answer: Promise<T | null> } | null = null
  const askInTime = async (): Promise<T | null> => {
    try {
      return await withDeadline(clock, WAIT_MAX_MS, what, ask())
    } catch (failure) {
      if (failure instanceof StoreError || failure instanceof DeadlineExceeded) return null
      throw failure
    }
  }
  return () => {
    const now = clock.now()
    // A clock that was set back does not keep an old answer alive.
    if (!last || now >= last.at + KEPT_MS || now < last.at) last = { at: now, answer: askInTime() }
    return last.answer
  }
}
