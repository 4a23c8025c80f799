/**
 * What Lighthouse 10 and later make of such figures on a desktop: each is set against how the pages of the web do, along a log-normal
 * curve through two published points, and weighed. How complete the picture is at each moment is not known here; instead of the speed
 * index the moment is taken by which it was complete, so that the score is no better than Lighthouse's would be.
 */
export interface PagePaint {
  readonly firstPaintMs: number
  readonly largestPaintMs: number
  /** How long the main thread was busy for longer than 50 ms at a time, the first 50 of each left out. */
  readonly blockedMs: number
  readonly shifted: number
  readonly completeMsAtMost: number
}

/** Of the pages of the web one in ten does better than `p10`, and one in two better than `median`. */
const CURVES: Readonly<Record<keyof PagePaint, { p10: number; median: number; weight: number }>> = {
  firstPaintMs: { p10: 934, median: 1600, weight: 10 },
  completeMsAtMost: { p10: 1311, median: 2300, weight: 10 },
  largestPaintMs: { p10: 1200, median: 2400, weight: 25 },
  blockedMs: { p10: 150, median: 350, weight: 30 },
  shifted: { p10: 0.1, median: 0.25, weight: 25 },
}

/** Between 0 and 100. */
export function reckonScore(paint: PagePaint): number {
  const names = Object.keys(CURVES) as (keyof PagePaint)[]
  const sum = names.reduce(
    (total, name) => total + CURVES[name].weight * scoreOf(paint[name], CURVES[name]),
    0,
  )
  return Math.round(sum)
}

/** At which the complement of the error function is 1/5: a tenth of the pages lies beyond. */
const TENTH = 0.9061938024368232

function scoreOf(value: number, { p10, median }: { p10: number; median: number }): number {
  if (value <= 0) return 1
  const at = (Math.log(value / median) * TENTH) / -Math.log(p10 / median)
  return (1 - erf(at)) / 2
}

/** The error function, good to 1.5e-7 (Abramowitz and Stegun, 7.1.26). */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x))
  const tail =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  return Math.sign(x) * (1 - tail * Math.exp(-x * x))
}
