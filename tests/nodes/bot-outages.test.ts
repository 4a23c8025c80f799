import { readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { World } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { openSimulatorProcess } from '@qunhub/testing/processes/simulator-process.ts'
import { compareWithWorld } from '@qunhub/testing/trials/compare-with-world.ts'
import { expect, type TestContext, test } from 'vitest'

/** `QUNHUB_BOT_OUTAGES=long` takes the times that docs/reliability.md tells of; CI has no such patience. */
const IS_LONG = process.env.QUNHUB_BOT_OUTAGES === 'long'
const DOWN_S = IS_LONG ? [5, 120] : [2]
const FROZEN_S = IS_LONG ? [40, 150] : [2]
const RESTARTS = IS_LONG ? 100 : 15
/** What is promised is 3 s; a machine that runs other tests too gets as much again. */
const BACK_WITHIN_MS = 6000
const RECOVERY_MAX_MS = 60_000
const HEAP_GROWTH_BYTES_MAX = 12 * 1024 * 1024
/** Warm-up: what is loaded and cached only once is no leak. */
const RESTARTS_BEFORE_COUNTING = 5
/** By CB-2, CB-3 and NB-6 with every switch on. */
const TOLD_AFTER_A_LOSS = [
  '新名 chatroom/loaded',
  '新名 room/topic',
  '新群 chatroom/joined',
  '新群 room/joined',
  '留下 chatroom/loaded',
  '留下 room/joined',
  '离开 room/left',
]
/** A room that the puppet does not show any more is believed to be left after a minute (BOT-252). */
const LEFT_WITHIN_MS = 75_000
const TRIAL_MAX_MS = IS_LONG ? 400_000 : 150_000

/** A bot in three rooms of a simulated WeCom that lives in a process of its own, hosted and synced. */
async function hostABot(onTestFinished: TestContext['onTestFinished']) {
  let world!: World
  const build = (empty: World) => {
    const bot = empty.addBot({ userId: 'xiaobei', nickName: '小北' })
    const owner = empty.addCoworker({ name: '店长' }).wxid
    const guest = empty.addContact({ name: '客人' }).wxid
    for (const topic of ['留下', '离开', '改名'])
      empty.addRoom({ topic, ownerId: owner, members: [bot.wxid, guest], external: true })
    empty.addContact({ name: '来客', friendOf: [bot.wxid] })
  }
  const simulator = await openSimulatorProcess(build)
  onTestFinished(() => simulator.close())
  world = await simulator.change(() => {})
  await simulator.start()
  const house = await openHouse()
  onTestFinished(() => house.close())
  const [bot] = [...world.bots.values()]
  const { workspaceId: workspace } = house
  const switches = { roomJoined: true, roomLeft: true, roomTopic: true }
  await house.operate('set-workspace', { workspace, ...switches })
  const { id } = await house.operate('add-bot', {
    workspace,
    endpoint: simulator.endpoint,
    token: bot!.token,
  })
  await eventually('the start is told', () => house.customer.heard.length === 3, 15_000)
  const heardBefore = house.customer.heard.length
  return {
    simulator,
    house,
    world,
    bot: bot!,
    state: () => house.gateway.operator.live!.roster.byId(workspace, id)!.session.state,
    heard: () => house.customer.heard.slice(heardBefore),
    differences: (now: World) => compareWithWorld(house, now, bot!.wxid),
    async askToAdd() {
      const room = [...world.rooms.values()].find(({ topic }) => topic === '留下')!
      const contact = [...world.contacts.values()].find(({ name }) => name === '来客')!
      const askedAt = performance.now()
      const { body } = await house.post('/room/addMember', {
        botUserId: bot!.userId,
        roomWxid: room.wxid,
        contactWxid: contact.wxid,
      })
      return { code: (body as { code: number }).code, ms: performance.now() - askedAt }
    },
  }
}

const roomNamed = (world: World, name: string) =>
  [...world.rooms.values()].find(({ topic }) => topic === name)!

const topicOf = (json: unknown, world: World) => {
  const { wxid, imRoomId } = json as { wxid?: string; imRoomId?: string }
  return world.rooms.get((wxid ?? imRoomId)!)?.topic
}

test.concurrent.for(DOWN_S)(
  'BOT-160 killed and away for %i s: back at once, everything that happened meanwhile is found, and told as it should be',
  { timeout: TRIAL_MAX_MS },
  async (seconds, { onTestFinished }) => {
    const { simulator, bot, state, heard, differences } = await hostABot(onTestFinished)
    await simulator.kill9()
    const world = await simulator.change(now => {
      const stays = roomNamed(now, '留下')
      now.leave(roomNamed(now, '离开').wxid, bot.wxid)
      now.setTopic(roomNamed(now, '改名').wxid, '新名')
      now.join(stays.wxid, now.addContact({ name: '新人' }).wxid)
      now.addRoom({ topic: '新群', ownerId: stays.ownerId, members: [bot.wxid], external: true })
    })
    await eventually('the loss is seen', () => state() !== 'online')
    await pause(seconds * 1000)

    const listensAt = await simulator.start()
    await eventually('online again', () => state() === 'online', BACK_WITHIN_MS)
    const backMs = Date.now() - listensAt
    const doubted = `${roomNamed(world, '离开').wxid} is listed, and no bot is in it`
    const isFound = async () => (await differences(world)).every(difference => difference === doubted)
    await eventually('the whole difference', isFound, 15_000)
    const fullMs = Date.now() - listensAt
    console.log(
      `away ${seconds} s: online ${backMs} ms after the server, everything that is shown found ${fullMs} ms after it`,
    )
    await eventually('all callbacks', () => heard().length >= TOLD_AFTER_A_LOSS.length, LEFT_WITHIN_MS)
    expect(await differences(world)).toEqual([])
    const told = heard().map(({ path, json }) => `${topicOf(json, world)} ${path.slice(1)}`)
    expect(told.toSorted()).toEqual(TOLD_AFTER_A_LOSS)
  },
)

test.concurrent.for(FROZEN_S)(
  'BOT-161 frozen for %i s: every request ends in time and says so, and the bot comes back by itself',
  { timeout: TRIAL_MAX_MS },
  async (seconds, { onTestFinished }) => {
    const { simulator, state, askToAdd } = await hostABot(onTestFinished)
    simulator.freeze()
    const thawsAt = Date.now() + seconds * 1000
    const answers: { code: number; ms: number; state: string }[] = []
    while (Date.now() < thawsAt) {
      answers.push({ ...(await askToAdd()), state: state() })
      await pause(Math.min(1000, Math.max(0, thawsAt - Date.now())))
    }
    simulator.thaw()
    const thawedAt = Date.now()
    await eventually('online again', () => state() === 'online', RECOVERY_MAX_MS)
    const onlineMs = Date.now() - thawedAt
    await eventually('an addition that works', async () => (await askToAdd()).code === 0, RECOVERY_MAX_MS)
    console.log(
      `frozen ${seconds} s: ${answers.length} requests, slowest ${Math.round(Math.max(...answers.map(({ ms }) => ms)))} ms, answers and states ${[...new Set(answers.map(({ code, state }) => `${code} ${state}`))].join(', ')}; online ${onlineMs} ms after the thaw, works after ${Date.now() - thawedAt} ms`,
    )
    expect(answers.filter(({ code }) => ![-5, -6, -7].includes(code))).toEqual([])
    expect(answers.filter(({ ms }) => ms > 10_000)).toEqual([])
  },
)

test(`BOT-162 ${RESTARTS} restarts in a row leave no socket, no timer and no memory behind`, {
  timeout: TRIAL_MAX_MS,
}, async ({ onTestFinished }) => {
  const { simulator, state } = await hostABot(onTestFinished)
  const measure = () => {
    collectGarbage()
    return {
      descriptors: readdirSync('/proc/self/fd').length,
      resources: process.getActiveResourcesInfo().filter(name => name !== 'Timeout').length,
      timers: process.getActiveResourcesInfo().filter(name => name === 'Timeout').length,
      heap: process.memoryUsage().heapUsed,
    }
  }
  const restart = async () => {
    const body = JSON.stringify({ downMs: 0 })
    const headers = { 'content-type': 'application/json' }
    await fetch(`${simulator.controlUrl}/server/restart`, { method: 'POST', body, headers })
    await eventually('the loss is seen', () => state() !== 'online')
    await eventually('online again', () => state() === 'online', BACK_WITHIN_MS)
  }
  for (let n = 0; n < RESTARTS_BEFORE_COUNTING; n++) await restart()
  const before = measure()
  for (let n = 0; n < RESTARTS; n++) await restart()
  const after = measure()
  console.log(`${RESTARTS} restarts: before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`)
  expect(after.descriptors - before.descriptors).toBeLessThanOrEqual(4)
  expect(after.resources - before.resources).toBeLessThanOrEqual(4)
  expect(after.timers - before.timers).toBeLessThanOrEqual(4)
  expect(after.heap - before.heap).toBeLessThan(HEAP_GROWTH_BYTES_MAX)
})

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
