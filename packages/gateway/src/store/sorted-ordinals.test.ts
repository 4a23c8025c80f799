import { describe, expect, test } from 'vitest'
import { seededRandom } from './contract/scene.contract.ts'
import { SortedOrdinals } from './sorted-ordinals.ts'

describe('SortedOrdinals', () => {
  test('ST-60 nothing is in an empty one, and taking out what is not in it changes nothing', () => {
    const list = new SortedOrdinals()
    list.remove(1)
    expect(list.length).toBe(0)
    expect(list.slice(0, 10)).toEqual([])
  })

  test.each([1, 2, 3])('ST-61 after any additions and removals it is the sorted set (seed %i)', seed => {
    const { fraction } = seededRandom(seed)
    const list = new SortedOrdinals()
    const set = new Set<number>()
    for (let i = 0; i < 5000; i++) {
      const ordinal = 1 + Math.floor(fraction() * 600)
      const put = fraction() < 0.6
      if (put) list.add(ordinal)
      else list.remove(ordinal)
      if (put) set.add(ordinal)
      else set.delete(ordinal)
      if (i % 97 !== 0) continue
      const sorted = [...set].sort((a, b) => a - b)
      expect(list.length).toBe(sorted.length)
      expect(list.slice(0, list.length)).toEqual(sorted)
      expect(list.slice(13, 29)).toEqual(sorted.slice(13, 29))
    }
  })
})
