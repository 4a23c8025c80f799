import { InvalidArgumentError } from 'commander'

/** Reads a moment from the command line, as milliseconds: `2026-11-24T08:00+08:00`, `2026-11-24`, or milliseconds. */
export function instant(given: string): number {
  const ms = /^\d{12,15}$/.test(given)
    ? Number(given)
    : /^\d{4}-/.test(given)
      ? Date.parse(given)
      : Number.NaN
  if (Number.isNaN(ms) || ms < 0)
    throw new InvalidArgumentError(
      '应为时间, 如 2026-11-24T08:00+08:00 / a time such as 2026-11-24T08:00+08:00',
    )
  return ms
}
