const PATIENCE_MS = 20_000
const POLL_MS = 5

/** Polls until there is something to see, and says what was missed when patience ends. */
export async function eventually<T>(
  poll: () => T | undefined | false,
  missed: () => string = () => 'a condition',
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const seen = poll()
    if (seen !== undefined && seen !== false) return seen
    if (Date.now() > deadline) throw new Error(`waited ${PATIENCE_MS} ms in vain for ${missed()}`)
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
}
