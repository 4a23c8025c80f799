import { expect, test } from 'vitest'
import { runTruthTrial } from '../../packages/gateway/testing/truth-trial.ts'

const COUNT = Number(process.env.QUNHUB_SEEDS ?? 40)
const FIRST = Number(process.env.QUNHUB_SEED ?? Math.floor(Math.random() * 1_000_000))
const SEEDS = Array.from({ length: process.env.QUNHUB_SEED ? 1 : COUNT }, (_, n) => FIRST + n)

test.each(['sqlite', 'postgres'] as const)(
  'CB-14 BOT-252 puppets that do not know yet, many seeds, on %s: nothing is told that is not so, and nothing is missing',
  { timeout: 3_600_000 },
  async store => {
    const failed: string[] = []
    for (const seed of SEEDS) {
      const { plan, faults } = await runTruthTrial({ seed, store })
      console.log(`${store} seed ${seed}: ${plan}: ${faults.length === 0 ? 'true' : faults.join('; ')}`)
      if (faults.length > 0) failed.push(`seed ${seed}: ${faults.join('; ')}`)
    }
    expect(failed).toEqual([])
  },
)
