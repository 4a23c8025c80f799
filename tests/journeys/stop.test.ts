import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { Roster } from '../../packages/gateway/src/bot/roster.ts'
import { readConfig } from '../../packages/gateway/src/config.ts'
import { openGateway } from '../../packages/gateway/src/gateway.ts'
import { listCallbacks } from '../../packages/gateway/src/store/callbacks.ts'
import { eventually } from '../../packages/gateway/testing/eventually.ts'
import { type House, openHouse } from '../../packages/gateway/testing/open-house.ts'

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
  const house = await openOwnHouse()
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

test('ST-104 CB-12 a stop while many callbacks are under way is over within 10 s, and nothing is heard twice or lost', async () => {
  const house = await openOwnHouse()
  house.customer.answerWith(async () => {
    await pause(100)
    return 200
  })
  const bot = house.world.addBot({ userId: 'xiaobei' })
  for (let n = 0; n < 60; n++)
    house.world.addRoom({ ownerId: house.world.addCoworker().wxid, members: [bot.wxid] })
  await house.host(bot)
  const { operator } = house.gateway
  const owed = (await listCallbacks(operator.db, house.workspaceId, { limit: 500 })).map(
    each => each.webhookId,
  )
  expect(owed).toHaveLength(60)
  expect(await msToStop(house)).toBeLessThan(10_000)
  const heardBefore = house.customer.heard.length
  expect(heardBefore).toBeLessThan(60)

  const next = await openGateway(house.config)
  onTestFinished(() => next.stop())
  const heard = () => house.customer.heard.map(each => each.headers['webhook-id'])
  await eventually('the rest', () => owed.every(id => heard().includes(id)), 15_000)
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
