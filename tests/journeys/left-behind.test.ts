import { eventually } from '@qunhub/testing/eventually.ts'
import { openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openRival } from '@qunhub/testing/rival-client.ts'
import { expect, onTestFinished, test } from 'vitest'
import { type Gateway, openGateway } from '../../packages/gateway/src/gateway.ts'
import { SECOND_MS } from '../../packages/gateway/src/system/clock.ts'

/** A gateway on a moved clock whose bot is online, and what a second one on its store finds. */
async function openScene() {
  const clock = new ManualClock(Date.now())
  const house = await openHouse({ clock })
  onTestFinished(() => house.close())
  const bot = house.world.addBot({ userId: 'xiaobei' })
  const botId = await house.host(bot)
  const left = () =>
    house.gateway.operator.db.first<{ answers_dings: number; deaf_since: number | null; state: string }>({
      sql: 'select answers_dings, deaf_since, state from bot',
      parameters: [],
    })
  const passUntil = (what: string, isSo: () => boolean | Promise<boolean>) =>
    eventually(
      what,
      async () => {
        if (await isSo()) return true
        clock.advance(SECOND_MS)
        return false
      },
      20_000,
    )
  return {
    ...{ clock, house, bot, left, passUntil },
    sessionIn: (gateway: Gateway) => gateway.operator.live!.roster.byId(house.workspaceId, botId)!.session,
    async next() {
      const gateway = await openGateway(house.config, { clock })
      onTestFinished(() => gateway.stop())
      return gateway
    },
  }
}

test('BOT-260 the next gateway on the store takes a slot that is still taken for the one that the last one left', async () => {
  const { house, bot, next, sessionIn, passUntil, left } = await openScene()
  await passUntil('the state to be kept', async () => (await left())?.state === 'online')
  await house.gateway.stop()
  const held = openRival(house.simulator.endpoint, bot.token)
  expect(await held.holds).toBe(true)
  const gateway = await next()
  const session = () => sessionIn(gateway)
  await passUntil('code 6', () => session().state === 'reconnecting')
  expect(session()).toMatchObject({ reason: 'the puppet still holds the last stream' })
  held.leave()
  await passUntil('the bot to be back', () => session().state === 'online')
  const metrics = await (await fetch(`${gateway.baseUrl}/metrics`)).text()
  expect(metrics).not.toMatch(/alerts_total\{cause="occupied"\} [1-9]/)
})

test('BOT-263 the next gateway on the store knows that the puppet answers dings, and that its bot is deaf', async () => {
  const { house, next, sessionIn, passUntil, left } = await openScene()
  await passUntil('the first dong to be kept', async () => (await left())?.answers_dings === 1)
  house.simulator.faults.add({ on: 'stream', mode: 'greeting-only' })
  await passUntil('the deafness to be kept', async () => ((await left())?.deaf_since ?? null) !== null)
  const { deaf_since: since } = (await left())!
  await house.gateway.stop()

  const gateway = await next()
  const states = new Set<string>()
  const deafness = () => {
    const session = sessionIn(gateway)
    states.add(session.state)
    return 'deaf' in session ? session.deaf : undefined
  }
  await passUntil('the bot to be deaf', () => deafness() !== undefined)
  expect(deafness()).toMatchObject({ since })
  expect([...states]).not.toContain('online')
  house.simulator.faults.clear()
  await passUntil('the bot to hear again', () => sessionIn(gateway).state === 'online')
})
