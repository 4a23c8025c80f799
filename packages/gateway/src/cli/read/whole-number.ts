import { InvalidArgumentError } from 'commander'

/** Reads a count or a number from the command line. */
export function wholeNumber(given: string): number {
  if (!/^\d{1,15}$/.test(given)) throw new InvalidArgumentError('应为整数 / a whole number')
  return Number(given)
}

/** The same for an argument that may be repeated; `before` holds those already read. */
export const wholeNumbers = (given: string, before: readonly number[] = []): number[] => [
  ...before,
  wholeNumber(given),
]
