import { expect, test } from 'vitest'
import { createGatewayClock } from './gateway-clock.ts'

const NOON = Date.UTC(2026, 10, 30, 12)
const DAY_MS = 86_400_000
const dateOf = (at: number) => new Date(at).toUTCString()

/** A browser whose wall clock is `off` by so much, and anybody may set. */
function browser(off: number) {
  const it = { passed: 0, off }
  return {
    set(to: number) {
      it.off = to
    },
    pass(ms: number) {
      it.passed += ms
    },
    clock: createGatewayClock({ wall: () => NOON + it.passed + it.off, stopwatch: () => 7 + it.passed }),
  }
}

test.each([null, '', 'yesterday'])('UI-36 what is no date says nothing: %s', date => {
  const { clock } = browser(0)
  clock.hear(date)
  expect(clock.now()).toBe(NOON)
})

test('UI-36 before the first answer it is as late as the browser says', () => {
  expect(browser(-DAY_MS).clock.now()).toBe(NOON - DAY_MS)
})

test.each([-DAY_MS, DAY_MS])(
  'UI-36 a clock that is %s ms off is not believed, nor one that is set back while the page is open',
  off => {
    const { clock, pass, set } = browser(off)
    clock.hear(dateOf(NOON))
    expect(clock.now()).toBe(NOON)
    pass(61_500)
    expect(clock.now()).toBe(NOON + 61_500)
    set(-5 * DAY_MS)
    expect(clock.now()).toBe(NOON + 61_500)
  },
)

test('UI-36 what was heard before the machine slept is old, though the stopwatch stood still; the next answer sets it right', () => {
  const { clock, set } = browser(0)
  clock.hear(dateOf(NOON))
  set(DAY_MS)
  expect(clock.now()).toBe(NOON + DAY_MS)
  clock.hear(dateOf(NOON + 1_000))
  expect(clock.now()).toBe(NOON + 1_000)
})

test('UI-36 whole seconds of an answer do not make the time go back and forth; a gateway whose clock was set is followed', () => {
  const { clock, pass } = browser(300)
  clock.hear(dateOf(NOON))
  expect(clock.now()).toBe(NOON + 300)
  pass(1_900)
  clock.hear(dateOf(NOON + 1_000))
  expect(clock.now()).toBe(NOON + 2_200)
  clock.hear(dateOf(NOON + DAY_MS))
  expect(clock.now()).toBe(NOON + DAY_MS)
})

test('UI-36 a moment has whole milliseconds, though a stopwatch tells parts of them', () => {
  const { clock, pass } = browser(0)
  clock.hear(dateOf(NOON))
  pass(1.4)
  expect(clock.now()).toBe(NOON + 1)
})
