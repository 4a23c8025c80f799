import type { CallbackRecord } from '@qunhub/wire'

export interface Merged {
  /** What stood there before, where it stood, as it is now. */
  readonly rows: readonly CallbackRecord[]
  /** So many newer ones there are, above; with `atLeast`, so many or more. */
  readonly news: number
  readonly atLeast: boolean
}

/**
 * What is shown, and what was read since: nothing comes in above the reader's eyes or goes away below them, but what is there is told
 * as it is now.
 */
export function mergeHead(
  shown: readonly CallbackRecord[],
  head: readonly CallbackRecord[],
  others: readonly CallbackRecord[] = [],
): Merged {
  const now = new Map([...head, ...others].map(callback => [callback.id, callback]))
  const newest = shown[0]?.id ?? 0
  const news = head.filter(({ id }) => id > newest).length
  return {
    rows: shown.map(callback => now.get(callback.id) ?? callback),
    news,
    atLeast: news > 0 && news === head.length,
  }
}
