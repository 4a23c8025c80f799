/** What `make` makes, made when it is first asked for, and kept: for what is large, and often not needed. */
export function madeOnce<T extends object>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
