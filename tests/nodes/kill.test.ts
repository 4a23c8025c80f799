import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { judgeArrivals } from '@qunhub/testing/trials/judge-arrivals.ts'
import { isUnhurt, killFigures } from '@qunhub/testing/trials/kill-figures.ts'
import { type KillReport, tryKills } from '@qunhub/testing/trials/kill-trial.ts'
import { expect, inject, test } from 'vitest'

const CALLBACKS = Number(process.env.QUNHUB_CALLBACKS ?? 2000)
const KILLS = Number(process.env.QUNHUB_KILLS ?? 20)
/** For how long one of two nodes stands still meanwhile, again and again: longer than it takes until the other takes over. */
const FREEZES_S = (process.env.QUNHUB_FREEZES_S ?? '6,12').split(',').map(Number)
const SEED = Number(process.env.QUNHUB_SEED ?? Date.now() % 1_000_000)

test('CB-12 whoever judges the trials notices what is lost, invented, out of order, heard twice or renamed', () => {
  const committed = ['a', 'b', 'c'].map((mark, at) => ({ mark, room: 'R:1', n: at + 1 }))
  const heard = (mark: string, refused = false, webhookId = mark) => ({
    mark,
    room: 'R:1',
    refused,
    webhookId,
  })
  const judge = (...arrivals: ReturnType<typeof heard>[]) => judgeArrivals(committed, ['a', 'x'], arrivals)
  const [a, b, c] = [heard('a'), heard('b'), heard('c')]
  const fine = { lost: ['x'], invented: [], outOfOrder: [], duplicates: 0, renamed: [] }
  expect(judge(a, heard('b', true), b, c)).toEqual(fine)
  expect(judge(a, c)).toEqual({ ...fine, lost: ['b', 'x'] })
  expect(judge(a, b, c, heard('y'))).toEqual({ ...fine, invented: ['y'] })
  expect(judge(a, c, b)).toEqual({ ...fine, outOfOrder: ['R:1'] })
  expect(judge(a, b, a, c)).toEqual({ ...fine, duplicates: 1 })
  expect(judge(a, heard('b', true), heard('b', false, 'other'), c)).toEqual({ ...fine, renamed: ['b'] })
})

// Side by side: most of a life is waiting.
test.concurrent.each([
  { store: 'SQLite', nodes: 1 },
  { store: 'PostgreSQL', nodes: 1 },
  { store: 'PostgreSQL', nodes: 2 },
] as const)(
  `CB-12 ${CALLBACKS} callbacks and ${KILLS} times kill -9 on $store with $nodes node(s): none lost, invented or out of order, at most 2 % heard again`,
  {
    timeout: 300_000 + KILLS * 10_000,
  },
  async ({ store, nodes }) => {
    const freezesMs = nodes === 2 ? FREEZES_S.map(seconds => seconds * 1000) : []
    const trial = { callbacks: CALLBACKS, kills: KILLS, nodes, freezesMs, seed: SEED }
    const report = await (store === 'SQLite' ? tryKills(trial) : tryOnPostgres(trial))
    const figures = killFigures(report)
    console.log(`seed ${SEED}, ${store}, ${nodes} node(s): ${JSON.stringify(figures)}`)

    expect(report.verdict).toMatchObject({ lost: [], invented: [], outOfOrder: [], renamed: [] })
    expect(report.undelivered).toBe(0)
    expect(report.committed).toBeGreaterThanOrEqual(CALLBACKS)
    expect(figures.duplicatesPercent).toBeLessThanOrEqual(2)
    expect(isUnhurt(report)).toBe(true)
  },
)

async function tryOnPostgres(trial: Parameters<typeof tryKills>[0]): Promise<KillReport> {
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  try {
    return await tryKills({ ...trial, databaseUrl: database.url })
  } finally {
    await database.drop()
  }
}
