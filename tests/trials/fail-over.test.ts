import { describeWith } from '@qunhub/testing/debian/describe-with.ts'
import { openPatroni } from '@qunhub/testing/debian/open-patroni.ts'
import { type FailOver, tryFailOvers } from '@qunhub/testing/trials/fail-over-trial.ts'
import { spread, tally } from '@qunhub/testing/trials/spread.ts'
import { expect, test } from 'vitest'
import { seededRandom } from '../../packages/gateway/src/store/contract/scene.contract.ts'

/** By hand 20 of each. */
const SWITCH_OVERS = Number(process.env.QUNHUB_SWITCH_OVERS ?? 1)
const KILLS = Number(process.env.QUNHUB_PRIMARY_KILLS ?? 2)
const SEED = Number(process.env.QUNHUB_SEED ?? Date.now() % 1_000_000)

const packages = { patroni: 'patroni', 'etcd-server': 'etcd', haproxy: 'haproxy', 'postgresql-15': 'initdb' }
describeWith(packages, 'a PostgreSQL that fails over', () => {
  test(`NODE-25 ${SWITCH_OVERS} switch-overs and ${KILLS} kills of the primary under load: nothing acknowledged is lost, nothing invented, and no bot has two owners`, {
    timeout: 400_000 + (SWITCH_OVERS + KILLS) * 120_000,
  }, async () => {
    const patroni = await openPatroni()
    try {
      const counts = { switchOvers: SWITCH_OVERS, kills: KILLS }
      const report = await tryFailOvers(patroni, counts, seededRandom(SEED))
      const { recoveries, asked, tags, fences, rooms, verdict, problems } = report
      const of = (how: FailOver) => recoveries.filter(one => one.how === how).map(({ ms }) => ms)
      const sorted = recoveries.map(({ ms }) => ms).toSorted((a, b) => a - b)
      console.log(
        [
          `seed ${SEED}: ${recoveries.length} fail-overs, the primary moved ${recoveries.filter(({ moved }) => moved).length} times, bots claimed ${fences} times`,
          `back after p95 ${Math.round(sorted[Math.ceil(sorted.length * 0.95) - 1]!)} ms; switch-overs ${spread(of('switch-over'))}; kills ${spread(of('kill'))}; kills with Patroni ${spread(of('kill with Patroni'))}`,
          `${asked.length} requests: ${tally(asked.map(({ what, answer }) => `${what} ${answer}`))}; answered ${spread(asked.map(({ ms }) => ms))}`,
          `tags acknowledged ${tags.acknowledged}, refused ${tags.refused}, lost ${tags.lost.length}`,
          `rooms ${rooms}, lost ${verdict.lost.length}, invented ${verdict.invented.length}, heard again ${verdict.heardAgain}, owed twice ${verdict.owedTwice.length}, out of order ${verdict.outOfOrder.length}`,
          ...new Set(problems),
        ].join('\n  '),
      )
      expect(tags.lost).toEqual([])
      expect(verdict).toMatchObject({ lost: [], invented: [], owedTwice: [], outOfOrder: [] })
      expect(problems).toEqual([])
      expect(recoveries).toHaveLength(SWITCH_OVERS + KILLS)
    } finally {
      await patroni.close()
    }
  })
})
