import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const main = resolve(import.meta.dirname, '../bench/main.ts')

// Whether it is fast is no business of a test; that it still runs is.
test('BE-1 each benchmark runs, in tiny, and prints its ratios', () => {
  const printed = execFileSync(process.execPath, [main, '--tiny'], { encoding: 'utf8', timeout: 60_000 })
  expect(JSON.parse(printed)).toMatchObject({
    name: 'list',
    size: 'tiny',
    ratioByCpu: expect.any(Number),
    ratioByThroughput: expect.any(Number),
  })
}, 60_000)
