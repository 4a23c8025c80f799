import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isConsoleStale } from './build-console.ts'

test('RUN-24 the console is built where it was not, and again when a source is younger than what was built', () => {
  const packages = mkdtempSync(join(tmpdir(), 'qunhub-console-'))
  onTestFinished(() => rmSync(packages, { recursive: true }))
  const home = join(packages, 'console')
  mkdirSync(home)
  expect(isConsoleStale(home)).toBe(false)

  for (const folder of ['src/frame', 'dist']) mkdirSync(join(home, folder), { recursive: true })
  for (const file of ['build.mjs', 'src/frame/frame.tsx']) writeFileSync(join(home, file), '')
  expect(isConsoleStale(home)).toBe(true)

  const built = join(home, 'dist/built-from.txt')
  writeFileSync(built, '')
  utimesSync(built, 2_000_000_000, 2_000_000_000)
  expect(isConsoleStale(home)).toBe(false)
  utimesSync(join(home, 'src/frame/frame.tsx'), 2_000_000_001, 2_000_000_001)
  expect(isConsoleStale(home)).toBe(true)

  utimesSync(built, 2_000_000_002, 2_000_000_002)
  const declared = join(packages, 'wire/src/words.ts')
  mkdirSync(join(packages, 'wire/src'), { recursive: true })
  writeFileSync(declared, '')
  utimesSync(declared, 2_000_000_003, 2_000_000_003)
  expect(isConsoleStale(home)).toBe(true)
})
