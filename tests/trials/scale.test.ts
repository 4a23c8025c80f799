import { openPostgresServer } from '@qunhub/testing/postgres/server.ts'
import { tryScale } from '@qunhub/testing/trials/scale-trial.ts'
import { spread, tally } from '@qunhub/testing/trials/spread.ts'
import { expect, onTestFinished, test } from 'vitest'
import { seededRandom } from '../../packages/gateway/src/store/contract/scene.contract.ts'

/** By hand `QUNHUB_SCALE_BOTS=1000 QUNHUB_SCALE_WORKSPACES=20 QUNHUB_SCALE_MINUTES=20`: 20,000 rooms. */
const BOTS = Number(process.env.QUNHUB_SCALE_BOTS ?? 12)
const WORKSPACES = Number(process.env.QUNHUB_SCALE_WORKSPACES ?? 3)
const MINUTES = Number(process.env.QUNHUB_SCALE_MINUTES ?? 0.2)
const SEED = Number(process.env.QUNHUB_SEED ?? Date.now() % 1_000_000)

const ROOMS_OF_EACH = 20
const MEMBERS = 10
const EVENTS_PER_SECOND = 20

test(`NODE-26 three nodes with ${BOTS} bots of ${WORKSPACES} workspaces, two of them killed under load: the third runs every bot, nothing is lost, and its lists are the world's`, {
  timeout: 400_000 + MINUTES * 60_000 + BOTS * 1500,
}, async () => {
  const server = await openPostgresServer({ fsync: true })
  onTestFinished(() => server.remove())
  const size = { bots: BOTS, workspaces: WORKSPACES, roomsOfEach: ROOMS_OF_EACH, members: MEMBERS }
  const load = { eventsPerSecond: EVENTS_PER_SECOND, loadMs: MINUTES * 60_000 }
  const report = await tryScale(server.url, { ...size, ...load }, seededRandom(SEED))
  const { startMs, takeOverMs, costs, connections, lists, toldAfterMs, verdict } = report
  const shares = costs.map(
    ({ cpuShare, rssMib }) => `${(cpuShare * 100).toFixed(1)} % of a core, ${Math.round(rssMib)} MiB`,
  )
  console.log(
    [
      `seed ${SEED}: ${BOTS} bots in ${BOTS * ROOMS_OF_EACH} rooms online after ${Math.round(startMs)} ms; taken over after ${takeOverMs.map(Math.round).join(' and ')} ms`,
      `nodes while all were up: ${shares.join('; ')}; ${connections} connections to PostgreSQL`,
      `${report.events} events; ${lists.length} lists: ${tally(lists.map(({ answer }) => answer))}; ${spread(lists.map(({ ms }) => ms))}`,
      `${report.heard} callbacks; a room told after ${spread(toldAfterMs)}; all settled ${Math.round(report.settledMs)} ms after the load`,
      `entrances told ${verdict.told}, lost ${verdict.lost.length}, invented ${verdict.invented.length}, heard again ${verdict.heardAgain}, owed twice ${verdict.owedTwice.length}, out of order ${verdict.outOfOrder.length}`,
      ...report.problems,
    ].join('\n  '),
  )
  expect(verdict).toMatchObject({ lost: [], invented: [], owedTwice: [], outOfOrder: [] })
  expect(report.problems).toEqual([])
  expect(toldAfterMs.length).toBeGreaterThan(0)
})
