import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, test } from 'vitest'
import { MINUTE_MS } from '../../system/clock.ts'
import { silentLog } from '../../system/log.ts'
import { createRefusalTeller, LINES_PER_MINUTE_MAX } from './tell-of-refusals.ts'

test('CON-19 of whoever is not let in so many lines a minute and address are told, and how many were not', () => {
  const clock = new ManualClock()
  const warned: object[] = []
  const tell = createRefusalTeller({ clock, log: { ...silentLog, warn: facts => void warned.push(facts) } })
  const wrong = { asked: 'signIn', refused: 'credentials-wrong', address: '10.0.0.1' }
  for (let n = 0; n < 100; n++) tell(wrong)
  expect(warned).toEqual(Array(LINES_PER_MINUTE_MAX).fill(wrong))
  tell({ ...wrong, address: '10.0.0.2' })
  expect(warned).toHaveLength(LINES_PER_MINUTE_MAX + 1)
  clock.advance(MINUTE_MS)
  tell(wrong)
  expect(warned.at(-1)).toEqual({ ...wrong, untoldBefore: 100 - LINES_PER_MINUTE_MAX })
})
