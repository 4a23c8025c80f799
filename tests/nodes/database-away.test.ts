import { openProvingGround } from '@qunhub/testing/grounds/open-proving-ground.ts'
import { openPostgresServer } from '@qunhub/testing/postgres/server.ts'
import type { Asked } from '@qunhub/testing/trials/ask-while-away.ts'
import { tryOutages } from '@qunhub/testing/trials/outage-trial.ts'
import { spread, tally } from '@qunhub/testing/trials/spread.ts'
import { expect, test } from 'vitest'
import { seededRandom } from '../../packages/gateway/src/store/contract/scene.contract.ts'

const OUTAGES = Number(process.env.QUNHUB_OUTAGES ?? 10)
const SEED = Number(process.env.QUNHUB_SEED ?? Date.now() % 1_000_000)
/** Enough for the pace of the load: each is good for 500 requests a minute (G-6). */
const TOKENS = 6
const ANSWER_MAX_MS = 5000
/** So long it is tried to write down what WeCom has done already (ST-140). */
const KEEP_TRYING_MS = 8000
const RECOVERY_MAX_MS = 5000

test(`NODE-15 ${OUTAGES} times the database goes and comes back: no crash, answers within 5 s, nothing lost or invented`, {
  timeout: 120_000 + OUTAGES * 30_000,
}, async () => {
  const { asked, recoveryMs, awayMs, verdict, rooms, problems } = await runTrial()
  const failures = asked.filter(({ answer }) => answer.startsWith('500'))
  console.log(
    [
      `seed ${SEED}: ${OUTAGES} stops, the database away for ${spread(awayMs)}`,
      `${asked.length} requests, ${failures.length} answered 500, ${tally(asked.map(({ what, answer }) => `${what} ${answer}`))}`,
      `answered ${spread(asked.map(({ ms }) => ms))}; those with 500 ${spread(failures.map(({ ms }) => ms))}`,
      `rooms ${rooms}, lost ${verdict.lost.length}, invented ${verdict.invented.length}, heard again ${verdict.heardAgain}, owed twice ${verdict.owedTwice.length}, out of order ${verdict.outOfOrder.length}`,
      `recovered ${spread(recoveryMs)} after the database`,
      ...new Set(problems),
    ].join('\n  '),
  )

  expect(problems).toEqual([])
  expect(verdict).toMatchObject({ lost: [], invented: [], owedTwice: [], outOfOrder: [] })
  expect(recoveryMs.length).toBe(OUTAGES)
  expect(failures.length).toBeGreaterThan(0)
  const longest = (some: readonly Asked[]) => Math.max(...some.map(({ ms }) => ms))
  expect(longest(asked.filter(({ isDone }) => !isDone))).toBeLessThan(ANSWER_MAX_MS)
  expect(longest(asked.filter(({ isDone }) => isDone))).toBeLessThan(ANSWER_MAX_MS + KEEP_TRYING_MS)
  expect(Math.max(...recoveryMs)).toBeLessThan(RECOVERY_MAX_MS)
})

async function runTrial() {
  const server = await openPostgresServer({ fsync: true })
  try {
    const ground = await openProvingGround(server.url, TOKENS)
    try {
      return await tryOutages({ ground, server, random: seededRandom(SEED) }, OUTAGES)
    } finally {
      await ground.close()
    }
  } finally {
    await server.remove()
  }
}
