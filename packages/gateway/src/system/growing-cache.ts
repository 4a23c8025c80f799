import { LRUCache } from 'lru-cache'

/**
 * A cache of at most `max` entries that takes memory as it fills. One that is told its `max` makes room for all of them when it is made:
 * for hundreds of thousands that is a tenth of a second at each start (P10), and megabytes that are seldom needed.
 */
export const growingCache = <V extends object | number | true>(max: number): LRUCache<string, V> =>
  new LRUCache({ maxSize: max, sizeCalculation: () => 1 })
