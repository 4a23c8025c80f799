import type { Bot } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

let house: House
let bot: Bot

beforeAll(async () => {
  house = await openHouse()
  bot = house.world.addBot({ userId: 'xiaobei' })
  house.world.addRoom({ ownerId: house.world.addCoworker().wxid, members: [bot.wxid] })
  await house.host(bot)
})
afterAll(() => house.close())

const scrape = async () => (await house.send('/metrics')).text
const reading = (text: string, series: string): number =>
  Number(
    text
      .split('\n')
      .find(line => line.startsWith(`${series} `))
      ?.split(' ')[1] ?? Number.NaN,
  )

test('MET-1 requests are counted by route, status and the code of the answer, whoever asks for what', async () => {
  await house.get('/room/listByMHTag')
  await house.post('/room/addMember', { botUserId: 'nobody', contactWxid: 'x', roomWxid: 'R:1' })
  await house.post('/room/create', { botUserId: 'nobody', userIds: [], unionIds: [], wxids: [] })
  await house.post('/room/exit', { token: 'wrong', wecomUserId: 'x', roomWxid: 'R:1' })
  await house.send('/no/such/route')
  const text = await scrape()
  const counted = (endpoint: string, status: number, code: number | 'none') =>
    reading(text, `qunhub_requests_total{endpoint="${endpoint}",status="${status}",code="${code}"}`)
  expect(counted('/room/listByMHTag', 200, 0)).toBe(1)
  expect(counted('/room/addMember', 200, -2)).toBe(1)
  expect(counted('/room/create', 200, -2)).toBe(1)
  expect(counted('/room/exit', 200, -1)).toBe(1)
  expect(counted('unknown', 404, 404)).toBe(1)
  expect(reading(text, 'qunhub_request_seconds_count{endpoint="/room/addMember"}')).toBe(1)
})

test('MET-2 bots by state, nodes, the lease, and how long the store took', async () => {
  const text = await scrape()
  expect(reading(text, 'qunhub_bots{state="online"}')).toBe(1)
  expect(reading(text, 'qunhub_bots{state="offline"}')).toBe(0)
  expect(reading(text, 'qunhub_nodes')).toBe(1)
  expect(reading(text, 'qunhub_lease_valid')).toBe(1)
  expect(reading(text, 'qunhub_claims_total{as="start"}')).toBe(1)
  expect(reading(text, 'qunhub_store_seconds_count{operation="write"}')).toBeGreaterThan(0)
  expect(reading(text, 'qunhub_store_seconds_count{operation="read"}')).toBeGreaterThan(0)
  expect(reading(text, 'qunhub_store_connections{state="open"}')).toBeGreaterThan(0)
})

test('MET-13 callbacks by outcome and by what became of them, what waits, and the breakers', async () => {
  house.customer.answerWith([503, 200])
  house.world.addRoom({ ownerId: house.world.addCoworker().wxid, members: [bot.wxid] })
  const attempts = (text: string, outcome: string) =>
    reading(text, `qunhub_callback_attempts_total{kind="chatroom/joined",outcome="${outcome}"}`)
  await eventually('the retry', async () => attempts(await scrape(), '2xx') === 1)
  const text = await scrape()
  expect(attempts(text, '5xx')).toBe(1)
  expect(reading(text, 'qunhub_callbacks_settled_total{kind="chatroom/joined",settle="retry"}')).toBe(1)
  expect(reading(text, 'qunhub_callbacks_settled_total{kind="chatroom/joined",settle="delivered"}')).toBe(1)
  expect(reading(text, 'qunhub_callback_attempt_seconds_count')).toBeGreaterThanOrEqual(3)
  expect(reading(text, 'qunhub_callback_addresses{breaker="closed"}')).toBe(1)
  expect(reading(text, 'qunhub_callback_addresses{breaker="open"}')).toBe(0)
  for (const name of ['held', 'held_bytes', 'oldest_seconds'])
    expect(reading(text, `qunhub_callbacks_${name}`)).toBeGreaterThanOrEqual(0)
})

test('MET-3 no label holds an id, a token or a text of somebody', async () => {
  await house.get('/room/listByMember', { contactWxid: bot.wxid })
  await house.send(`/no/such/${house.token}?token=${house.token}`)
  const text = await scrape()
  for (const secret of [house.token, house.workspaceId, bot.wxid, 'xiaobei', '127.0.0.1'])
    expect(text).not.toContain(secret)
  const series = text.split('\n').filter(line => line.startsWith('qunhub_requests_total{'))
  for (let n = 0; n < 20; n++) await house.send(`/path/${n}`)
  const after = (await scrape()).split('\n').filter(line => line.startsWith('qunhub_requests_total{'))
  expect(after.length).toBeLessThanOrEqual(series.length + 1)
})

test('RDY-1 it is ready while it can serve', async () => {
  expect(await house.send('/ready')).toMatchObject({ status: 200, body: { status: 'ready' } })
  expect(await house.send('/health')).toMatchObject({ status: 200, body: { status: 'ok' } })
})
