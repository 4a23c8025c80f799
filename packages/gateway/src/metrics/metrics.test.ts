import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { eventually } from '@qunhub/testing/eventually.ts'
import { openCluster } from '@qunhub/testing/grounds/open-cluster.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { botQrcode, callbacks, endpoints, managementVerbs } from '@qunhub/wire'
import { expect, onTestFinished, test } from 'vitest'
import * as storeErrors from '../store/database/store-error.ts'

async function openOwnHouse(env: Record<string, string> = {}): Promise<House> {
  const house = await openHouse({ env })
  onTestFinished(() => house.close())
  return house
}

interface Reading {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const scrape = async ({ send }: Pick<House, 'send'>): Promise<Reading[]> =>
  readingsOf((await send('/metrics')).text)

const readingsOf = (text: string): Reading[] =>
  text
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(pair => [pair[1]!, pair[2]!])
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }
    })

/** The sum of all readings that have these labels, whatever else they have. */
const sum = (readings: readonly Reading[], name: string, labels: Readonly<Record<string, string>> = {}) =>
  readings
    .filter(reading => reading.name === name)
    .filter(reading => Object.entries(labels).every(([label, value]) => reading.labels[label] === value))
    .reduce((total, { value }) => total + value, 0)

const MANAGEMENT = [
  '/manage/openapi.json',
  botQrcode.path,
  ...Object.keys(managementVerbs).map(name => `/manage/${name}`),
]
const PROBES = ['/health', '/ready', '/metrics', '/openapi.json']
const DOCUMENTS = [
  ...['/', '/docs', '/docs/en', '/docs/style.css', '/docs/errors/:endpoint/:code'],
  ...['/docs/try', '/docs/try/en', '/docs/try/:file', '/docs/moving', '/docs/moving/en'],
]
const codes = new Set([
  'none',
  ...[0, 400, 404, 405, 500, 503].map(String),
  ...endpoints.flatMap(({ refusals }) => Object.values(refusals).map(({ code }) => String(code))),
])
const BOT_STATES =
  'new connecting awaiting-scan online reconnecting offline logged-out wrong-account occupied'.split(' ')
/** Every label, and everything that it may say. */
const LABELS: Readonly<Record<string, ReadonlySet<string>>> = {
  endpoint: new Set([
    'unknown',
    ...PROBES,
    ...DOCUMENTS,
    ...MANAGEMENT,
    ...endpoints.map(({ path }) => path),
  ]),
  status: new Set([200, 400, 404, 405, 429, 500, 503].map(String)),
  code: codes,
  heard: new Set(['answer', 'not-here', 'too-many', 'nothing']),
  as: new Set(['start', 'hand-over']),
  by: new Set(['this-node', 'other-nodes', 'nobody']),
  operation: new Set(['read', 'write']),
  kind: new Set(callbacks.map(({ kind }) => kind)),
  outcome: new Set(
    '2xx 3xx 4xx 5xx 6xx 7xx 8xx 9xx timeout dns connect tls reset bad-response address-refused'.split(' '),
  ),
  settle: new Set(['delivered', 'retry', 'parked']),
  move: new Set(['opened', 'closed']),
  pace: new Set(['within', 'beyond']),
  stage: new Set(['new-stream', 'start-again', 'operator']),
  cause: new Set(['deaf', 'occupied', 'logged-out', 'wrong-account', 'offline']),
  result: new Set(['sent', 'failed', 'dropped']),
  breaker: new Set(['closed', 'open', 'recovering']),
  error: new Set(['other', ...Object.keys(storeErrors)]),
  state: new Set([...BOT_STATES, 'open', 'idle', 'waiting']),
  from: new Set(BOT_STATES),
  to: new Set(BOT_STATES),
}

test('MET-4 whatever is asked, labels say only what is written here, and routes stand without the base path', async () => {
  const house = await openOwnHouse({ QUNHUB_BASE_PATH: '/open/api' })
  const { origin, pathname } = new URL(house.baseUrl)
  const noise = () => randomBytes(6).toString('hex')
  const before = await scrape(house)
  for (const { path } of endpoints) {
    await house.get(path, { current: noise() })
    await house.post(path, {
      botUserId: noise(),
      wecomUserId: noise(),
      contactWxid: noise(),
      roomWxid: noise(),
    })
    await house.send(`${path}/${noise()}?token=${noise()}`)
    await house.send(path, { method: 'POST', body: `{"code":${noise()}` })
    for (const method of ['DELETE', 'HEAD', 'OPTIONS', 'PUT']) await house.send(path, { method })
  }
  for (const path of [`/${noise()}`, `${pathname}/%zz`, `/room/exit`, `${pathname}${pathname}`, '/'])
    await fetch(origin + path)
  for (const path of [...PROBES, ...DOCUMENTS]) await house.send(`${path}?${noise()}`)
  await house.send(`/docs/errors/addMember/${noise()}`)
  for (let n = 0; n < 510; n++) await house.send('/room/listByMember?token=wrong')

  const after = await scrape(house)
  const own = after.filter(({ name }) => !/^qunhub_(process|nodejs)_/.test(name))
  for (const { name, labels } of own) {
    for (const [label, value] of Object.entries(labels)) {
      if (label !== 'le') expect([...(LABELS[label] ?? [`no ${label} in ${name}`])]).toContain(value)
    }
  }
  expect(sum(after, 'qunhub_requests_total', { endpoint: 'unknown', status: '404' })).toBeGreaterThan(5)
  expect(sum(after, 'qunhub_requests_total', { endpoint: 'unknown', status: '405' })).toBeGreaterThan(5)
  expect(
    sum(after, 'qunhub_requests_total', { endpoint: '/room/listByMember', status: '429' }),
  ).toBeGreaterThanOrEqual(10)
  const routes = endpoints.length + PROBES.length + DOCUMENTS.length
  expect(after.length - before.length).toBeLessThan(25 * routes)
})

test('MET-5 nothing that anybody brings is in a scrape: tokens, ids, names, addresses, secrets', async () => {
  const house = await openOwnHouse()
  const bot = house.world.addBot({ userId: 'canary_user' })
  const guest = house.world.addContact({ friendOf: [bot.wxid] })
  const room = house.world.addRoom({
    ownerId: house.world.addCoworker().wxid,
    topic: 'canary-topic',
    members: [bot.wxid, guest.wxid],
  })
  const botId = await house.host(bot)
  await house.customer.nextHeard(1)
  await house.get('/room/listByMember', { contactWxid: guest.wxid })
  await house.get('/room/listByMHTag', { mhTagId: 'canary-tag' })
  await house.post('/room/addMember', {
    botUserId: 'canary_user',
    contactWxid: guest.wxid,
    roomWxid: room.wxid,
  })
  await house.send('/canary-path?canary-query=1', { headers: { authorization: 'Bearer canary-header' } })
  const { text } = await house.send('/metrics')
  const { hostname } = new URL(house.customer.url)
  const theirs = [house.token, house.workspaceId, botId, bot.wxid, bot.token, guest.wxid, room.wxid]
  for (const canary of [...theirs, 'canary', hostname, house.simulator.endpoint, house.dataDir, '?'])
    expect(text).not.toContain(canary)
})

test('MET-6 it is plain Prometheus text that nobody keeps, and only GET asks for it', async () => {
  const house = await openOwnHouse()
  const { headers, status } = await house.send('/metrics')
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(headers.get('cache-control')).toBe('no-store')
  const posted = await house.send('/metrics', { method: 'POST' })
  expect(posted.status).toBe(405)
  expect(posted.headers.get('allow')).toBe('GET, HEAD')
})

test('MET-7 a caller who leaves before the answer is counted as cut off, and how long it waited', async () => {
  const house = await openOwnHouse()
  const { hostname, port } = new URL(house.baseUrl)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.write('POST /room/exit HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\nExpect: 100-continue\r\n\r\n{')
  // The gateway has begun with the request by then.
  await new Promise(resolve => socket.once('data', resolve))
  socket.destroy()
  const exit = { endpoint: '/room/exit' }
  const readings = await eventually('the request to end', async () => {
    const readings = await scrape(house)
    return sum(readings, 'qunhub_cut_off_total', exit) > 0 ? readings : null
  })
  expect(sum(readings, 'qunhub_cut_off_total', exit)).toBe(1)
  expect(sum(readings, 'qunhub_requests_total', exit)).toBe(0)
  expect(sum(readings, 'qunhub_request_seconds_count', exit)).toBe(1)
})

test('MET-8 two gateways of one process count apart', async () => {
  const one = await openOwnHouse()
  const other = await openOwnHouse()
  for (let n = 0; n < 3; n++) await one.send('/health')
  const health = { endpoint: '/health' }
  expect(sum(await scrape(one), 'qunhub_requests_total', health)).toBe(3)
  expect(sum(await scrape(other), 'qunhub_requests_total', health)).toBe(0)
})

test('MET-9 a request for a bot of another node counts where it came in, with the code that the peer answered', async () => {
  const cluster = await openCluster(2)
  onTestFinished(() => cluster.close())
  const bot = cluster.world.addBot({ userId: 'xiaobei' })
  const botId = await cluster.host(bot)
  const itsNode = cluster.nodeOf(botId)
  const asked = cluster.otherThan(botId)
  const ask = { botUserId: 'xiaobei', contactWxid: 'nobody', roomWxid: 'R:none' }
  expect((await asked.post('/room/addMember', ask)).text).toContain('"code":-6')

  const [ofAsked, ofItsNode] = [
    readingsOf((await asked.get('/metrics')).text),
    readingsOf((await itsNode.get('/metrics')).text),
  ]
  expect(sum(ofAsked, 'qunhub_forwarded_total', { heard: 'answer' })).toBe(1)
  expect(sum(ofAsked, 'qunhub_requests_total', { endpoint: '/room/addMember', code: '-6' })).toBe(1)
  expect(sum(ofItsNode, 'qunhub_forwarded_total')).toBe(0)
  expect(sum(ofItsNode, 'qunhub_requests_total', { endpoint: '/room/addMember' })).toBe(0)
  expect([sum(ofAsked, 'qunhub_bots'), sum(ofItsNode, 'qunhub_bots')]).toEqual([0, 1])
  const claimed = (readings: Reading[], by: string) => sum(readings, 'qunhub_claimed_bots', { by })
  expect([claimed(ofAsked, 'other-nodes'), claimed(ofItsNode, 'this-node')]).toEqual([1, 1])
  expect([claimed(ofAsked, 'this-node'), claimed(ofItsNode, 'nobody')]).toEqual([0, 0])
  for (const readings of [ofAsked, ofItsNode]) expect(sum(readings, 'qunhub_lease_valid')).toBe(1)
  await eventually('each node to know of the other', async () => {
    const all = await Promise.all(
      [asked, itsNode].map(async node => readingsOf((await node.get('/metrics')).text)),
    )
    return all.every(readings => sum(readings, 'qunhub_nodes') === 2)
  })
})

test('MET-14 an address that is late is shown by its id and its workspace’s, and how long its oldest callback has waited', async () => {
  const house = await openOwnHouse()
  house.customer.answerWith(() => 503)
  const other = await house.anotherWorkspace()
  for (const { workspaceId } of [house, other]) {
    const bot = house.world.addBot({ userId: `bot-of-${workspaceId}` })
    house.world.addRoom({ ownerId: house.world.addCoworker().wxid, members: [bot.wxid] })
    await house.host(bot, workspaceId)
  }
  await house.customer.nextHeard(1)
  await eventually('the other address to be on time', async () => {
    const { callbacks } = await house.operate('list-callbacks', { workspace: other.workspaceId })
    return callbacks[0]?.state === 'delivered'
  })
  const { db } = house.gateway.operator
  const owedAt = Date.now() - 60_000
  await db.write(tx => tx.run(tx.query.updateTable('callback').set({ owed_at: owedAt }).compile()))

  const readings = await scrape(house)
  const shown = readings.filter(({ name }) => name === 'qunhub_callbacks_oldest_of_address_seconds')
  const [address] = await db.all(
    db.query
      .selectFrom('callback_address')
      .select('id')
      .where('workspace_id', '=', house.workspaceId)
      .compile(),
  )
  expect(shown.map(({ labels }) => labels)).toEqual([{ workspace: house.workspaceId, address: address!.id }])
  expect(shown[0]!.value).toBeGreaterThanOrEqual(60)
  expect(shown[0]!.value).toBe(sum(readings, 'qunhub_callbacks_oldest_seconds'))
})

test('MET-13 a receiver that answers with a status that does not exist adds no label but its hundreds', async () => {
  const house = await openOwnHouse()
  house.customer.answerWith(() => 999)
  const bot = house.world.addBot({ userId: 'xiaobei' })
  house.world.addRoom({ ownerId: house.world.addCoworker().wxid, members: [bot.wxid] })
  await house.host(bot)
  const loaded = { kind: 'chatroom/loaded' }
  const readings = await eventually('the attempt', async () => {
    const readings = await scrape(house)
    return sum(readings, 'qunhub_callback_attempts_total', loaded) > 0 ? readings : null
  })
  const attempts = readings.filter(({ name }) => name === 'qunhub_callback_attempts_total')
  expect(attempts.map(({ labels }) => labels)).toEqual([{ ...loaded, outcome: '9xx' }])
  expect(sum(readings, 'qunhub_callbacks_settled_total', { ...loaded, settle: 'delivered' })).toBe(0)
})
