import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { openFaultTrial } from '@qunhub/testing/trials/fault-trial.ts'
import { FAULTS } from '@qunhub/testing/trials/faulty-database.ts'
import { expect, inject, test } from 'vitest'

/** Owing five callbacks alone takes more. */
const STATEMENTS_MIN = 20

const all = (['sqlite', 'postgres'] as const).flatMap(dialect =>
  FAULTS.map(fault => [dialect, fault] as const),
)
/** `npm run trials` tries them all; `npm test`, which is for every change, the plainest and the one that nobody sees. */
const cases = process.env.QUNHUB_THOROUGH
  ? all
  : all.filter(
      ([dialect, fault]) =>
        (dialect === 'sqlite' && fault === 'fails') || (dialect === 'postgres' && fault === 'done-but-fails'),
    )

// Side by side, each on a store of its own: most of it is waiting.
test.concurrent.each(cases)(
  'CB-12 on %s, whichever statement "%s": all that is committed arrives, in order and once, and nothing sticks',
  { timeout: 300_000 },
  async (dialect, fault) => {
    const database = dialect === 'postgres' ? await freshDatabase() : null
    const trial = await openFaultTrial(database?.url)
    try {
      const { asked, problems } = await trial.run(null)
      expect(problems).toEqual([])
      expect(asked).toBeGreaterThan(STATEMENTS_MIN)
      for (let at = 1; at <= asked; at++) problems.push(...(await trial.run({ fault, at })).problems)
      console.log(`${dialect}: each of ${asked} statements ${fault}, ${problems.length} problems`)
      expect(problems).toEqual([])
    } finally {
      await trial.close()
      await database?.drop()
    }
  },
)

const freshDatabase = () => openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
