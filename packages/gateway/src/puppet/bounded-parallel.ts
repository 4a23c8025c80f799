/**
 * Works on `items` with at most `max` in flight and yields what comes of each, as it comes. The consumer sets the
 * pace: nothing new is begun while it does not ask. The first failure ends it; what is still in flight is let go.
 */
export async function* inParallel<T, R>(
  items: Iterable<T>,
  max: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const inFlight = new Set<Promise<R>>()
  const next = async () => {
    const { promise, result } = await Promise.race(
      [...inFlight].map(promise => promise.then(result => ({ promise, result }))),
    )
    inFlight.delete(promise)
    return result
  }

  try {
    for (const item of items) {
      inFlight.add(work(item))
      if (inFlight.size >= max) yield await next()
    }
    while (inFlight.size > 0) yield await next()
  } finally {
    // Whoever asked has gone; their failures have nobody left to tell.
    for (const abandoned of inFlight) abandoned.catch(() => {})
  }
}
