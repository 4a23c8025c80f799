import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '@qunhub/testing/eventually.ts'
import { openCluster } from '@qunhub/testing/grounds/open-cluster.ts'
import { openProvingGround } from '@qunhub/testing/grounds/open-proving-ground.ts'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { openBalancer } from '@qunhub/testing/receivers/balancer.ts'
import { create, exit } from '@qunhub/wire'
import { expect, inject, onTestFinished, test } from 'vitest'

const CALLERS = 4
const CALL_EVERY_MS = 40
/** Each is good for 500 requests in 30 s. */
const TOKENS = 12
/** Long beside the balancer's looks, so that a busy machine does not fail it. */
const DRAIN = { QUNHUB_DRAIN_SECONDS: '4' }

test('RDY-9 two nodes behind a load balancer that looks at /ready are restarted one after the other under load, and no request is lost', {
  timeout: 180_000,
}, async () => {
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  onTestFinished(() => database.drop())
  const ground = await openProvingGround(database.url, TOKENS)
  onTestFinished(() => ground.close())
  const nodes = [await ground.addNode('a', DRAIN), await ground.addNode('b', DRAIN)]
  await Promise.all(nodes.map(node => node.start()))
  await ground.started()
  const balancer = await openBalancer(nodes.map(({ baseUrl }) => baseUrl))
  onTestFinished(() => balancer.close())

  let isOver = false
  let count = 0
  const lost: string[] = []
  const codes = new Map<string, number>()
  const call = async (n: number) => {
    const token = ground.tokens[n % TOKENS]!
    const userId = ground.bot.userId
    const post = (path: string, body: object) =>
      fetch(balancer.baseUrl + path, { method: 'POST', body: JSON.stringify({ token, ...body }) })
    const asks = [
      () => fetch(`${balancer.baseUrl}/room/listByMHTag?token=${token}`),
      () => post('/room/addMember', { botUserId: userId, contactWxid: 'nobody', roomWxid: 'R:none' }),
      () => post('/room/exit', { wecomUserId: userId, roomWxid: 'R:none' }),
    ]
    try {
      const answer = await asks[n % asks.length]!()
      const text = await answer.text()
      const code = /"code":(-?\d+)/.exec(text)?.[1] ?? 'none'
      codes.set(code, (codes.get(code) ?? 0) + 1)
      if (answer.status !== 200 || code === 'none') lost.push(`${answer.status} ${text}`)
    } catch (failure) {
      lost.push(String(failure))
    }
  }
  const caller = async () => {
    while (!isOver) {
      await call(count++)
      await pause(CALL_EVERY_MS)
    }
  }
  const calling = Array.from({ length: CALLERS }, caller)
  for (const node of nodes) {
    expect(await node.stop()).toBe(0)
    await node.start()
    // The balancer has found it before the next one goes.
    await pause(1000)
  }
  isOver = true
  await Promise.all(calling)
  console.log(`${count} requests, by code: ${JSON.stringify(Object.fromEntries(codes))}`)
  expect(lost).toEqual([])
  expect(count).toBeGreaterThan(50)
})

test('RDY-9 while a node that stops waits for one puppet, another node goes on reaching its other bots', {
  timeout: 60_000,
}, async () => {
  // The call hangs for so long: well beyond what a request to an idle bot takes, and within a stop’s 8 s.
  const cluster = await openCluster(2, undefined, { env: { QUNHUB_PUPPET_DEADLINE_MS: '4000' } })
  onTestFinished(() => cluster.close())
  const { world, simulator } = cluster
  const userIds = ['xiaobei', 'xiaonan', 'xiaodong', 'xiaoxi']
  const ids = new Map<string, string>()
  for (const userId of userIds) {
    const bot = world.addBot({ userId })
    world.addRoom({ ownerId: world.addCoworker().wxid, members: [bot.wxid], external: true })
    ids.set(userId, await cluster.host(bot))
  }
  await eventually('each runs two', () => cluster.nodes.every(node => node.bots().length === 2))
  const [leaving, staying] = cluster.nodes
  const [busy, idle] = userIds.filter(userId => leaving!.bots().includes(ids.get(userId) as never))

  const busyBot = [...world.bots.values()].find(({ userId }) => userId === busy)!
  simulator.faults.add({ on: 'roomCreate', mode: 'hang', times: 1 })
  const wxids = [0, 1].map(
    () => world.addContact({ friendOf: [...world.bots.values()].map(({ wxid }) => wxid) }).wxid,
  )
  let isWaiting = true
  const waiting = leaving!
    .post('/room/create', { botUserId: busy, wxids, name: '等不到' })
    .finally(() => (isWaiting = false))
  await eventually('the call hangs', () => simulator.asked.of(busyBot.wxid).roomCreate === 1)
  const stopped = cluster.stop(leaving!)
  const codes = new Set<number>()
  while (isWaiting) {
    const { text } = await staying!.post('/room/exit', { wecomUserId: idle, roomWxid: 'R:none' })
    if (isWaiting) codes.add(exit.reply.parse(JSON.parse(text)).code)
    await pause(50)
  }
  // EX-8: the bot was reached, and knows no such room; were it out of reach, it would be offline (EX-6).
  expect([...codes]).toEqual([-8])
  expect(create.reply.parse(JSON.parse((await waiting).text)).errcode).toBe(-9)
  await stopped
})
