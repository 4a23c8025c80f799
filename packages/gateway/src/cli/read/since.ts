import { InvalidArgumentError } from 'commander'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../system/clock.ts'
import { instant } from './instant.ts'

const UNITS: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS }

/** Reads `90s`, `30m`, `2h`, `3d` as that long before `now`, and a moment as it is; in milliseconds. */
export function since(given: string, now: number): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(given) ?? []
  if (count !== undefined && unit !== undefined) return Math.max(0, now - Number(count) * UNITS[unit]!)
  try {
    return instant(given)
  } catch (failure) {
    if (!(failure instanceof InvalidArgumentError)) throw failure
    throw new InvalidArgumentError(
      '应为 90s、30m、2h、3d 或时间, 如 2026-11-24T08:00 / 90s, 30m, 2h, 3d or a time such as 2026-11-24T08:00',
    )
  }
}
