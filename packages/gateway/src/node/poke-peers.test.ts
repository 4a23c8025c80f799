import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, test } from 'vitest'
import { POKE_EVERY_MS, pokePeers } from './poke-peers.ts'

const node = (id: string, address: string | null = `${id}:1`) => ({
  id,
  address,
  entered: 1,
  beat: 1,
  attending: true,
})

test('NODE-24 whoever owes something pokes the other nodes that have an address, and itself not', () => {
  const poked: string[] = []
  const membership = { id: 'us', nodes: [node('us'), node('b'), node('without', null), node('c')] }
  const poke = pokePeers({ clock: new ManualClock(), membership, poke: ({ id }) => poked.push(id) })
  poke()
  expect(poked).toEqual(['b', 'c'])
})

test('NODE-24 many at once are one poke now and one a little later, and alone there is nobody to poke', () => {
  const poked: string[] = []
  const clock = new ManualClock()
  const membership = { id: 'us', nodes: [node('us'), node('b')] }
  const poke = pokePeers({ clock, membership, poke: ({ id }) => poked.push(id) })
  for (let n = 0; n < 100; n++) poke()
  expect(poked).toEqual(['b'])
  clock.advance(POKE_EVERY_MS)
  expect(poked).toEqual(['b', 'b'])
  clock.advance(10 * POKE_EVERY_MS)
  expect(poked).toEqual(['b', 'b'])

  const alone = pokePeers({
    clock,
    membership: { id: 'us', nodes: [node('us')] },
    poke: ({ id }) => poked.push(id),
  })
  alone()
  expect([poked, clock.nextIn()]).toEqual([['b', 'b'], undefined])
})
