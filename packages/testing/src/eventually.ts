import { setTimeout as pause } from 'node:timers/promises'

const POLL_EVERY_MS = 5
/** Only what never comes should be caught by it; a test has 120 s. */
const WAIT_MAX_MS = 50_000

/**
 * Polls until `poll` returns something truthy and returns it. For what crosses a real socket, where no event can be
 * awaited; bounded, and it says what it waited for.
 */
export async function eventually<T>(
  what: string,
  poll: () => T | Promise<T>,
  withinMs = WAIT_MAX_MS,
): Promise<NonNullable<T>> {
  const until = Date.now() + withinMs
  for (;;) {
    const seen = await poll()
    if (seen) return seen as NonNullable<T>
    if (Date.now() > until) throw new Error(`waited ${withinMs} ms in vain for: ${what}`)
    await pause(POLL_EVERY_MS)
  }
}
