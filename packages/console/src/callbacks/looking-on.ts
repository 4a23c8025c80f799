/** A part of a list: what was found in it, and from where to look on. */
interface LookedThrough {
  readonly callbacks: readonly unknown[]
  readonly next: number | null
}

/** So often the next part is looked through by itself while nothing is found: some seconds, and then somebody has to want it. */
export const LOOKED_ON_MAX = 100

export interface LookingOn {
  /** Nothing was found yet, and it was looked back to this number. */
  readonly lookedTo: number | undefined
  /** The next part is looked through by itself. */
  readonly byItself: boolean
}

/** What becomes of a list in whose parts, looked through one after another, nothing was found so far. */
export function lookingOn(parts: readonly LookedThrough[], isHalted: boolean): LookingOn {
  const isEmpty = parts.every(({ callbacks }) => callbacks.length === 0)
  const lookedTo = (isEmpty && parts.at(-1)?.next) || undefined
  return { lookedTo, byItself: lookedTo !== undefined && !isHalted && parts.length % LOOKED_ON_MAX !== 0 }
}
