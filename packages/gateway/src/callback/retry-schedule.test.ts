import { describe, expect, test } from 'vitest'
import type { Random } from '../system/random.ts'
import type { ErrorClass, Outcome } from './outcome.ts'
import { decide, RETRY_WAITS_MS, readRetryAfter } from './retry-schedule.ts'

const NOW = Date.UTC(2026, 10, 23, 8)
const chance = (fraction: number): Random => ({ bytes: Buffer.alloc, fraction: () => fraction })
const steady = chance(0.5)
const answered = (status: number, retryAfterMs?: number): Outcome => ({
  kind: 'answered',
  status,
  snippet: '',
  ms: 3,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
})
const failed = (errorClass: ErrorClass): Outcome => ({ kind: 'failed', errorClass, ms: 3 })
const waitAfter = (outcome: Outcome, attempt: number, random = steady): number | string => {
  const decision = decide(outcome, attempt, random, NOW)
  return decision.settle === 'retry' ? decision.at - NOW : decision.settle
}

describe('what follows from an attempt', () => {
  test.each([404, 405, 410, 413, 501])('CB-6 %i is final at once', status => {
    expect(decide(answered(status), 1, steady, NOW)).toEqual({ settle: 'parked', reason: 'refused' })
  })

  test('CB-6 404 is retried for a kind that the base has accepted, and then it counts', () => {
    expect(decide(answered(404), 1, steady, NOW, 'this-kind')).toMatchObject({ settle: 'retry' })
    expect(decide(answered(404), 6, steady, NOW, 'this-kind')).toEqual({
      settle: 'parked',
      reason: 'exhausted',
    })
  })

  test('CB-6 404 is retried by a base that has accepted nothing yet, and never counts', () => {
    expect(decide(answered(404), 1, steady, NOW, 'nothing')).toMatchObject({ settle: 'retry' })
    expect(decide(answered(404), 6, steady, NOW, 'nothing')).toEqual({ settle: 'parked', reason: 'refused' })
    expect(decide(answered(503), 6, steady, NOW, 'nothing')).toEqual({
      settle: 'parked',
      reason: 'exhausted',
    })
  })

  test('CB-6 an address refused by policy is final at once', () => {
    expect(decide(failed('address-refused'), 1, steady, NOW)).toEqual({ settle: 'parked', reason: 'refused' })
  })

  test.each([301, 302, 304, 307, 308, 400, 401, 403, 408, 409, 418, 422, 425, 429, 500, 502, 503, 504, 599])(
    'CB-6 %i is retried',
    status => {
      expect(waitAfter(answered(status), 1)).toBe(1000)
    },
  )

  test.each<ErrorClass>(['timeout', 'dns', 'connect', 'tls', 'reset', 'bad-response'])(
    'CB-6 %s is retried',
    errorClass => {
      expect(waitAfter(failed(errorClass), 1)).toBe(1000)
    },
  )

  test.each([200, 201, 202, 204, 206, 299])('CB-5 %i is success', status => {
    expect(decide(answered(status), 1, steady, NOW)).toEqual({ settle: 'delivered' })
    expect(decide(answered(status), 6, steady, NOW)).toEqual({ settle: 'delivered' })
  })

  test('CB-6 five retries after 1, 2, 4, 8 and 16 seconds, then the callback is parked', () => {
    const waits = [1, 2, 3, 4, 5, 6].map(attempt => waitAfter(answered(500), attempt))
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 'parked'])
    expect(decide(answered(500), 6, steady, NOW)).toEqual({ settle: 'parked', reason: 'exhausted' })
  })

  test('CB-6 each wait is spread by a fifth to both sides', () => {
    RETRY_WAITS_MS.forEach((wait, before) => {
      expect(waitAfter(answered(500), before + 1, chance(0))).toBe(wait * 0.8)
      expect(waitAfter(answered(500), before + 1, chance(0.999_999))).toBeCloseTo(wait * 1.2, -1)
    })
  })

  test('CB-6 Retry-After is honoured up to twice the wait, and never shortens it', () => {
    expect(waitAfter(answered(503, 1500), 1)).toBe(1500)
    expect(waitAfter(answered(503, 60_000), 1)).toBe(2000)
    expect(waitAfter(answered(429, 3_600_000), 5)).toBe(32_000)
    expect(waitAfter(answered(429, 1000), 3)).toBe(4000)
  })
})

describe('Retry-After', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['0', undefined],
    ['7', 7000],
    [' 7 ', 7000],
    ['Mon, 23 Nov 2026 08:00:09 GMT', 9000],
    ['Mon, 23 Nov 2026 07:59:59 GMT', undefined],
  ])('CB-6 %j asks for %j milliseconds', (header, ms) => {
    expect(readRetryAfter(header, NOW)).toBe(ms)
  })
})
