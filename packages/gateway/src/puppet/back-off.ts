import type { Random } from '../system/random.ts'

export interface BackOff {
  /** Milliseconds before the second try. */
  readonly min: number
  /** Milliseconds that no wait exceeds. */
  readonly max: number
}

/**
 * How long to wait after the `attempt`-th failure in a row, counted from 1: doubling from `min` to `max`, and of that
 * a random part between a half and the whole, so that a thousand bots of one dead server do not come back at once.
 */
export const waitAfter = (attempt: number, { min, max }: BackOff, random: Random): number => {
  const whole = Math.min(max, min * 2 ** (attempt - 1))
  return Math.max(min, whole * (0.5 + random.fraction() / 2))
}
