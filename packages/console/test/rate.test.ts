import { expect, test } from 'vitest'
import {
  beginOf,
  isLanguageTag,
  type Rate,
  rangeOf,
  readSpan,
  stacked,
  totalsOf,
} from '../src/overview/rate.ts'

const MINUTE = 60_000
const noon = Date.UTC(2026, 10, 29, 12)
const rate = (facts: Partial<Rate>): Rate => ({
  from: noon,
  until: noon + 5 * MINUTE,
  stepMinutes: 1,
  steps: [
    { at: noon + MINUTE, delivered: 3, retried: 2, parked: 1, quarantined: 0 },
    { at: noon + 4 * MINUTE, delivered: 1, retried: 0, parked: 0, quarantined: 4 },
  ],
  ...facts,
})

test('UI-43 bars stand on one another, and a minute without callbacks is a gap and not a line', () => {
  const [at, ...heights] = stacked(rate({}))
  expect(at.map(seconds => (seconds * 1000 - noon) / MINUTE)).toEqual([0, 1, 2, 3, 4])
  expect(heights).toEqual([
    [0, 3, 0, 0, 1],
    [0, 5, 0, 0, 1],
    [0, 6, 0, 0, 1],
    [0, 6, 0, 0, 5],
  ])
  expect(totalsOf(rate({}))).toEqual({ delivered: 4, retried: 2, parked: 1, quarantined: 4 })
  expect(stacked(rate({ steps: [], until: noon }))[0]).toHaveLength(1)
})

test('UI-43 what is dragged over is a range of whole steps, and never beyond the chart', () => {
  const dragged = { from: noon + MINUTE + 1, until: noon + 2 * MINUTE + 1 }
  expect(rangeOf(rate({}), dragged)).toEqual({ from: noon + MINUTE, until: noon + 3 * MINUTE })
  expect(rangeOf(rate({}), { from: noon - 9 * MINUTE, until: noon + 99 * MINUTE })).toEqual({
    ...{ from: noon, until: noon + 5 * MINUTE },
  })
  const wide = rate({ stepMinutes: 5, until: noon + 720 * 5 * MINUTE })
  expect(rangeOf(wide, dragged)).toEqual({ from: noon, until: noon + 5 * MINUTE })
})

test('UI-43 the range stands in the address, and is asked anew once a minute', () => {
  expect(['7d', '1h', 'for ever', undefined, 'toString'].map(readSpan)).toEqual([
    '7d',
    '1h',
    '1h',
    '1h',
    '1h',
  ])
  expect(beginOf('1h', noon + 59_999)).toBe(noon - 60 * MINUTE)
  expect(beginOf('1h', noon + MINUTE)).toBe(noon - 59 * MINUTE)
})

test('UI-43 a browser that names its language by what is no language tag is told apart', () => {
  expect(['zh-CN', 'en', 'en-US@posix', 'C', ''].map(isLanguageTag)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})
