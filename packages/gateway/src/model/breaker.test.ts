import { describe, expect, test } from 'vitest'
import { MINUTE_MS } from '../system/clock.ts'
import {
  type Breaker,
  type BreakerEvent,
  CLOSED,
  changeOf,
  EXHAUSTIONS_MAX,
  EXHAUSTIONS_WINDOW_MS,
  inFlightMaxOf,
  moveBreaker,
  OPEN_MS,
  RAMP_STEP_DELIVERED,
} from './breaker.ts'

const NOON = Date.UTC(2026, 10, 23, 12)
const CONCURRENCY = 4
const HALF_OPEN: Breaker = { state: 'half-open' }

const move = (breaker: Breaker, event: BreakerEvent, at = NOON, concurrency = CONCURRENCY): Breaker =>
  moveBreaker(breaker, event, at, concurrency)
/** As many different callbacks, at these moments, have used up their retries. */
const exhaust = (times: readonly number[], from: Breaker = CLOSED): Breaker =>
  times.reduce((breaker, at, n) => move(breaker, { what: 'exhausted', callbackId: n }, at), from)
const repeated = (count: number, at = NOON): number[] => Array.from({ length: count }, () => at)
const OPEN = exhaust(repeated(EXHAUSTIONS_MAX))

describe('the breaker’s rule', () => {
  test('CB-7 nine exhaustions leave it closed, the tenth opens it for 30 minutes', () => {
    expect(exhaust(repeated(EXHAUSTIONS_MAX - 1)).state).toBe('closed')
    expect(OPEN).toEqual({ state: 'open', until: NOON + OPEN_MS })
  })

  test.each([
    [179_900, 'open'],
    [EXHAUSTIONS_WINDOW_MS, 'open'],
    [180_100, 'closed'],
  ] as const)('CB-7 ten within %i ms: it is %s', (ms, state) => {
    const times = [NOON, ...repeated(EXHAUSTIONS_MAX - 2, NOON + 1000), NOON + ms]
    expect(exhaust(times).state).toBe(state)
  })

  test('CB-7 the same callback is counted once, however often its end is told', () => {
    let breaker = CLOSED
    for (let n = 0; n < 2 * EXHAUSTIONS_MAX; n++)
      breaker = move(breaker, { what: 'exhausted', callbackId: 7 })
    expect(breaker.state).toBe('closed')
  })

  test('CB-7 those noted before a clock was set back by an hour do not count; set back by seconds they do', () => {
    const nine = exhaust(repeated(EXHAUSTIONS_MAX - 1))
    const tenth = { what: 'exhausted', callbackId: 99 } as const
    expect(move(nine, tenth, NOON - 60 * MINUTE_MS).state).toBe('closed')
    expect(move(nine, tenth, NOON - 50_000).state).toBe('open')
  })

  test('CB-7 while it is open nothing may be in flight, whatever is told of what still was', () => {
    expect(inFlightMaxOf(OPEN, CONCURRENCY)).toBe(0)
    for (const event of [
      { what: 'exhausted', callbackId: 1 },
      { what: 'delivered' },
      { what: 'probed', delivered: true },
    ] as const)
      expect(move(OPEN, event)).toBe(OPEN)
    expect(move(OPEN, { what: 'looked-at' }, NOON + OPEN_MS - 1)).toBe(OPEN)
  })

  test('CB-7 after 30 minutes one may be in flight: what becomes of it closes the breaker, or opens it again', () => {
    const later = NOON + OPEN_MS
    expect(move(OPEN, { what: 'looked-at' }, later)).toEqual(HALF_OPEN)
    expect(inFlightMaxOf(HALF_OPEN, CONCURRENCY)).toBe(1)
    const again = move(HALF_OPEN, { what: 'probed', delivered: false }, later)
    expect(again).toEqual({ state: 'open', until: later + OPEN_MS })
    expect(changeOf(HALF_OPEN, again)).toBe('opened')
    const closed = move(HALF_OPEN, { what: 'probed', delivered: true }, later)
    expect(closed).toMatchObject({ state: 'closed', exhaustions: [] })
    expect(changeOf(HALF_OPEN, closed)).toBe('closed')
  })

  test('CB-7 it recovers with 1, 2, then all in flight', () => {
    let breaker = move(HALF_OPEN, { what: 'probed', delivered: true })
    const seen: number[] = []
    for (let n = 0; n <= 2 * RAMP_STEP_DELIVERED; n++) {
      seen.push(inFlightMaxOf(breaker, CONCURRENCY))
      breaker = move(breaker, { what: 'delivered' })
    }
    expect(seen).toEqual([...repeated(RAMP_STEP_DELIVERED, 1), ...repeated(RAMP_STEP_DELIVERED, 2), 4])
  })

  test('CB-7 a clock that was set back shuts nobody out for longer than 30 minutes', () => {
    const shut: Breaker = { state: 'open', until: NOON + 600 * MINUTE_MS }
    const moved = move(shut, { what: 'looked-at' })
    expect(moved).toEqual({ state: 'open', until: NOON + OPEN_MS })
    expect(changeOf(shut, moved)).toBeNull()
    expect(move(moved, { what: 'looked-at' }, NOON + OPEN_MS)).toEqual(HALF_OPEN)
  })

  test('CB-7 an operator may resume it; a closed one has nothing to resume', () => {
    expect(move(CLOSED, { what: 'resumed' })).toBe(CLOSED)
    for (const breaker of [OPEN, HALF_OPEN])
      expect(move(breaker, { what: 'resumed' })).toMatchObject({ state: 'closed', ramp: { inFlightMax: 1 } })
  })

  test('CB-10 an address with one slot has nothing to recover step by step', () => {
    expect(move(HALF_OPEN, { what: 'probed', delivered: true }, NOON, 1)).toEqual(CLOSED)
  })
})
