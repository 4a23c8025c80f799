import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, test } from 'vitest'
import { done, refuse } from '../model/result.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { GuessDelays, type Guesser, KEYS_MAX } from './guess-delays.ts'

const opened = () => {
  const clock = new ManualClock()
  const delays = new GuessDelays(clock)
  /** How long it had to wait: 0 where something was compared. */
  const attempt = async (guesser: Guesser, end: 'right' | 'wrong' | 'busy'): Promise<number> => {
    const made = await delays.attempt(guesser, async () => (end === 'right' ? done(null) : refuse(end)))
    return !made.ok && made.refused === 'too-soon' ? Number(made.detail) : 0
  }
  const guess = (account: string | null, address: string) => attempt({ account, address }, 'wrong')
  const right = (account: string | null, address: string) => attempt({ account, address }, 'right')
  return { clock, delays, attempt, guess, right }
}

test('CON-6 of a thousand guesses at one account in a moment, five are made', async () => {
  const { guess } = opened()
  const waits = await Promise.all(
    Array.from({ length: 1000 }, (_, n) => guess('小北', `10.0.${n >> 8}.${n & 255}`)),
  )
  expect(waits.filter(ms => ms === 0)).toHaveLength(5)
  expect(Math.max(...waits)).toBe(SECOND_MS)
})

test('CON-6 each further guess at an account waits twice as long, up to a minute; one that is right is the end of it', async () => {
  const { clock, guess, right } = opened()
  const waits: number[] = []
  for (let n = 0; n < 14; n++) {
    const ms = await guess('小北', String(n))
    waits.push(ms / SECOND_MS)
    clock.advance(ms)
    if (ms > 0) expect(await guess('小北', String(n))).toBe(0)
  }
  expect(waits).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60])
  clock.advance(MINUTE_MS)
  expect(await right('小北', 'x')).toBe(0)
  for (let n = 0; n < 5; n++) expect(await guess('小北', `y ${n}`)).toBe(0)
})

test('CON-6 an address that guesses at one account after another waits as well, up to a minute', async () => {
  const { clock, guess } = opened()
  const next = (n: number) => guess(`somebody ${n}`, '10.0.0.1')
  for (let n = 0; n < 10; n++) expect(await next(n)).toBe(0)
  let longest = 0
  for (let n = 10; n < 40; n++) {
    const ms = await next(n)
    longest = Math.max(longest, ms)
    clock.advance(ms)
    expect(await next(n)).toBe(0)
  }
  expect(longest).toBe(MINUTE_MS)
  clock.advance(HOUR_MS)
  expect(await next(40)).toBe(0)
})

test('CON-6 behind one address a right password makes nobody wait longer, and mistypings do not add up', async () => {
  const { clock, guess, right } = opened()
  for (let n = 0; n < 10; n++) await guess(`somebody ${n}`, 'office')
  clock.advance(SECOND_MS)
  await guess('somebody', 'office')
  const wait = await guess('somebody', 'office')
  expect(wait).toBeGreaterThan(SECOND_MS)
  clock.advance(wait)
  for (let n = 0; n < 100; n++) expect(await right(`right ${n}`, 'office')).toBe(0)
  // One a minute is forgotten, so that an office of which somebody mistypes twice a minute has not to wait for ever.
  clock.advance(11 * MINUTE_MS)
  for (let n = 0; n < 9; n++) expect(await guess(`somebody ${n}`, 'office')).toBe(0)
  for (let n = 0; n < 100; n++) {
    clock.advance(MINUTE_MS)
    expect(await guess(`somebody else ${n}`, 'office')).toBe(0)
  }
})

test('CON-6 a right password in the middle of others leaves to the address what they have guessed', async () => {
  const { delays, guess } = opened()
  for (let n = 0; n < 5; n++) await guess(`somebody ${n}`, '10.0.0.1')
  let wakeUp = () => {}
  const asleep = new Promise<void>(resolve => {
    wakeUp = resolve
  })
  const own = delays.attempt({ account: 'own', address: '10.0.0.1' }, async () => {
    await asleep
    return done(null)
  })
  for (let n = 5; n < 9; n++) expect(await guess(`somebody ${n}`, '10.0.0.1')).toBe(0)
  wakeUp()
  await own
  expect(await guess('x', '10.0.0.1')).toBe(0)
  expect(await guess('y', '10.0.0.1')).toBe(SECOND_MS)
})

test('CON-6 where the bench was busy, or the store away, nothing was guessed', async () => {
  const { attempt, delays, guess } = opened()
  const guesser = { account: '小北', address: '10.0.0.1' }
  for (let n = 0; n < 20; n++) {
    expect(await attempt(guesser, 'busy')).toBe(0)
    const failed = delays.attempt(guesser, async () => {
      throw new Error('the store is away')
    })
    await expect(failed).rejects.toThrow('the store is away')
  }
  for (let n = 0; n < 5; n++) expect(await guess('小北', '10.0.0.1')).toBe(0)
  expect(await guess('小北', '10.0.0.1')).toBe(SECOND_MS)
})

test('CON-6 a clock that is set back makes nobody wait longer, and what is remembered is bounded', async () => {
  const { clock, guess } = opened()
  for (let n = 0; n < 6; n++) await guess('小北', String(n))
  clock.step(-HOUR_MS)
  expect(await guess('小北', 'x')).toBe(0)
  for (let n = 0; n < KEYS_MAX; n++) await guess(`name ${n}`, `address ${n}`)
  expect(await guess('小北', 'y')).toBe(0)
})
