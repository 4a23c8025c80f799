/**
 * Asking for the same at a fixed rate, whether or not those before have been answered; each counts from when it should have begun, so
 * that standing still is not overlooked. By a process of its own: what the rest of a benchmark does holds up no answer.
 */
import { type Child, openChild } from './child.ts'

export interface Asking {
  readonly url: string
  readonly perSecond: number
}

export interface Heard {
  /** How long each answer took, in milliseconds. */
  readonly took: readonly number[]
  /** That were not 200. */
  readonly others: number
}

export const openAsker = (): Promise<Child> => openChild<null>('asker.ts', {})

/** What he hears from a moment before the work begins until it is over, and what came of it. */
export async function hearDuring<T>(
  work: () => Promise<T>,
  asker: Child,
  asking: Asking,
): Promise<Heard & { readonly result: T }> {
  await asker.ask(asking)
  const result = await work()
  return { result, ...(await asker.ask<Heard>('end')) }
}

export const p99 = (took: readonly number[]): number =>
  took.toSorted((a, b) => a - b)[Math.ceil(took.length * 0.99) - 1]!
