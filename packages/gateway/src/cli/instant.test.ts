import { afterEach, expect, test, vi } from 'vitest'
import { instant } from './instant.ts'

afterEach(() => vi.unstubAllEnvs())

test.each(['', 'today', '24.11.2026', '2026', '2026-13-01', '2026-11-24T25:00', '-1'])(
  'CLI-60 what is no moment is refused: %j',
  given => {
    expect(() => instant(given)).toThrow('2026-11-24')
  },
)

test('CLI-60 a day begins at midnight where the operator is', () => {
  vi.stubEnv('TZ', 'Asia/Shanghai')
  expect(instant('2026-11-24')).toBe(Date.UTC(2026, 10, 23, 16))
  expect(instant('2026-11-24T08:00')).toBe(Date.UTC(2026, 10, 24))
})

test('CLI-60 a time zone and milliseconds are taken as they are', () => {
  expect(instant('2026-11-24T08:00+08:00')).toBe(Date.UTC(2026, 10, 24))
  expect(instant('1795000000000')).toBe(1795000000000)
})
