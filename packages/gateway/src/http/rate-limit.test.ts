import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, test } from 'vitest'
import { HOUR_MS } from '../system/clock.ts'
import { createRateLimit, type RateLimit, REQUESTS_PER_WINDOW_MAX, WINDOW_MS } from './rate-limit.ts'

const exhaust = (limit: RateLimit) => {
  for (let n = 0; n < REQUESTS_PER_WINDOW_MAX; n++) expect(limit.take('token')).toEqual({ passed: true })
}

test('G-6 a clock that is set back by an hour makes nobody wait for longer than 30 s', () => {
  const clock = new ManualClock()
  const limit = createRateLimit(clock)
  exhaust(limit)
  clock.advance(10_000)
  clock.advance(-HOUR_MS)
  // What passed between the last reading and the step is not known, so the whole window is still ahead.
  expect(limit.take('token')).toEqual({ passed: false, retryAfterMs: WINDOW_MS })
  clock.advance(WINDOW_MS - 1)
  expect(limit.take('token')).toEqual({ passed: false, retryAfterMs: 1 })
  clock.advance(1)
  exhaust(limit)
  expect(limit.take('token')).toEqual({ passed: false, retryAfterMs: WINDOW_MS })
})
