import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { describe, expect, test } from 'vitest'
import { IN_FLIGHT_MAX, type Share, SLOW_IN_FLIGHT_MAX, shareSlots } from './share-slots.ts'
import { SlowAddresses } from './slow-addresses.ts'

const address = (addressId: string, inFlightMax = 4) => ({
  addressId,
  inFlightMax,
})
const slotsOf = (shares: ReturnType<typeof shareSlots>) =>
  shares.map(({ address, slots }) => [address.addressId, slots])
const letters = (count: number): string[] => Array.from({ length: count }, (_, n) => String(100 + n))

describe('who may have the free slots', () => {
  test('CB-10 an address with four callbacks in flight gets none', () => {
    expect(slotsOf(shareSlots([address('a'), address('b')], ['a', 'a', 'a', 'a', 'b'], null))).toEqual([
      ['b', 3],
    ])
  })

  test('CB-10 an address has its own maximum', () => {
    expect(slotsOf(shareSlots([address('a', 1), address('b', 8)], [], null))).toEqual([
      ['a', 1],
      ['b', 8],
    ])
  })

  test('CB-10 no more than 64 are in flight in all, and they are shared evenly', () => {
    const shares = shareSlots(
      letters(20).map(id => address(id)),
      [],
      null,
    )
    expect(shares.reduce((sum, { slots }) => sum + slots, 0)).toBe(IN_FLIGHT_MAX)
    expect(Math.min(...shares.map(({ slots }) => slots))).toBe(3)
  })

  test('CB-10 who got nothing is first the next time', () => {
    const all = letters(100).map(id => address(id))
    const first = shareSlots(all, [], null)
    const second = shareSlots(all, [], first.at(-1)!.address.addressId)
    expect(first).toHaveLength(IN_FLIGHT_MAX)
    expect(second.slice(0, 36).map(({ address }) => address.addressId)).toEqual(letters(100).slice(64))
    expect(second.at(-1)!.address.addressId).toBe(letters(100)[27])
  })

  test('CB-10 an address that is slow has its own maximum; where many are, they share what they may have evenly', () => {
    expect(slotsOf(shareSlots([address('a'), address('b')], [], null, new Set(['a'])))).toEqual([
      ['a', 4],
      ['b', 4],
    ])
    const slow = letters(16)
    const shares = shareSlots(
      [...slow, 'well'].map(id => address(id)),
      [],
      null,
      new Set(slow),
    )
    expect(slotsOf(shares)).toEqual([...slow.map(id => [id, 2]), ['well', 4]])
  })

  test('CB-10 however many are slow, half of the slots are for the others', () => {
    const slow = letters(100)
    const areSlow = new Set(slow)
    const well = Array.from({ length: 8 }, (_, n) => address(`well${n}`))
    const shares = shareSlots([...slow.map(id => address(id)), ...well], [], null, areSlow)
    expect(slotsOf(shares.filter(share => areSlow.has(share.address.addressId)))).toHaveLength(
      SLOW_IN_FLIGHT_MAX,
    )
    expect(slotsOf(shares.filter(share => !areSlow.has(share.address.addressId)))).toEqual(
      well.map(({ addressId }) => [addressId, 4]),
    )
    expect(
      shareSlots(
        slow.map(id => address(id)),
        slow.slice(0, 32),
        null,
        areSlow,
      ),
    ).toEqual([])
  })

  test('CB-10 however many are slow, and whoever is served between, each of them has its turn', () => {
    const slow = new SlowAddresses(new ManualClock())
    for (const id of letters(40)) slow.note(id, { ms: 5000 })
    const served = new Set<string>()
    let inFlight: string[] = []
    let servedLast: string | null = null
    for (let round = 0; round < 80; round++) {
      const all = [...letters(40), 'well'].map(id => address(id))
      const shares: Share[] = shareSlots(all, inFlight, servedLast, slow.longestUnservedFirst)
      for (const { address } of shares) slow.standBehind(address.addressId)
      servedLast = shares.at(-1)?.address.addressId ?? servedLast
      const begun: string[] = shares.flatMap(({ address, slots }) =>
        Array.from({ length: slots }, () => address.addressId),
      )
      for (const id of begun) served.add(id)
      // One of those that are slow runs out of time; who is well is done at once.
      inFlight = [...inFlight, ...begun].filter(id => id !== 'well')
      slow.note(inFlight.shift()!, { ms: 5000 })
    }
    expect([...served].sort()).toEqual([...letters(40), 'well'])
  })

  test('CB-10 an address is slow after a callback that took a second or longer, answered or not, until one takes less', () => {
    const slow = new SlowAddresses(new ManualClock())
    for (const [ms, expected] of [
      [999, false],
      [1000, true],
      [5000, true],
      [20, false],
    ] as const) {
      slow.note('a', { ms })
      expect(slow.has('a')).toBe(expected)
    }
  })

  test('CB-10 without a free slot there is nothing to share', () => {
    expect(shareSlots([address('a')], letters(IN_FLIGHT_MAX), null)).toEqual([])
    expect(shareSlots([], [], null)).toEqual([])
  })
})
