import { done } from '../model/result.ts'
import { noTally, readTallies, type Tally } from '../store/outbox/callback-minutes.ts'
import { HOUR_MS, MINUTE_MS } from '../system/clock.ts'
import type { Verbs } from './verb.ts'

/** So that a chart has a point for two pixels. */
const STEPS_MAX = 720
const STEP_MINUTES = [1, 5, 15, 60, 24 * 60]

export const callbackRateVerbs = {
  /** As each node has counted it; of the last seconds a node may not have told yet. */
  'show-callback-rate': async ({ from, until }, { db, clock, workspace }) => {
    const end = until ?? clock.now()
    const begin = Math.min(from ?? end - HOUR_MS, end)
    const stepMinutes = stepOf(end - begin)
    const stepMs = stepMinutes * MINUTE_MS
    const range = { from: Math.floor(begin / MINUTE_MS) * MINUTE_MS, until: end }
    const steps = new Map<number, Tally>()
    for (const { minute, delivered, retried, parked, quarantined } of await readTallies(
      db,
      workspace.id,
      range,
    )) {
      const at = Math.floor(minute / stepMs) * stepMs
      const step = steps.get(at) ?? noTally()
      step.delivered += delivered
      step.retried += retried
      step.parked += parked
      step.quarantined += quarantined
      steps.set(at, step)
    }
    return done({
      ...{ from: begin, until: end, stepMinutes },
      steps: [...steps].map(([at, step]) => ({ at, ...step })),
    })
  },
} satisfies Verbs

const stepOf = (rangeMs: number): number =>
  STEP_MINUTES.find(minutes => rangeMs <= STEPS_MAX * minutes * MINUTE_MS) ?? STEP_MINUTES.at(-1)!
