import { expect, test } from 'vitest'
import { fromField, showCount, showMoment, showShortly, showSpan, toField } from '../src/show/moment.ts'

const at = Date.UTC(2026, 10, 29, 18, 44, 31)
const beijing = { zone: 'Asia/Shanghai' } as const
const utc = { zone: 'UTC' } as const

test('UI-3 a moment is shown in the zone that was chosen, and as short as can be told apart', () => {
  expect(showMoment(at, beijing)).toBe('2026-11-30 02:44:31')
  expect(showMoment(at, utc)).toBe('2026-11-29 18:44:31')
  expect(showShortly(at, at + 60_000, utc)).toBe('18:44:31')
  // Midnight in Beijing has passed, the one of UTC has not.
  expect(showShortly(at - 4 * 3_600_000, at, beijing)).toBe('11-29 22:44')
  expect(showShortly(at, at + 365 * 86_400_000, utc)).toBe('2026-11-29 18:44')
})

test('UI-3 what is typed is read in the zone that was chosen, and shown alike', () => {
  for (const eye of [beijing, utc]) {
    expect(fromField(toField(at, eye), eye)).toBe(at - 31_000)
    expect(fromField('', eye)).toBeUndefined()
    expect(fromField('soon', eye)).toBeUndefined()
    expect(fromField('0002-01-01T00:00', eye)).toBeUndefined()
  }
  expect(fromField('2026-11-30T02:44', beijing)).toBe(fromField('2026-11-29T18:44', utc))
})

test('UI-3 how long something lasts is said in the largest unit that fits', () => {
  expect(showSpan(4_200, 'zh')).toBe('4 秒')
  expect(showSpan(60_000, 'en')).toBe('1 minute')
  expect(showSpan(26 * 3_600_000, 'en')).toBe('26 hours')
  expect(showSpan(3 * 86_400_000, 'zh')).toBe('3 天')
  expect(showSpan(-5, 'zh')).toBe('0 秒')
  expect(showCount(3956)).toBe('3,956')
})
