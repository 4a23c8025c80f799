import { expect, test } from 'vitest'
import { systemRandom } from './random.ts'

test('ST-127 chance is given once, and nobody who has some of it sees that of others', () => {
  const given = Array.from({ length: 2000 }, () => systemRandom.bytes(12))
  const [first] = given
  const texts = given.map(bytes => bytes.toString('hex'))
  expect(new Set(texts).size).toBe(2000)
  first!.fill(0)
  expect(given.slice(1).map(bytes => bytes.toString('hex'))).toEqual(texts.slice(1))
  expect(first!.buffer.byteLength).toBe(12)
  for (const count of [0, 1, 4096, 5000]) expect(systemRandom.bytes(count)).toHaveLength(count)
})
