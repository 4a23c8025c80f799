import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'

test('TM-1 whoever waits for a moment that has passed is called at once, and nothing is written about it', async () => {
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  try {
    await new Promise<void>(resolve => systemClock.after(-1, resolve))
    // Node tells of a warning in a tick of its own.
    await new Promise(resolve => setImmediate(resolve))
    expect(warnings).toEqual([])
  } finally {
    process.off('warning', note)
  }
})
