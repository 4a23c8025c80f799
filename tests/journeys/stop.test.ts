import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { expect, onTestFinished, test } from 'vitest'
import { IN_FLIGHT_MAX } from '../../packages/gateway/src/callback/share-slots.ts'
import { readConfig } from '../../packages/gateway/src/config/config.ts'
import { openGateway } from '../../packages/gateway/src/gateway.ts'
import type { Roster } from '../../packages/gateway/src/puppet/roster.ts'
import { listCallbacks } from '../../packages/gateway/src/store/outbox/callbacks.ts'

async function openOwnHouse(env: Record<string, string> = {}): Promise<House> {
  const house = await openHouse({ env })
  onTestFinished(() => house.close())
  return house
}

async function msToStop({ gateway }: House): Promise<number> {
  const startedAt = performance.now()
  await gateway.stop()
  return performance.now() - startedAt
}

/** A request of which the body never comes whole. */
async function sendHalf({ baseUrl }: House): Promise<void> {
  const { hostname, port } = new URL(baseUrl)
  const socket = connect({ host: hostname, port: Number(port) })
  onTestFinished(() => void socket.destroy())
  const head = 'POST /room/exit HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\nExpect: 100-continue\r\n\r\n'
  socket.on('error', () => {}).write(`${head}{"wecom`)
  // The gateway has begun with the request by then.
  await new Promise(resolve => socket.once('data', resolve))
}

test('ST-100 half a request and a receiver that hangs hold up the stop by less than 9 s together', async () => {
  const house = await openOwnHouse()
  house.customer.answerWith(() => 'hang')
  const bot = house.world.addBot({ userId: 'xiaobei' })
  house.world.addRoom({ ownerId: house.world.addCoworker().wxid, members: [bot.wxid] })
  await house.host(bot)
  await house.customer.nextHeard(1)
  await sendHalf(house)
  expect(await msToStop(house)).toBeLessThan(9000)
})

test('ST-101 a client that keeps its connection alive is answered, and does not hold up the stop', async () => {
  const house = await openOwnHouse({ QUNHUB_PUPPET_DEADLINE_MS: '600' })
  const bot = house.world.addBot({ userId: 'xiaobei' })
  const contactWxid = house.world.addContact({ friendOf: [bot.wxid] }).wxid
  const room = house.world.addRoom({ ownerId: house.world.addCoworker().wxid, members: [bot.wxid] })
  await house.host(bot)
  // The call takes as long as a call to a puppet may take: then the stop has begun.
  house.simulator.faults.add({ on: 'roomPayload', mode: 'hang' })
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const asking = request(`${house.baseUrl}/room/addMember`, {
    method: 'POST',
    agent,
    headers: { expect: '100-continue' },
  })
  asking.flushHeaders()
  await once(asking, 'continue')
  asking.end(JSON.stringify({ token: house.token, botUserId: 'xiaobei', contactWxid, roomWxid: room.wxid }))
  const [stoppedAfter, [answer]] = await Promise.all([
    msToStop(house),
    once(asking, 'response') as Promise<[IncomingMessage]>,
  ])
  expect(answer.statusCode).toBe(200)
  expect(answer.headers.connection).toBe('close')
  expect(stoppedAfter).toBeLessThan(1500)
})

test('RDY-8 once it takes leave, /ready is 503 and everything else goes on, each answer closing its connection', async () => {
  const house = await openOwnHouse()
  const bot = house.world.addBot({ userId: 'xiaobei' })
  house.world.addRoom({ ownerId: house.world.addCoworker().wxid, members: [bot.wxid], topic: '照常' })
  await house.host(bot)
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const get = async (path: string) => {
    const asked = request(`${house.baseUrl}${path}`, { agent }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()
    await once(answer, 'end')
    return { status: answer.statusCode, connection: answer.headers.connection }
  }
  const list = `/room/listByMHTag?token=${house.token}`
  expect(await get('/ready')).toEqual({ status: 200, connection: 'keep-alive' })
  house.gateway.takeLeave()
  expect(await get('/ready')).toEqual({ status: 503, connection: 'close' })
  expect(await get('/health')).toEqual({ status: 200, connection: 'close' })
  expect(await get(list)).toEqual({ status: 200, connection: 'close' })
  const wxids = [0, 1].map(() => house.world.addContact({ friendOf: [bot.wxid] }).wxid)
  const made = await house.post('/room/create', { botUserId: 'xiaobei', wxids, name: '告别时建的群' })
  expect(made.body).toMatchObject({ errcode: 0 })
  expect(made.headers.get('connection')).toBe('close')
})

test('RDY-9 whatever is under way at a stop that cannot wait is answered: with its own refusal, or that nobody knows', async () => {
  const house = await openOwnHouse({ QUNHUB_PUPPET_DEADLINE_MS: '60000' })
  const bot = house.world.addBot({ userId: 'xiaobei' })
  const friend = () => house.world.addContact({ friendOf: [bot.wxid] }).wxid
  const room = () =>
    house.world.addRoom({ ownerId: house.world.addCoworker().wxid, members: [bot.wxid, friend()] }).wxid
  const [added, left, verified] = [room(), room(), room()]
  await house.host(bot)
  const { faults } = house.simulator
  const asked = () => house.simulator.asked.of(bot.wxid)
  for (const on of ['roomAdd', 'roomCreate', 'roomQuit'] as const) faults.add({ on, mode: 'hang' })
  const answers = [
    house.post('/room/addMember', { botUserId: 'xiaobei', contactWxid: friend(), roomWxid: added }),
    house.post('/room/create', { botUserId: 'xiaobei', wxids: [friend(), friend()], name: '等不到' }),
    house.post('/room/exit', { wecomUserId: 'xiaobei', roomWxid: left }),
  ]
  const isAsked = () => asked().roomAdd === 1 && asked().roomCreate === 1 && asked().roomQuit === 1
  await eventually('all three to wait for the puppet', isAsked)
  faults.clear()
  faults.add({ on: 'roomAdd', mode: 'done-but-not' })
  const ask = { botUserId: 'xiaobei', contactWxid: friend(), roomWxid: verified }
  answers.push(house.post('/room/addMember', ask, { prefer: 'wait=30' }))
  await eventually('the fourth to look for its member', () => asked().roomAdd === 2)

  const begun = performance.now()
  const stopped = house.gateway.stop(AbortSignal.abort())
  const [add, create, exit, unknown] = await Promise.all(answers)
  expect(add).toMatchObject({ status: 200, body: { code: -7 } })
  expect(create).toMatchObject({ status: 200, body: { errcode: -9 } })
  expect(exit).toMatchObject({ status: 200, body: { code: -10 } })
  expect([
    [200, -7],
    [503, 503],
  ]).toContainEqual([unknown!.status, (unknown!.body as { code: number }).code])
  // A client would take it as a leave to ask again, though nobody knows what came of it.
  expect(unknown!.headers.get('retry-after')).toBe(null)
  await stopped
  expect(performance.now() - begun).toBeLessThan(9000)
})

test('RDY-9 half a request is refused in words when the stop does not wait for the rest', async () => {
  const house = await openOwnHouse()
  const { hostname, port } = new URL(house.baseUrl)
  const socket = connect({ host: hostname, port: Number(port) })
  onTestFinished(() => void socket.destroy())
  socket.write('POST /room/exit HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\nExpect: 100-continue\r\n\r\n')
  await once(socket, 'data')
  let said = ''
  socket.on('data', bytes => {
    said += String(bytes)
  })
  const closed = once(socket, 'close')
  await house.gateway.stop()
  await closed
  expect(said).toMatch(/^HTTP\/1\.1 503 .*^retry-after: 5\r$.*"code":503/ims)
})

test('ST-102 when the stop begins no other callback is begun', async () => {
  const house = await openOwnHouse()
  const bot = house.world.addBot({ userId: 'xiaobei' })
  for (let n = 0; n < 3; n++)
    house.world.addRoom({ ownerId: house.world.addCoworker().wxid, members: [bot.wxid] })
  await house.host(bot)
  await house.customer.nextHeard(3)
  await sendHalf(house)
  const stopping = house.gateway.stop()
  // While the half request holds the door open the bots are still there, and hear of the new room.
  house.world.addRoom({ ownerId: house.world.addCoworker().wxid, members: [bot.wxid] })
  await stopping
  expect(house.customer.heard).toHaveLength(3)
})

/** More than are under way at once. */
const CALLBACKS = IN_FLIGHT_MAX + 16

test('ST-104 CB-12 a stop while many callbacks are under way is over within 10 s, and nothing is heard twice or lost', async () => {
  const house = await openOwnHouse({ QUNHUB_DATABASE_POOL: '10' })
  // Nothing is answered before the stop, however long a busy machine takes to get there.
  const { promise: stopping, resolve: stop } = Promise.withResolvers<void>()
  house.customer.answerWith(async () => {
    await stopping
    await pause(100)
    return 200
  })
  const bot = house.world.addBot({ userId: 'xiaobei' })
  for (let n = 0; n < CALLBACKS; n++)
    house.world.addRoom({ ownerId: house.world.addCoworker().wxid, members: [bot.wxid] })
  await house.host(bot)
  const { operator } = house.gateway
  const owed = (await listCallbacks(operator.db, house.workspaceId, { limit: 500 })).map(
    each => each.webhookId,
  )
  expect(owed).toHaveLength(CALLBACKS)
  stop()
  expect(await msToStop(house)).toBeLessThan(10_000)
  const heardBefore = house.customer.heard.length
  expect(heardBefore).toBeLessThan(CALLBACKS)

  const next = await openGateway(house.config)
  onTestFinished(() => next.stop())
  const heard = () => house.customer.heard.map(each => each.headers['webhook-id'])
  await eventually('the rest', () => owed.every(id => heard().includes(id)))
  expect(heard().toSorted()).toEqual([...new Set(heard())].toSorted())
})

test('ST-103 a part that fails to close is told of, and keeps the data directory from nobody', async () => {
  const house = await openHouse()
  onTestFinished(() => house.simulator.stop())
  // The whole roster, of which operators see less.
  const roster = house.gateway.operator.live!.roster as Roster
  const stopRoster = roster.stop
  roster.stop = async () => {
    await stopRoster()
    throw new Error('a bot would not let go')
  }
  await expect(house.gateway.stop()).rejects.toThrow('did not stop cleanly')

  const next = await openGateway(readConfig({ PORT: '0', QUNHUB_DATA_DIR: house.dataDir }))
  await next.stop()
  await house.customer.close()
  await rm(house.dataDir, { recursive: true })
})
