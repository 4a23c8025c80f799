/**
 * The breaker of an address (CB-7): whether it is sent anything at all, and how much at once. Its rule alone, without a store
 * and without a clock of its own.
 *
 * `closed`: callbacks are sent. Whoever uses up its retries is noted; EXHAUSTIONS_MAX of them within EXHAUSTIONS_WINDOW_MS
 * open it. `open`: nothing is sent, everything is held, until OPEN_MS have passed. Then it is `half-open`: one callback is in
 * flight at a time. What becomes of it closes the breaker or opens it again; a final refusal such as 410 does neither, and
 * the next one is the probe. Closed anew, it starts with one callback in flight, and twice as many after every
 * RAMP_STEP_DELIVERED.
 */
import { MINUTE_MS } from '../system/clock.ts'

export const EXHAUSTIONS_MAX = 10
export const EXHAUSTIONS_WINDOW_MS = 3 * MINUTE_MS
export const OPEN_MS = 30 * MINUTE_MS
export const RAMP_STEP_DELIVERED = 10

/** A callback that used up its retries, and when. */
export interface Exhaustion {
  readonly callbackId: number
  readonly at: number
}

/** While an address recovers: how many may be in flight, and how many were delivered since that last grew. */
export interface Ramp {
  readonly inFlightMax: number
  readonly delivered: number
}

export type Breaker =
  | { readonly state: 'closed'; readonly exhaustions: readonly Exhaustion[]; readonly ramp: Ramp | null }
  | { readonly state: 'open'; readonly until: number }
  | { readonly state: 'half-open' }

export type BreakerEvent =
  /** Time has passed; whoever wants to send asks this first. */
  | { readonly what: 'looked-at' }
  | { readonly what: 'exhausted'; readonly callbackId: number }
  | { readonly what: 'probed'; readonly delivered: boolean }
  | { readonly what: 'delivered' }
  /** An operator knows better. */
  | { readonly what: 'resumed' }

export type BreakerChange = 'opened' | 'closed'

export const CLOSED: Breaker = { state: 'closed', exhaustions: [], ramp: null }

/**
 * The breaker after the event. The same object when nothing changed. `concurrency` is how many of the address may be in
 * flight when all is well (CB-10).
 */
export function moveBreaker(
  breaker: Breaker,
  event: BreakerEvent,
  now: number,
  concurrency: number,
): Breaker {
  switch (event.what) {
    case 'looked-at':
      return breaker.state === 'open' ? wait(breaker, now) : breaker
    case 'exhausted':
      // What was still in flight when it opened changes nothing any more.
      return breaker.state === 'closed' ? noteExhaustion(breaker, { ...event, at: now }) : breaker
    case 'probed':
      // Somebody may have decided before, such as an operator.
      if (breaker.state !== 'half-open') return breaker
      return event.delivered ? closeAnew(concurrency) : { state: 'open', until: now + OPEN_MS }
    case 'delivered':
      if (breaker.state !== 'closed' || breaker.ramp === null) return breaker
      return { ...breaker, ramp: grow(breaker.ramp, concurrency) }
    case 'resumed':
      return breaker.state === 'closed' ? breaker : closeAnew(concurrency)
    default:
      return event satisfies never
  }
}

/** How many may be in flight now (CB-10, CB-7); 0 while nothing may be sent. */
export function inFlightMaxOf(breaker: Breaker, concurrency: number): number {
  switch (breaker.state) {
    case 'closed':
      return Math.min(breaker.ramp?.inFlightMax ?? concurrency, concurrency)
    case 'open':
      return 0
    case 'half-open':
      return 1
    default:
      return breaker satisfies never
  }
}

/** What is to be told of it; null where nothing is. */
export const changeOf = (before: Breaker, after: Breaker): BreakerChange | null => {
  if (before === after) return null
  if (after.state === 'open' && !(before.state === 'open')) return 'opened'
  return before.state === 'half-open' && after.state === 'closed' ? 'closed' : null
}

// One that would be open for longer than any is, because a clock was set back, opens for its usual time.
function wait(breaker: Breaker & { readonly state: 'open' }, now: number): Breaker {
  if (breaker.until <= now) return { state: 'half-open' }
  return breaker.until > now + OPEN_MS ? { state: 'open', until: now + OPEN_MS } : breaker
}

function noteExhaustion(
  breaker: Breaker & { readonly state: 'closed' },
  { callbackId, at }: Exhaustion,
): Breaker {
  if (breaker.exhaustions.some(known => known.callbackId === callbackId)) return breaker
  // Those of a time that is yet to come were noted before the clock was set back, and would count until it has caught up.
  const counted = breaker.exhaustions.filter(known => Math.abs(at - known.at) <= EXHAUSTIONS_WINDOW_MS)
  const exhaustions = [...counted, { callbackId, at }]
  if (exhaustions.length >= EXHAUSTIONS_MAX) return { state: 'open', until: at + OPEN_MS }
  return { ...breaker, exhaustions }
}

const closeAnew = (concurrency: number): Breaker => ({
  state: 'closed',
  exhaustions: [],
  ramp: concurrency > 1 ? { inFlightMax: 1, delivered: 0 } : null,
})

function grow({ inFlightMax, delivered }: Ramp, concurrency: number): Ramp | null {
  if (delivered + 1 < RAMP_STEP_DELIVERED) return { inFlightMax, delivered: delivered + 1 }
  return inFlightMax * 2 < concurrency ? { inFlightMax: inFlightMax * 2, delivered: 0 } : null
}
