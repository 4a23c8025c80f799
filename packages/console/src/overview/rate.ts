/** Callbacks a minute as a chart draws them: pure, so that it can be said without a canvas. */
import type { VerbOutput } from '@qunhub/wire'

export type Rate = VerbOutput<'show-callback-rate'>

/** From the bottom of a bar to its top. */
export const OUTCOMES = ['delivered', 'retried', 'parked', 'quarantined'] as const
export type OutcomeName = (typeof OUTCOMES)[number]

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
export const SPANS = { '1h': HOUR_MS, '6h': 6 * HOUR_MS, '1d': 24 * HOUR_MS, '7d': 7 * 24 * HOUR_MS } as const
export type SpanName = keyof typeof SPANS

export const readSpan = (text: string | undefined): SpanName =>
  Object.hasOwn(SPANS, text ?? '') ? (text as SpanName) : '1h'

/** Where the range begins: at a whole minute, so that it is asked anew once a minute. */
export const beginOf = (span: SpanName, now: number): number =>
  Math.floor(now / MINUTE_MS) * MINUTE_MS - SPANS[span]

/**
 * Seconds, and for each outcome the height of its bar's upper end: each stands on the one before. Steps without callbacks are
 * left out by the gateway and are zero here.
 */
export function stacked({ from, until, stepMinutes, steps }: Rate): readonly [number[], ...number[][]] {
  const stepMs = stepMinutes * MINUTE_MS
  const known = new Map(steps.map(step => [step.at, step]))
  const begin = Math.floor(from / stepMs) * stepMs
  const at = Array.from(
    { length: Math.max(1, Math.ceil((until - begin) / stepMs)) },
    (_, n) => begin + n * stepMs,
  )
  const heights = OUTCOMES.map((_, level) =>
    at.map(moment => {
      const step = known.get(moment)
      return step ? OUTCOMES.slice(0, level + 1).reduce((sum, outcome) => sum + step[outcome], 0) : 0
    }),
  )
  return [at.map(moment => moment / 1000), ...heights]
}

/** Of all that is shown. */
export const totalsOf = ({ steps }: Rate): Readonly<Record<OutcomeName, number>> =>
  Object.fromEntries(
    OUTCOMES.map(outcome => [outcome, steps.reduce((sum, step) => sum + step[outcome], 0)]),
  ) as Record<OutcomeName, number>

/** What was dragged over, as whole steps: from the begin of the first to the end of the last, and never beyond what is shown. */
export function rangeOf(
  { from, until, stepMinutes }: Rate,
  dragged: { readonly from: number; readonly until: number },
): { readonly from: number; readonly until: number } {
  const stepMs = stepMinutes * MINUTE_MS
  return {
    from: Math.max(Math.floor(dragged.from / stepMs) * stepMs, Math.floor(from / MINUTE_MS) * MINUTE_MS),
    until: Math.min(Math.ceil(dragged.until / stepMs) * stepMs, Math.ceil(until / MINUTE_MS) * MINUTE_MS),
  }
}

/** What a browser names its language by may be none (`en-US@posix`). */
export const isLanguageTag = (text: string): boolean => {
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch (failure) {
    if (failure instanceof RangeError) return false
    throw failure
  }
}
