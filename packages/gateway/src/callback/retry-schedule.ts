import { SECOND_MS } from '../system/clock.ts'
import type { Random } from '../system/random.ts'
import type { Accepted } from './accepted-kinds.ts'
import type { Outcome } from './outcome.ts'

export type Decision =
  | { readonly settle: 'delivered' }
  | { readonly settle: 'retry'; readonly at: number }
  | { readonly settle: 'parked'; readonly reason: 'refused' | 'exhausted' }

/** One wait before each retry: five retries after the first try (CB-6). */
export const RETRY_WAITS_MS = [1, 2, 4, 8, 16].map(seconds => seconds * SECOND_MS)
/** So that callbacks which failed together do not come back together. */
const RETRY_JITTER = 0.2
/** A receiver may ask for patience, but only so much: its rooms wait as long. */
const RETRY_AFTER_FACTOR_MAX = 2

/** "Not here": said for good by a receiver that does not serve this kind, and for a while by one that is being restarted. */
const NOT_HERE = 404
/**
 * "There is no such thing here", "that is too much for me": the same bytes would be answered the same. Every other failure
 * is worth a retry.
 */
const FINAL_STATUSES: ReadonlySet<number> = new Set([405, 410, 413, 501])

/**
 * What follows from an attempt (CB-6). `attempt` counts from 1 and includes the one that has just been made; `now` in
 * milliseconds. Any 2xx is success (CB-5). `accepted` is asked of a 404 only: it is the last word on a kind that the base does
 * not take while it takes others. A base that has taken nothing yet may not be there yet, so it is tried again; but then it is
 * not held against the address, for many a customer leaves a sub-path out.
 * Statuses that the rule does not name, 400 and 403 for instance, are retried:
 * its list of what is final is closed, and a retry loses nothing.
 */
export function decide(
  outcome: Outcome,
  attempt: number,
  random: Random,
  now: number,
  accepted: Accepted = 'other-kinds',
): Decision {
  if (isDelivered(outcome)) return { settle: 'delivered' }
  if (isFinal(outcome, accepted)) return { settle: 'parked', reason: 'refused' }

  const wait = RETRY_WAITS_MS[attempt - 1]
  if (wait === undefined)
    return {
      settle: 'parked',
      reason: isNotHere(outcome) && accepted === 'nothing' ? 'refused' : 'exhausted',
    }
  const jittered = wait * (1 + RETRY_JITTER * (2 * random.fraction() - 1))
  const asked = Math.min(askedWait(outcome), wait * RETRY_AFTER_FACTOR_MAX)
  return { settle: 'retry', at: now + Math.round(Math.max(jittered, asked)) }
}

const isDelivered = (outcome: Outcome): boolean =>
  outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300

/** Whether it depends on what the base has accepted so far what follows from it. */
export const isNotHere = (outcome: Outcome): boolean =>
  outcome.kind === 'answered' && outcome.status === NOT_HERE

const isFinal = (outcome: Outcome, accepted: Accepted): boolean => {
  switch (outcome.kind) {
    case 'answered':
      if (outcome.status === NOT_HERE) return accepted === 'other-kinds'
      return FINAL_STATUSES.has(outcome.status)
    case 'failed':
      return outcome.errorClass === 'address-refused'
    default:
      return outcome satisfies never
  }
}

const askedWait = (outcome: Outcome): number =>
  outcome.kind === 'answered' ? (outcome.retryAfterMs ?? 0) : 0

/** `Retry-After` is a number of seconds or an HTTP date. Undefined when it is missing, unreadable or in the past. */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim()
  if (!text) return undefined
  const ms = /^\d+$/.test(text) ? Number(text) * SECOND_MS : Date.parse(text) - now
  return ms > 0 ? ms : undefined
}
