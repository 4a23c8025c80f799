import type { WorkspaceId } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import { HANGING_IN_FLIGHT_MAX, IN_FLIGHT_MAX, shareSlots } from './share-slots.ts'

const address = (addressId: string, inFlightMax = 4) => ({
  workspaceId: 'w' as WorkspaceId,
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

  test('CB-10 an address that hangs gets one, and none while it has one', () => {
    const hangs = (id: string) => id === 'a'
    expect(slotsOf(shareSlots([address('a'), address('b')], [], null, hangs))).toEqual([
      ['a', 1],
      ['b', 4],
    ])
    expect(slotsOf(shareSlots([address('a'), address('b')], ['a'], null, hangs))).toEqual([['b', 4]])
  })

  test('CB-10 however many hang, half of the slots are for the others', () => {
    const hanging = letters(100)
    const hangs = (id: string) => hanging.includes(id)
    const well = Array.from({ length: 8 }, (_, n) => address(`well${n}`))
    const shares = shareSlots([...hanging.map(id => address(id)), ...well], [], null, hangs)
    expect(slotsOf(shares.filter(share => hangs(share.address.addressId)))).toHaveLength(
      HANGING_IN_FLIGHT_MAX,
    )
    expect(slotsOf(shares.filter(share => !hangs(share.address.addressId)))).toEqual(
      well.map(({ addressId }) => [addressId, 4]),
    )
    expect(
      shareSlots(
        hanging.map(id => address(id)),
        hanging.slice(0, 32),
        null,
        hangs,
      ),
    ).toEqual([])
  })

  test('CB-10 without a free slot there is nothing to share', () => {
    expect(shareSlots([address('a')], letters(IN_FLIGHT_MAX), null)).toEqual([])
    expect(shareSlots([], [], null)).toEqual([])
  })
})
