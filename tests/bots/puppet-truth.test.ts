import { expect, test } from 'vitest'
import { OCCASIONS, runTruthTrial } from '../../packages/gateway/testing/truth-trial.ts'

/** A few seeds; many more are in `tests/trials`. A seed that fails is run alone by `QUNHUB_SEED=<seed>`. */
const SEEDS = process.env.QUNHUB_SEED ? [Number(process.env.QUNHUB_SEED)] : [1, 2]

for (const occasion of OCCASIONS)
  test.each(SEEDS)(
    `CB-14 BOT-252 a puppet that does not know yet, ${occasion}, seed %i: nothing is told that is not so, and nothing is missing`,
    async seed => {
      const { plan, faults } = await runTruthTrial({ seed, occasion })
      expect(faults, `seed ${seed}: ${plan}`).toEqual([])
    },
  )
