/** What was asked for, or the named reason why it was not carried out. Refusals are values, never thrown. */
export type Result<T, R extends string> = Done<T> | Refused<R>

export interface Done<T> {
  readonly ok: true
  readonly value: T
}

export interface Refused<R extends string> {
  readonly ok: false
  readonly refused: R
  /** For a person: which id, which number. Appended to the page's words; never the puppet's own text. */
  readonly detail?: string
}

export const done = <T>(value: T): Done<T> => ({ ok: true, value })

export const refuse = <const R extends string>(refused: R, detail?: string): Refused<R> =>
  detail === undefined ? { ok: false, refused } : { ok: false, refused, detail }
