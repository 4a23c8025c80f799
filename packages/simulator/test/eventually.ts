const PATIENCE_MS = 20_000
const LOOK_AGAIN_MS = 5

/** Looks until there is something to see, and says what was missed when patience ends. */
export async function eventually<T>(
  look: () => T | undefined | false,
  missed: () => string = () => 'a condition',
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const seen = look()
    if (seen !== undefined && seen !== false) return seen
    if (Date.now() > deadline) throw new Error(`waited ${PATIENCE_MS} ms in vain for ${missed()}`)
    await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}
