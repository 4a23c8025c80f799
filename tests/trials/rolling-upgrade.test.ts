import { describeWith } from '@qunhub/testing/debian/describe-with.ts'
import type { ProxyKind } from '@qunhub/testing/debian/open-proxy.ts'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { openCommit } from '@qunhub/testing/trials/commit-before.ts'
import { tryUpgrade } from '@qunhub/testing/trials/upgrade-trial.ts'
import { expect, inject, onTestFinished, test } from 'vitest'

/** Of each proxy; by hand ten. */
const UPGRADES = Number(process.env.QUNHUB_UPGRADES ?? 1)
const FROM = process.env.QUNHUB_UPGRADE_FROM ?? 'HEAD~1'

/** Of what went wrong, so much is shown. */
const SIGNS_MAX = 80
const SHOWN_MAX = 5

describeWith({ haproxy: 'haproxy' }, 'rolling upgrades behind HAProxy', () => upgrades('haproxy'))
describeWith({ nginx: 'nginx' }, 'rolling upgrades behind nginx', () => upgrades('nginx'))

function upgrades(kind: ProxyKind): void {
  test(`DEP-14 ${UPGRADES} times two nodes of the commit before become this one under load, one after the other: no request and no callback is lost`, {
    timeout: 120_000 + UPGRADES * 400_000,
  }, async () => {
    const older = await openCommit(FROM)
    if (!older) return console.info(`${FROM} is not in this copy of the repository: nothing to upgrade from`)
    onTestFinished(() => older.remove())
    for (let n = 1; n <= UPGRADES; n++) {
      const database = await openFreshDatabase(inject('postgresUrl'))
      try {
        const report = await tryUpgrade(database.url, kind, older.main)
        const { requests, codes, slowestMs, rooms, settledMs, verdict, lost, problems, signs } = report
        console.log(
          `${kind} ${n}, from ${older.name}: ${requests} requests, lost ${lost.length}, by code ${JSON.stringify(codes)}, the slowest ${Math.round(slowestMs)} ms; ${rooms} rooms, lost ${verdict.lost.length}, heard again ${verdict.heardAgain}, all of it ${Math.round(settledMs)} ms after the end`,
        )
        if (lost.length + verdict.lost.length > 0) console.log(signs.slice(0, SIGNS_MAX).join('\n'))
        expect(lost.slice(0, SHOWN_MAX)).toEqual([])
        expect(problems).toEqual([])
        expect(verdict).toMatchObject({ lost: [], invented: [], owedTwice: [], outOfOrder: [] })
        expect(requests).toBeGreaterThan(50)
      } finally {
        await database.drop()
      }
    }
  })
}
