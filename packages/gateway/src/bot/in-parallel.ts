/**
 * Works on `items` with at most `atOnce` under way and yields the results in the order of the items. Whoever stops
 * listening leaves the works under way to end unheard.
 */
export async function* inParallel<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): AsyncIterable<R> {
  const underWay: Promise<R>[] = []
  for (const item of items) {
    const result = work(item)
    // Its failure is heard when its turn comes; until then it must not count as unhandled.
    result.catch(() => undefined)
    underWay.push(result)
    if (underWay.length >= atOnce) yield await underWay.shift()!
  }
  for (const result of underWay) yield await result
}
