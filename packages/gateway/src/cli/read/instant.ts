import { InvalidArgumentError } from 'commander'

/**
 * Reads a moment from the command line, as milliseconds: `2026-11-24` and `2026-11-24T08:00` are of the terminal's time
 * zone, as times are shown; `2026-11-24T08:00+08:00` says its own; milliseconds do as well.
 */
export function instant(given: string): number {
  const ms = /^\d{12,15}$/.test(given) ? Number(given) : readDate(given)
  if (Number.isNaN(ms) || ms < 0) {
    throw new InvalidArgumentError(
      '应为时间, 如 2026-11-24 或 2026-11-24T08:00+08:00 / a time such as 2026-11-24 or 2026-11-24T08:00+08:00',
    )
  }
  return ms
}

function readDate(given: string): number {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(given) ?? []
  // `Date` takes the 30th of February for the 2nd of March, and a replay would begin elsewhere than was said.
  const isInCalendar =
    new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day)
  if (!isInCalendar) return Number.NaN
  // A date alone would be read as midnight in Greenwich.
  return Date.parse(given.length === 10 ? `${given}T00:00` : given)
}
