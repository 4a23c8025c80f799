import type { Timers } from '../src/index.ts'

interface Waiting {
  ms: number
  run: () => void
  repeats: boolean
}

/** Timers that go off when the test says so. */
export function handTimers(): Timers & { fire(ms: number): void } {
  const waiting = new Set<Waiting>()
  const add = (one: Waiting) => {
    waiting.add(one)
    return () => void waiting.delete(one)
  }
  return {
    after: (ms, run) => add({ ms, run, repeats: false }),
    every: (ms, run) => add({ ms, run, repeats: true }),
    /** Everything that waits for exactly this long happens now. */
    fire(ms) {
      for (const one of [...waiting]) {
        if (one.ms !== ms) continue
        if (!one.repeats) waiting.delete(one)
        one.run()
      }
    },
  }
}
