import { setTimeout as pause } from 'node:timers/promises'

const LOOK_EVERY_MS = 5

/**
 * Looks until `look` returns something truthy and returns it. For what crosses a real socket, where no event can be
 * awaited; bounded, and it says what it waited for.
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = 20_000,
): Promise<NonNullable<T>> {
  const until = Date.now() + withinMs
  for (;;) {
    const seen = await look()
    if (seen) return seen as NonNullable<T>
    if (Date.now() > until) throw new Error(`waited ${withinMs} ms in vain for: ${what}`)
    await pause(LOOK_EVERY_MS)
  }
}
