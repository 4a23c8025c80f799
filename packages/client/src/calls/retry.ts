import type { Heard } from './answer.ts'

/** How one try ended. */
export type Ended =
  | { readonly kind: 'answered'; readonly heard: Heard }
  | { readonly kind: 'failed'; readonly timedOut: boolean; readonly cause: unknown }

export interface RetryRule {
  readonly triesMax: number
  /** The longest wait that is waited for; a gateway that wants a longer one is told of as it is. */
  readonly waitMaxMs: number
}

export const RETRY_DEFAULT: RetryRule = { triesMax: 4, waitMaxMs: 60_000 }

const FIRST_WAIT_MS = 250
/** So much of a wait that was asked for comes on top by chance: never sooner, and not all at once. */
const SPREAD = 0.1
const TOO_MANY = 429
const UNAVAILABLE = 503
const SERVER_FAULT = 500

/**
 * How long to wait before the next try, or null when this one was the last. Who says "later" has done nothing yet, so
 * whatever was asked is asked again. After any other failure nobody knows what was done: only what may be done twice is.
 */
export function waitBeforeNextTry(
  ended: Ended,
  { tries, isRepeatable, now, random }: { tries: number; isRepeatable: boolean; now: number; random: number },
  rule: RetryRule,
): number | null {
  if (tries >= rule.triesMax) return null
  const backOffMs = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), rule.waitMaxMs) * (0.5 + random / 2)
  if (ended.kind === 'failed') return isRepeatable ? backOffMs : null

  const { status } = ended.heard
  const askedMs = isBusy(status) ? retryAfterMs(ended.heard, now) : undefined
  if (askedMs !== undefined)
    return askedMs > rule.waitMaxMs ? null : Math.max(askedMs * (1 + SPREAD * random), backOffMs)
  // A 503 without a word of when may come from a proxy whose gateway has heard the request.
  if (status === TOO_MANY || (status >= SERVER_FAULT && isRepeatable)) return backOffMs
  return null
}

export const isBusy = (status: number): boolean => status === TOO_MANY || status === UNAVAILABLE

/** What RFC 9110 has senders write: `Mon, 23 Nov 2026 08:00:20 GMT`. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** Whole seconds, or a date; anything else says nothing. */
export function retryAfterMs({ headers }: Heard, now: number): number | undefined {
  const said = headers.get('retry-after')?.trim()
  if (!said) return undefined
  if (/^\d+$/.test(said)) return Number(said) * 1000
  const ms = HTTP_DATE.test(said) ? Date.parse(said) - now : Number.NaN
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}
