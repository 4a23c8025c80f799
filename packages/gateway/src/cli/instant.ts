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

// A date alone would be read as midnight in Greenwich.
const readDate = (given: string): number =>
  /^\d{4}-\d\d-\d\d/.test(given) ? Date.parse(given.length === 10 ? `${given}T00:00` : given) : Number.NaN
