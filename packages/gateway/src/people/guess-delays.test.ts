import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, test } from 'vitest'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { GuessDelays, KEYS_MAX } from './guess-delays.ts'

const opened = () => {
  const clock = new ManualClock()
  return { clock, delays: new GuessDelays(clock) }
}

test('CON-6 of a thousand guesses at one account in a moment, five are made', () => {
  const { delays } = opened()
  const waits = Array.from({ length: 1000 }, (_, n) =>
    delays.begin({ account: '小北', address: `10.0.${n >> 8}.${n & 255}` }),
  )
  expect(waits.filter(ms => ms === 0)).toHaveLength(5)
  expect(Math.max(...waits)).toBe(SECOND_MS)
})

test('CON-6 each further guess at an account waits twice as long, up to a minute; one that is right is the end of it', () => {
  const { clock, delays } = opened()
  const guesser = { account: '小北', address: '::/64' }
  const waits: number[] = []
  for (let n = 0; n < 14; n++) {
    const ms = delays.begin({ ...guesser, address: String(n) })
    waits.push(ms / SECOND_MS)
    clock.advance(ms)
    if (ms > 0) expect(delays.begin({ ...guesser, address: String(n) })).toBe(0)
  }
  expect(waits).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60])
  delays.forgive(guesser)
  expect(delays.begin(guesser)).toBe(0)
})

test('CON-6 an address that guesses at one account after another waits as well, up to a quarter of an hour', () => {
  const { clock, delays } = opened()
  const guess = (n: number) => delays.begin({ account: `somebody ${n}`, address: '10.0.0.1' })
  expect(Array.from({ length: 10 }, (_, n) => guess(n))).toEqual(Array(10).fill(0))
  let longest = 0
  for (let n = 10; n < 30; n++) {
    const ms = guess(n)
    longest = Math.max(longest, ms)
    clock.advance(ms)
    guess(n)
  }
  expect(longest).toBe(15 * MINUTE_MS)
  clock.advance(HOUR_MS)
  expect(guess(30)).toBe(0)
})

test('CON-6 an address whose guess was right has still guessed at the others', () => {
  const { delays } = opened()
  const own = { account: 'own', address: '10.0.0.1' }
  for (let n = 0; n < 9; n++) delays.begin({ account: `somebody ${n}`, address: own.address })
  expect(delays.begin(own)).toBe(0)
  delays.forgive(own)
  expect(delays.begin({ account: 'x', address: own.address })).toBe(0)
  expect(delays.begin({ account: 'y', address: own.address })).toBeGreaterThan(0)
})

test('CON-6 a clock that is set back makes nobody wait longer, and what is remembered is bounded', () => {
  const { clock, delays } = opened()
  for (let n = 0; n < 6; n++) delays.begin({ account: '小北', address: String(n) })
  clock.step(-HOUR_MS)
  expect(delays.begin({ account: '小北', address: 'x' })).toBe(0)
  for (let n = 0; n < KEYS_MAX; n++) delays.begin({ account: `name ${n}`, address: `address ${n}` })
  expect(delays.begin({ account: '小北', address: 'y' })).toBe(0)
})
