import { afterEach, expect, test, vi } from 'vitest'
import { instant } from './instant.ts'

afterEach(() => vi.unstubAllEnvs())

test.each(['', 'today', '24.11.2026', '2026', '2026-13-01', '2026-11-24T25:00', '-1'])(
  'CLI-60 what is no moment is refused: %j',
  given => {
    expect(() => instant(given)).toThrow('2026-11-24')
  },
)

test.each(['2026-02-30', '2026-02-29', '2026-04-31T08:00', '2026-11-31T08:00+08:00', '2026-11-00'])(
  'CLI-60 a day that no calendar has is refused, not taken for another: %s',
  given => {
    expect(() => instant(given)).toThrow('2026-11-24')
  },
)

test('CLI-60 the 29th of February is a day where the year has one', () => {
  expect(instant('2028-02-29T00:00Z')).toBe(Date.UTC(2028, 1, 29))
})

test('CLI-60 a day begins at midnight where the operator is', () => {
  vi.stubEnv('TZ', 'Asia/Shanghai')
  expect(instant('2026-11-24')).toBe(Date.UTC(2026, 10, 23, 16))
  expect(instant('2026-11-24T08:00')).toBe(Date.UTC(2026, 10, 24))
})

test('CLI-60 a time zone and milliseconds are taken as they are', () => {
  expect(instant('2026-11-24T08:00+08:00')).toBe(Date.UTC(2026, 10, 24))
  expect(instant('1795000000000')).toBe(1795000000000)
})
