/**
 * A warning for whoever is not let in, so that somebody who guesses is seen: a few a minute of an address, the others are counted.
 * What was typed is never told, for a password may stand in the place of the name.
 */
import { LRUCache } from 'lru-cache'
import { type Clock, MINUTE_MS } from '../../system/clock.ts'
import type { Log } from '../../system/log.ts'

/** Lines about an address in a minute. */
export const LINES_PER_MINUTE_MAX = 5
const ADDRESSES_MAX = 1000

export interface NotLetIn {
  readonly asked: string
  readonly refused: string
  readonly address: string
  /** Whose password it would have been. */
  readonly person?: string | undefined
}

export function createRefusalTeller({ log, clock }: { log: Log; clock: Clock }): (what: NotLetIn) => void {
  const told = new LRUCache<string, { since: number; lines: number; untold: number }>({ max: ADDRESSES_MAX })
  return what => {
    const now = clock.now()
    const before = told.get(what.address)
    // A clock that was set back silences nobody.
    const isOver = !before || now >= before.since + MINUTE_MS || now < before.since
    const minute = isOver ? { since: now, lines: 0, untold: before?.untold ?? 0 } : before
    told.set(what.address, minute)
    if (minute.lines >= LINES_PER_MINUTE_MAX) {
      minute.untold++
      return
    }
    minute.lines++
    log.warn(
      minute.untold > 0 ? { ...what, untoldBefore: minute.untold } : what,
      'somebody was not let in at the console',
    )
    minute.untold = 0
  }
}
