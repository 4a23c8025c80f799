/** Milliseconds in base 36 have nine digits until the year 5188. */
const MOMENT_DIGITS = 9

/** The beginning of an id whose order is that of time. */
export const momentKey = (at: number): string => Math.max(0, at).toString(36).padStart(MOMENT_DIGITS, '0')
