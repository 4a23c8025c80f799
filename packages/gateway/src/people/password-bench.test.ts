import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, test } from 'vitest'
import { hashPassword, isPassword, PASSWORD_COST } from '../model/password.ts'
import { systemRandom } from '../system/random.ts'
import { createPasswordBench, WAITING_MAX } from './password-bench.ts'

const CHEAP = { N: 2 ** 4, r: 1, p: 1 }
const opened = () => {
  const clock = new ManualClock()
  return { clock, bench: createPasswordBench({ clock, random: systemRandom }, CHEAP) }
}

test('CON-9 a password is kept as a hash with a salt of its own and what it cost, which may differ from row to row', async () => {
  const { bench } = opened()
  const [one, other] = await Promise.all([bench.hash('correct horse'), bench.hash('correct horse')])
  expect(one).toMatch(/^scrypt\$16\$1\$1\$[\w-]{22}\$[\w-]{43}$/)
  expect(other).not.toBe(one)
  const dearer = await hashPassword('correct horse', Buffer.alloc(16), { N: 2 ** 5, r: 2, p: 2 })
  for (const kept of [one, other, dearer]) {
    expect(await bench.compare('correct horse', kept)).toBe(true)
    expect(await bench.compare('correct horsE', kept)).toBe(false)
  }
})

test('CON-9 however a keyboard composes it, it is the same; what was never a hash fits nothing', async () => {
  const { bench } = opened()
  const kept = await bench.hash('pässword pässword')
  expect(await bench.compare('pa\u0308ssword pa\u0308ssword', kept)).toBe(true)
  for (const broken of ['', 'plain', 'scrypt$16$1$1$$', 'md5$16$1$1$a$b'])
    expect(await isPassword('plain', broken)).toBe(false)
  expect(await bench.compare('x', null)).toBe(false)
})

test('CON-9 two are hashed at once, a few wait for five seconds, and the others are told at once', async () => {
  const { clock, bench } = opened()
  const all = Array.from({ length: 2 + WAITING_MAX + 1 }, () => bench.hash('correct horse'))
  expect(await all.at(-1)).toBeNull()
  clock.advance(5000)
  const done = await Promise.all(all)
  expect(done.slice(0, 2).every(hash => hash !== null)).toBe(true)
  expect(done.slice(2).every(hash => hash === null)).toBe(true)
  expect(await bench.hash('correct horse')).not.toBeNull()
})

test('CON-9 an installation spends 32 MiB on each', () => {
  expect(128 * PASSWORD_COST.N * PASSWORD_COST.r).toBe(32 * 1024 * 1024)
  expect(PASSWORD_COST.p).toBe(3)
})
