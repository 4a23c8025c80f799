/** What an attempt means for its callback and for its address; nothing is changed here. */
import type { BreakerEvent } from '../model/breaker.ts'
import { EXHAUSTED_ATTEMPT } from '../model/callback.ts'
import type { Settled } from '../store/outbox/settle-callbacks.ts'
import { MINUTE_MS } from '../system/clock.ts'
import type { AddressQueue } from './address-queue.ts'
import type { HandedOver } from './hand-over.ts'
import { type HeldCallback, WAITING_TRY_EVERY_MS } from './held-room.ts'
import type { Decision } from './retry-schedule.ts'

/** How long a callback waits for somebody to repair what is broken on our side. */
export const FAULT_WAIT_MS = MINUTE_MS
/** So many faults of ours, and a callback stands in its room's way no longer. */
export const FAULTS_MAX = 10

/**
 * What a decision comes to. A probe that fails uses up no retry: its callback was held, and is held again. And what used up
 * its retries though nobody else of its address got through waits for the address (CB-8).
 */
export function becomes(
  decision: Decision,
  {
    queue,
    callback,
    isProbe,
    isWaiting,
  }: { queue: AddressQueue; callback: HeldCallback; isProbe: boolean; isWaiting: boolean },
): HandedOver['became'] {
  if (decision.settle === 'delivered') return 'delivered'
  if (decision.settle === 'parked' && decision.reason === 'refused') return 'parked'
  if (isProbe) return 'held'
  if (decision.settle === 'retry' && !isWaiting) return 'retry'
  const gotThrough = queue.delivered > (callback.mark ?? queue.delivered)
  return gotThrough || callback.replayId !== null ? 'parked' : 'held'
}

export function whereTo(callback: HeldCallback, tried: HandedOver | null, at: number): Settled['to'] {
  const { attempt, dueAt, faults } = callback
  if (!tried) {
    const isLast = faults + 1 >= FAULTS_MAX
    const state = isLast ? 'quarantined' : 'due'
    return { state, attempt, dueAt: at + FAULT_WAIT_MS, faults: faults + 1, settledAt: isLast ? at : null }
  }
  const { became, decision } = tried
  switch (became) {
    case 'delivered':
    case 'parked':
      return {
        state: became,
        attempt: Math.min(attempt + 1, EXHAUSTED_ATTEMPT),
        dueAt,
        faults,
        settledAt: at,
      }
    case 'retry': {
      const again = decision.settle === 'retry' ? decision.at : at
      return { state: 'due', attempt: attempt + 1, dueAt: again, faults, settledAt: null }
    }
    case 'held': {
      const isExhausted = attempt + 1 >= EXHAUSTED_ATTEMPT && !tried.isProbe
      const waits = isExhausted || attempt >= EXHAUSTED_ATTEMPT
      const again = waits ? at + WAITING_TRY_EVERY_MS : tried.attempt.startedAt
      return {
        state: 'due',
        attempt: waits ? EXHAUSTED_ATTEMPT : attempt,
        // Never the same as before, so that whoever repeats it knows that it is written.
        dueAt: again === dueAt ? again + 1 : again,
        faults,
        settledAt: null,
      }
    }
    default:
      return became satisfies never
  }
}

export function whatItTells(
  queue: AddressQueue,
  { id, attempt, replayId }: HeldCallback,
  { became, decision }: HandedOver,
  isProbe: boolean,
): BreakerEvent | null {
  const isDelivered = became === 'delivered'
  // 410 and its like are the customer's last word on a callback, also on a probe; they say nothing of the address.
  if (isProbe) return became === 'parked' ? null : { what: 'probed', delivered: isDelivered }
  const { breaker } = queue.address
  if (isDelivered) return breaker.state === 'closed' && breaker.ramp !== null ? { what: 'delivered' } : null
  // Somebody who replays old callbacks finds out by himself that nobody takes them: new ones must not be held for it.
  const isExhausted = decision.settle === 'parked' && decision.reason === 'exhausted'
  const counts = isExhausted && replayId === null && attempt < EXHAUSTED_ATTEMPT
  return counts ? { what: 'exhausted', callbackId: id } : null
}
