/**
 * G-6 over all nodes: the store grants permits, and every request uses one. A token that asks seldom fetches a permit a
 * request; one that asks often fetches as many as it has just used in a tenth of a second. What lies unused for
 * USE_WITHIN_MS is given back with the next fetch, or after a while by itself.
 *
 * Requests of one token that find no permit wait for the same fetch. A refusal is remembered for REFUSAL_KEPT_MS, so that
 * whoever knocks on and on does not reach the store.
 *
 * A store that takes no writes grants nothing, and can be read all the same: until it is asked again, a second later, this node
 * counts for itself.
 */
import type { Database } from '../store/database/database.ts'
import { StoreUnwritable } from '../store/database/store-error.ts'
import { grantPermits, type TokenKey } from '../store/workspaces/token-permits.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import { growingCache } from '../system/growing-cache.ts'
import {
  createRateLimit,
  nameOfToken,
  REQUESTS_PER_WINDOW_MAX,
  type Take,
  type TokenLimit,
  WINDOW_MS,
} from './rate-limit.ts'

const USE_WITHIN_MS = SECOND_MS
const REFUSAL_KEPT_MS = 250
const COUNTS_HERE_MS = SECOND_MS
const PERMITS_PER_FETCH_MAX = 25
const PACE_MS = 100
/** Tokens whose permits are kept; one that is forgotten fetches anew. */
const TOKENS_MAX = 10_000

interface Purse {
  permits: number
  usableUntil: number
  countsUntil: number
  /** Requests since `pacedAt`, and in the tenth of a second before it. */
  requests: number
  paceBefore: number
  pacedAt: number
  waiting: number
  fetching: Promise<void> | null
  refused: { until: number; nextAt: number } | null
  countsHereUntil: number
}

/** Windows are of the store's time, or of the `clock`'s where all time is to be that. */
export function createSharedRateLimit({
  db,
  clock,
  isTimeTheClocks = false,
}: {
  db: Database
  clock: Clock
  isTimeTheClocks?: boolean
}): TokenLimit {
  const purses = growingCache<Purse>(TOKENS_MAX)
  const here = createRateLimit(clock)
  const rules = { permitsMax: REQUESTS_PER_WINDOW_MAX, windowMs: WINDOW_MS, useWithinMs: USE_WITHIN_MS }

  const purseOf = (tokenId: string): Purse => {
    const known = purses.get(tokenId)
    if (known) return known
    const fresh = newPurse(clock.now())
    purses.set(tokenId, fresh)
    return fresh
  }

  async function fetch(key: TokenKey, purse: Purse): Promise<void> {
    const at = clock.now()
    const want = Math.min(PERMITS_PER_FETCH_MAX, Math.max(purse.waiting, purse.requests, purse.paceBefore, 1))
    const unused = purse.permits > 0 ? { countsUntil: purse.countsUntil, count: purse.permits } : null
    purse.permits = 0
    const grant = await grantPermits(db, key, { want, at: isTimeTheClocks ? at : null, unused }, rules).catch(
      failure => {
        if (failure instanceof StoreUnwritable) return null
        throw failure
      },
    )
    if (!grant) {
      purse.countsHereUntil = clock.now() + COUNTS_HERE_MS
      return
    }
    if ('nextInMs' in grant) {
      const nextAt = at + grant.nextInMs
      purse.refused = { until: Math.min(at + REFUSAL_KEPT_MS, nextAt), nextAt }
      return
    }
    purse.permits = grant.count
    purse.countsUntil = grant.countsUntil
    purse.usableUntil = at + USE_WITHIN_MS
    if (grant.count > 1) giveBackLater(key, purse, grant.countsUntil)
  }

  /** A token that falls silent would otherwise keep its permits from the other nodes for the whole window. */
  function giveBackLater(key: TokenKey, purse: Purse, countsUntil: number): void {
    clock.after(USE_WITHIN_MS, () => {
      if (purse.countsUntil !== countsUntil || purse.permits === 0 || purse.fetching) return
      const unused = { countsUntil, count: purse.permits }
      purse.permits = 0
      // Without it they come back with the window; nobody need hear of it.
      const at = isTimeTheClocks ? clock.now() : null
      grantPermits(db, key, { want: 0, at, unused }, rules).catch(() => {})
    })
  }

  return {
    async take(key): Promise<Take> {
      const purse = purseOf(nameOfToken(key))
      countPace(purse, clock.now())
      purse.waiting++
      try {
        for (;;) {
          const now = clock.now()
          if (now < purse.countsHereUntil) return here.take(nameOfToken(key))
          if (purse.permits > 0 && now < purse.usableUntil) {
            purse.permits--
            return { passed: true }
          }
          if (purse.refused && now < purse.refused.until)
            return { passed: false, retryAfterMs: purse.refused.nextAt - now }
          purse.refused = null
          purse.fetching ??= fetch(key, purse).finally(() => {
            purse.fetching = null
          })
          await purse.fetching
        }
      } finally {
        purse.waiting--
      }
    },
  }
}

const newPurse = (now: number): Purse => ({
  permits: 0,
  usableUntil: 0,
  countsUntil: 0,
  requests: 0,
  paceBefore: 0,
  pacedAt: now,
  waiting: 0,
  fetching: null,
  refused: null,
  countsHereUntil: Number.NEGATIVE_INFINITY,
})

function countPace(purse: Purse, now: number): void {
  if (now - purse.pacedAt >= PACE_MS) {
    purse.paceBefore = now - purse.pacedAt < 2 * PACE_MS ? purse.requests : 0
    purse.requests = 0
    purse.pacedAt = now
  }
  purse.requests++
}
