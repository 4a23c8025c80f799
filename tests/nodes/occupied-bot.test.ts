import { eventually } from '@qunhub/testing/eventually.ts'
import { openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openSimulatorProcess } from '@qunhub/testing/processes/simulator-process.ts'
import { openRival } from '@qunhub/testing/rival-client.ts'
import { expect, test } from 'vitest'
import { openGateway } from '../../packages/gateway/src/gateway.ts'
import { HOUR_MS, SECOND_MS } from '../../packages/gateway/src/system/clock.ts'

const RETRY_MS = 30 * SECOND_MS
const LOOKS = 4

/** A bot in a room of a simulated WeCom in its own process, a rival for it, and a gateway on a moved clock that does not have it yet. */
async function openScene(onTestFinished: (close: () => Promise<void>) => void) {
  const simulator = await openSimulatorProcess(world => {
    const bot = world.addBot({ userId: 'xiaobei' })
    const members = [bot.wxid, world.addContact().wxid]
    world.addRoom({ topic: '大街小巷', ownerId: world.addCoworker().wxid, members, external: true })
    world.addContact({ name: '来客', friendOf: [bot.wxid] })
  })
  onTestFinished(() => simulator.close())
  const world = await simulator.change(() => {})
  const [bot] = [...world.bots.values()]
  const [room] = [...world.rooms.values()]
  const guest = [...world.contacts.values()].find(({ name }) => name === '来客')
  await simulator.start()
  // Behind the one of WeCom however far it is moved: since when a bot is in a room is told by that one (CB-14).
  const clock = new ManualClock(Date.now() - HOUR_MS)
  const house = await openHouse({ clock })
  onTestFinished(() => house.close())

  const control = async (method: string, path: string, body?: object) => {
    const headers = { 'content-type': 'application/json' }
    const sent = body && { body: JSON.stringify(body), headers }
    return (await fetch(simulator.controlUrl + path, { method, ...sent })).json()
  }
  return {
    simulator,
    house,
    clock,
    rival: () => openRival(simulator.endpoint, bot!.token),
    asked: async () => (await control('GET', `/bots/${bot!.wxid}/asked`)) as Record<string, number>,
    standing: async () =>
      ((await control('GET', '/world')) as { bots: { state: string }[] }).bots.map(({ state }) => state),
    restartServer: () => control('POST', '/server/restart', { downMs: 0 }),
    newRoom: () => control('POST', '/rooms', { ownerId: room!.ownerId, members: [bot!.wxid] }),
    host: () =>
      house.operate('add-bot', {
        workspace: house.workspaceId,
        endpoint: simulator.endpoint,
        token: bot!.token,
      }),
    add: () =>
      house.post('/room/addMember', {
        botUserId: 'xiaobei',
        roomWxid: room!.wxid,
        contactWxid: guest!.wxid,
      }),
    /** Moves on, a second at a time, until it is so. */
    passUntil: (what: string, isSo: () => boolean | Promise<boolean>) =>
      eventually(
        what,
        async () => {
          if (await isSo()) return true
          clock.advance(SECOND_MS)
          return false
        },
        20_000,
      ),
  }
}

test('BOT-164 BOT-165 whoever else takes the account makes the bot occupied: it looks every 30 s and no oftener, comes back when the other has left, and whatever happens to it the account is never stopped or logged out', async ({
  onTestFinished,
}) => {
  const scene = await openScene(onTestFinished)
  const { simulator, house, clock, rival, asked, passUntil } = scene
  const roster = house.gateway.operator.live!.roster
  const session = () => roster.all()[0]?.session ?? { state: 'new' as const }
  const becomes = (state: string) => passUntil(`the bot to be ${state}`, () => session().state === state)
  const nextTryAt = () => {
    const now = session()
    return now.state === 'occupied' ? now.nextTryAt : undefined
  }
  const told = () => house.customer.heard.map(({ path }) => path)
  /** Since the simulator's process began: how often it was asked to end what only a phone begins again. */
  const endings = async () => {
    const { stop, logout } = await asked()
    return { stop, logout }
  }

  const first = rival()
  expect(await first.holds).toBe(true)
  const { id } = await scene.host()
  await becomes('occupied')
  expect((await asked()).event).toBe(2)
  for (let look = 1; look <= LOOKS; look += 1) {
    expect(nextTryAt()).toBe(clock.now() + RETRY_MS)
    clock.advance(RETRY_MS - 1)
    expect((await asked()).event).toBe(1 + look)
    clock.advance(1)
    await eventually('the answer', () => nextTryAt() === clock.now() + RETRY_MS)
  }
  expect((await asked()).event).toBe(2 + LOOKS)
  const { moves } = await house.operate('show-bot', { workspace: house.workspaceId, bot: id })
  expect(moves.map(({ to }) => to)).toEqual(['occupied', 'connecting'])
  first.leave()
  await becomes('online')
  await passUntil('the first sync to be told', () => told().length === 1)

  // The stream is lost, and the other one is back sooner.
  await scene.restartServer()
  await eventually('the loss', () => session().state === 'reconnecting')
  const second = rival()
  expect(await second.holds).toBe(true)
  await becomes('occupied')
  expect((await scene.add()).body).toMatchObject({ code: -5 })
  await scene.newRoom()
  second.leave()
  await becomes('online')
  await passUntil('what happened meanwhile to be told', () => told().length === 2)
  expect(told()).toEqual(['/chatroom/loaded', '/chatroom/joined'])
  expect((await scene.add()).body).toMatchObject({ code: 0 })
  expect(await endings()).toEqual({ stop: undefined, logout: undefined })

  await simulator.kill9()
  await eventually('the loss', () => session().state !== 'online')
  await simulator.start()
  await becomes('online')
  await house.gateway.stop()
  const third = rival()
  expect(await third.holds).toBe(true)
  third.leave()
  const next = await openGateway(house.config, { clock })
  onTestFinished(() => next.stop())
  await passUntil('the next gateway', () => next.operator.live!.roster.all()[0]?.session.state === 'online')
  await next.stop()
  const fourth = rival()
  expect(await fourth.holds).toBe(true)
  fourth.leave()
  expect(await endings()).toEqual({ stop: undefined, logout: undefined })
  expect(await scene.standing()).toEqual(['online'])
})
