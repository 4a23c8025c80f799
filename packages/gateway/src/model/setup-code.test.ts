import { expect, test } from 'vitest'
import { systemRandom } from '../system/random.ts'
import { newSetupCode, plainSetupCode } from './setup-code.ts'

test('CON-4 a setup code has 80 bits, in letters that nobody confuses, and may be typed in any way', () => {
  const codes = Array.from({ length: 200 }, () => newSetupCode(systemRandom))
  expect(new Set(codes).size).toBe(200)
  for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)
  expect(plainSetupCode('7q4m x1zd 90ka jt6w')).toBe('7Q4MX1ZD90KAJT6W')
  expect(plainSetupCode(' 7Q4M—XlZD—9OKA—JT6W\n')).toBe('7Q4MX1ZD90KAJT6W')
})
