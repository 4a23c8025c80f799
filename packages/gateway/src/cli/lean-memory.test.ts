import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const run = (file: string, ...how: string[]): string =>
  execFileSync(process.execPath, [join(import.meta.dirname, '../../../testing/src/memory', file), ...how], {
    encoding: 'utf8',
    timeout: 60_000,
  })

// A flag that this V8 does not read would be no error: only its effect shows that it counts.
test('CLI-36 a heap that is full of what was alive a moment ago grows far less than V8 lets it', () => {
  const given = Number(run('churn-heap.ts'))
  const lean = Number(run('churn-heap.ts', 'lean'))
  expect(lean).toBeLessThan(given * 0.75)
})

test('CLI-36 what lives long and is small holds a small slab', () => {
  // A little above 8 KiB, for the sake of alignment; Node 26 would take 64.
  expect(Number(run('slab-of-a-small-buffer.ts'))).toBeLessThan(9 * 1024)
})
