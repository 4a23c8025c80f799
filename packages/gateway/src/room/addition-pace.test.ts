import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, test } from 'vitest'
import { MINUTE_MS } from '../system/clock.ts'
import { type Log, silentLog } from '../system/log.ts'
import { createAdditionPace } from './addition-pace.ts'

function stage() {
  const clock = new ManualClock()
  const warnings: object[] = []
  const told: string[] = []
  const log: Log = { ...silentLog, warn: facts => void warnings.push(facts) }
  const pace = createAdditionPace({ clock, log, meter: { added: how => void told.push(how) } })
  const add = async (count: number, bot = 'lin') => {
    for (let n = 0; n < count; n++) await pace.turn(bot, false)
  }
  return { clock, warnings, told, pace, add }
}

test('AM-23 fifty additions within a minute are as advised, the fifty-first is warned of and counted as beyond', async () => {
  const { warnings, told, pace, add } = stage()
  await add(50)
  expect(warnings).toEqual([])
  await add(1)
  expect(warnings).toEqual([{ bot: 'lin', additions: 51 }])
  expect(told).toEqual([...Array(50).fill('within'), 'beyond'])
  expect(pace.count('lin')).toBe(51)
})

test('AM-23 the minute slides: what is a minute old counts no more', async () => {
  const { clock, warnings, pace, add } = stage()
  await add(30)
  clock.advance(MINUTE_MS - 1)
  await add(20)
  expect(pace.count('lin')).toBe(50)
  clock.advance(1)
  expect(pace.count('lin')).toBe(20)
  await add(30)
  expect(warnings).toEqual([])
  await add(1)
  expect(warnings).toHaveLength(1)
})

test('AM-23 each bot has a minute of its own', async () => {
  const { warnings, pace, add } = stage()
  await add(50)
  await add(50, 'mo')
  expect(warnings).toEqual([])
  expect([pace.count('lin'), pace.count('mo'), pace.count('nobody')]).toEqual([50, 50, 0])
})
