import { eventually } from '@qunhub/testing/eventually.ts'
import { openCluster } from '@qunhub/testing/grounds/open-cluster.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { expect, test } from 'vitest'
import { BEAT_MS } from '../../packages/gateway/src/node/peers.ts'
import { MINUTE_MS, SECOND_MS } from '../../packages/gateway/src/system/clock.ts'
import { silentLog } from '../../packages/gateway/src/system/log.ts'

const LOOKS_BEFORE_MORE = 4

/** Two nodes on a moved clock, a bot that one of them runs, and a robot that hears every alert. */
async function openAlertedCluster(onTestFinished: (close: () => Promise<void>) => void) {
  const robot = await openCustomer()
  onTestFinished(() => robot.close())
  const clock = new ManualClock(Date.now())
  const cluster = await openCluster(2, silentLog, {
    clock,
    env: { QUNHUB_ALERT_URL: robot.url, QUNHUB_ALERT_KIND: 'json' },
  })
  onTestFinished(() => cluster.close())
  const botId = await cluster.host(cluster.world.addBot({ userId: 'xiaobei' }))

  const beats = async () => {
    const rows = await cluster.store.db.all<{ id: string; beat: number }>({
      sql: 'select id, beat from node',
      parameters: [],
    })
    return new Map(rows.map(({ id, beat }) => [id, beat]))
  }
  /** Moves on by a second and waits until every node has beaten: one whose time ran ahead of its database would stand aside. */
  const pass = async () => {
    const before = await beats()
    let looks = 0
    clock.advance(SECOND_MS)
    await eventually('every beat', async () => {
      if ((await beats()).entries().every(([id, beat]) => beat !== before.get(id))) return true
      // Who had not yet said when it beats next, says so now.
      if (++looks % LOOKS_BEFORE_MORE === 0) clock.advance(BEAT_MS / 5)
      return false
    })
  }
  const passUntil = async (isSo: () => boolean | Promise<boolean>) => {
    const from = clock.now()
    while (!(await isSo())) {
      if (clock.now() - from > 5 * MINUTE_MS) throw new Error('it did not come about within five minutes')
      await pass()
    }
    return clock.now() - from
  }
  const shown = () =>
    Promise.all(cluster.nodes.map(async node => (await node.operate('list-bots', {})).bots[0]!.session))
  const told = () =>
    robot.heard.map(({ json }) => (json as { alerts: { kind: string; cause: string }[] }).alerts)
  return { robot, clock, cluster, botId, passUntil, shown, told }
}

test('NODE-18 BOT-181 a bot that goes deaf on one of two nodes is shown deaf by both within two minutes, and alerted once', async ({
  onTestFinished,
}) => {
  const { robot, clock, cluster, botId, passUntil, shown, told } = await openAlertedCluster(onTestFinished)
  const nodes = [cluster.nodeOf(botId), cluster.otherThan(botId)]
  expect((await shown()).map(({ state }) => state)).toEqual(['online', 'online'])

  cluster.simulator.faults.add({ on: 'stream', mode: 'greeting-only' })
  const took = await passUntil(async () => (await shown()).every(({ deaf }) => deaf !== null))
  expect(took).toBeLessThan(2 * MINUTE_MS)
  for (const node of nodes)
    expect((await node.operate('show-bot', { bot: botId })).bot.session).toMatchObject({
      state: 'reconnecting',
      deaf: { since: expect.any(Number) },
    })
  expect(nodes.map(node => node.bots().length)).toEqual([1, 0])

  await passUntil(() => robot.heard.length > 0)
  const alertedAt = clock.now()
  await passUntil(() => clock.now() >= alertedAt + MINUTE_MS / 2)
  cluster.simulator.faults.clear()
  await passUntil(async () => (await shown()).every(({ state, deaf }) => state === 'online' && deaf === null))
  await passUntil(() => robot.heard.length > 1)
  expect(told()).toMatchObject([
    [{ kind: 'raised', cause: 'deaf', botId }],
    [{ kind: 'recovered', cause: 'deaf', botId }],
  ])
})

test('NODE-18 BOT-198 a deaf bot whose node stops is alerted once more by the one that takes it over, and its end is told once', async ({
  onTestFinished,
}) => {
  const { robot, cluster, botId, passUntil, shown, told } = await openAlertedCluster(onTestFinished)
  cluster.simulator.faults.add({ on: 'stream', mode: 'greeting-only' })
  await passUntil(() => robot.heard.length === 1)

  const [giver, taker] = [cluster.nodeOf(botId), cluster.otherThan(botId)]
  await cluster.stop(giver)
  await passUntil(() => taker.bots().includes(botId))
  await passUntil(() => robot.heard.length === 2)
  cluster.simulator.faults.clear()
  await passUntil(async () => (await shown()).every(({ state }) => state === 'online'))
  await passUntil(() => robot.heard.length === 3)
  expect(told()).toMatchObject([
    [{ kind: 'raised', cause: 'deaf', botId }],
    [{ kind: 'raised', cause: 'deaf', botId }],
    [{ kind: 'recovered', cause: 'deaf', botId }],
  ])
})
