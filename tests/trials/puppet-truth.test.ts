import { runTruthTrial } from '@qunhub/testing/trials/truth-trial.ts'
import { expect, test } from 'vitest'

/** So many take a minute on each store; hundreds, from a seed of one's own (`QUNHUB_SEED`), are for a night. */
const COUNT = Number(process.env.QUNHUB_SEEDS ?? (process.env.QUNHUB_SEED ? 1 : 4))
/** Side by side: most of a trial is waiting for silence. */
const AT_ONCE = 8
const FIRST = Number(process.env.QUNHUB_SEED ?? 4270)
const SEEDS = Array.from({ length: COUNT }, (_, n) => FIRST + n)

test.each(['sqlite', 'postgres'] as const)(
  'CB-14 BOT-252 puppets that do not know yet, many seeds, on %s: nothing is told that is not so, and nothing is missing',
  { timeout: 3_600_000 },
  async store => {
    const failed: string[] = []
    const waiting = [...SEEDS]
    const goOn = async () => {
      for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
        const { plan, faults } = await runTruthTrial({ seed, store })
        console.log(`${store} seed ${seed}: ${plan}: ${faults.length === 0 ? 'true' : faults.join('; ')}`)
        if (faults.length > 0) failed.push(`seed ${seed}: ${faults.join('; ')}`)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, goOn))
    expect(failed).toEqual([])
  },
)
