import type { WorkspaceId } from '@qunhub/wire'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import { growingCache } from '../system/growing-cache.ts'

/** Rule G-6. */
export const REQUESTS_PER_WINDOW_MAX = 500
export const WINDOW_MS = 30 * SECOND_MS

/** Keys whose requests are remembered: 4 KiB each. */
const KEYS_MAX = 10_000

export interface RateLimit {
  /** Counts one request against `key` and says whether it may pass: counting and checking is one step. */
  take(key: string): Take
}

/** Counts the requests of an address. */
export interface AddressLimit extends RateLimit {
  /** Whether one more would pass; it counts nothing. */
  peek(key: string): Take
}

export interface CountedToken {
  readonly workspaceId: WorkspaceId
  readonly tokenId: string
}

/** Counts the requests of a token, where the count may be kept elsewhere. */
export interface TokenLimit {
  take(token: CountedToken): Take | Promise<Take>
}

/** What stands for the people of a console is called alike in every workspace, and each is counted for itself. */
export const nameOfToken = ({ workspaceId, tokenId }: CountedToken): string => `${workspaceId} ${tokenId}`

/** Counts the requests of tokens in this process alone. */
export const tokensHere = (limit: RateLimit): TokenLimit => ({
  take: token => limit.take(nameOfToken(token)),
})

export type Take =
  | { readonly passed: true }
  /** A refused request is not counted; the next one passes after `retryAfterMs`. */
  | { readonly passed: false; readonly retryAfterMs: number }

/**
 * At most 500 requests in any 30 seconds, exactly: the moments of the last 500 are kept in a ring. A clock that is set
 * back does not prolong anybody's wait.
 */
export function createRateLimit(clock: Clock): AddressLimit {
  const momentOf = neverBack(clock)
  const rings = growingCache<Ring>(KEYS_MAX)
  const takeFrom = (ring: Ring, now: number): Take => {
    // The slot to be written next holds the oldest of the last 500.
    const freeAt = ring.moments[ring.next]! + WINDOW_MS
    return freeAt > now ? { passed: false, retryAfterMs: freeAt - now } : { passed: true }
  }
  return {
    peek(key) {
      const ring = rings.get(key)
      return ring ? takeFrom(ring, momentOf()) : { passed: true }
    },
    take(key) {
      const ring = rings.get(key) ?? newRing()
      rings.set(key, ring)
      const now = momentOf()
      const taken = takeFrom(ring, now)
      if (!taken.passed) return taken
      ring.moments[ring.next] = now
      ring.next = (ring.next + 1) % REQUESTS_PER_WINDOW_MAX
      return { passed: true }
    },
  }
}

/** The clock's time, but where the clock is set back, time stands still for that moment and then goes on. */
function neverBack(clock: Clock): () => number {
  let last = Number.NEGATIVE_INFINITY
  let setBackMs = 0
  return () => {
    const now = clock.now()
    if (now < last) setBackMs += last - now
    last = now
    return now + setBackMs
  }
}

interface Ring {
  readonly moments: Float64Array
  next: number
}

const newRing = (): Ring => ({
  moments: new Float64Array(REQUESTS_PER_WINDOW_MAX).fill(Number.NEGATIVE_INFINITY),
  next: 0,
})
