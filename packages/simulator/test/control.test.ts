import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { grpc, puppet } from '@juzi/wechaty-grpc'
import { expect, onTestFinished, test } from 'vitest'
import { BODY_BYTES_MAX } from '../src/control/read-json-body.ts'
import { control } from './control-client.ts'
import { eventually } from './eventually.ts'
import { ask } from './raw-client.ts'
import { servedWorld } from './served-world.ts'

type ShownBots = { scan?: { qrcode: string; status: string } }[]

async function controlled() {
  const served = await servedWorld()
  return {
    ...served,
    call: (method: string, path: string, body?: unknown) =>
      control(served.simulator.controlUrl, method, path, body),
  }
}

test.each<[string, string, unknown, string]>([
  ['POST', '/bots', {}, 'userId'],
  ['POST', '/bots', undefined, 'body'],
  ['POST', '/bots', { userId: '' }, 'userId'],
  ['POST', '/bots', { userId: 'x', state: 'asleep' }, 'state'],
  ['POST', '/bots', { userId: 'x', kind: 'telegram' }, 'kind'],
  ['POST', '/bots', { userId: 'x', nick: 'y' }, 'nick'],
  ['POST', '/bots/BOT/state', { state: 7 }, 'state'],
  ['POST', '/bots/BOT/scan', {}, 'status'],
  ['POST', '/bots/BOT/scan', { status: 'waiting' }, 'status'],
  ['POST', '/contacts', { kind: 'wechat' }, 'name'],
  ['POST', '/contacts', { name: 'x', kind: 'alien' }, 'kind'],
  ['POST', '/contacts', { name: 'a\u0000b', kind: 'wechat' }, 'name'],
  ['POST', '/contacts', { name: 'a\ud800b', kind: 'wechat' }, 'name'],
  ['POST', '/contacts', { name: 'x'.repeat(5_000), kind: 'wechat' }, 'name'],
  ['POST', '/contacts', { name: 'x', kind: 'wechat', friendOf: 'BOT' }, 'friendOf'],
  ['POST', '/contacts', { name: 'x', kind: 'wechat', corpId: 'ww1' }, 'corpId'],
  ['POST', '/contacts', { name: 'x', kind: 'coworker', unionId: 'o1' }, 'unionId'],
  ['PATCH', '/contacts/FRIEND', {}, 'body'],
  ['POST', '/friendships', { botWxid: 'BOT', contactWxid: 'FRIEND', friend: 'yes' }, 'friend'],
  ['POST', '/rooms', { members: [] }, 'ownerId'],
  ['POST', '/rooms', { ownerId: 'OWNER', members: [1] }, 'members.0'],
  ['POST', '/rooms', { ownerId: 'OWNER', members: Array(501).fill('x') }, 'members'],
  ['PATCH', '/rooms/ROOM', {}, 'body'],
  ['PATCH', '/rooms/ROOM', { topic: null }, 'topic'],
  ['POST', '/rooms/ROOM/members', { id: 'x' }, 'wxid'],
  ['PATCH', '/rooms/ROOM/members/BOT', { alias: 1 }, 'alias'],
  ['POST', '/faults', { on: 'roomAdd' }, 'mode'],
  ['POST', '/faults', { on: 'nothing', mode: 'refuse' }, 'on'],
  ['POST', '/faults', { on: 'roomAdd', mode: 'refuse', times: -1 }, 'times'],
  ['POST', '/faults', [], 'body'],
  ['POST', '/server/restart', { downMs: -1 }, 'downMs'],
  ['POST', '/server/restart', { downMs: 3_600_000 }, 'downMs'],
])('SIM-70 %s %s %j is a 400 that names %s', async (method, path, body, field) => {
  const served = await controlled()
  const named = (value: string) =>
    value
      .replace('BOT', served.bot.wxid)
      .replace('ROOM', served.room.wxid)
      .replace('FRIEND', served.friend.wxid)
      .replace('OWNER', served.owner.wxid)
  const answer = await served.call(method, named(path), body)
  expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining(field), field } })
  // The field, what is wrong in Chinese, and then the same in English.
  const [, after = ''] = String(answer.body['error']).split(`${field}: `)
  expect(after).toMatch(/^[\u4e00-\u9fff][^(]*\([^\u4e00-\u9fff]+\)$/)
})

test.each<[string, string, unknown]>([
  ['body: 应为 JSON 对象 (expected a JSON object)', '/bots', undefined],
  ['userId: 应为字符串 (expected a string)', '/bots', { userId: 7 }],
  ['userId: 至少 1 个字符 (expected at least 1 character)', '/bots', { userId: '' }],
  ['userId: 最多 256 个字符 (expected at most 256 characters)', '/bots', { userId: 'x'.repeat(257) }],
  ['userId: 不得含 NUL (must not contain NUL)', '/bots', { userId: 'a\u0000b' }],
  [
    'kind: 应为 wecom、wechat 之一 (expected one of wecom, wechat)',
    '/bots',
    { userId: 'x', kind: 'telegram' },
  ],
  ['nick: 没有这个字段 (there is no such field)', '/bots', { userId: 'x', nick: 'y' }],
  ['nick, age: 没有这些字段 (there are no such fields)', '/bots', { userId: 'x', nick: 'y', age: 3 }],
  ['perSecond: 应为数字 (expected a number)', '/storm', { perSecond: null }],
  ['perSecond: 应为整数 (expected a whole number)', '/storm', { perSecond: 1.5 }],
  ['perSecond: 不得小于 1 (expected at least 1)', '/storm', { perSecond: 0 }],
  ['downMs: 不得大于 60000 (expected at most 60000)', '/server/restart', { downMs: 3_600_000 }],
  [
    'friend: 应为 true 或 false (expected true or false)',
    '/friendships',
    { botWxid: 'x', contactWxid: 'y', friend: 'yes' },
  ],
  ['members: 应为数组 (expected a list)', '/rooms', { ownerId: 'x', members: 'y' }],
  [
    'members.1: 至少 1 个字符 (expected at least 1 character)',
    '/rooms',
    { ownerId: 'x', members: ['y', ''] },
  ],
  [
    'members: 最多 500 项 (expected at most 500 items)',
    '/rooms',
    { ownerId: 'x', members: Array(501).fill('x') },
  ],
  [
    'unionId: 类型为 coworker 的联系人没有此项 (not for a contact of kind coworker)',
    '/contacts',
    { name: 'x', kind: 'coworker', unionId: 'o1' },
  ],
  [
    'mode: 用于 events 时应为 drop、duplicate、reorder、no-inviter、names-for-ids 之一 (expected on events: one of drop, duplicate, reorder, no-inviter, names-for-ids)',
    '/faults',
    { on: 'events', mode: 'hang' },
  ],
  [
    'times: 不能计次, freeze 一直持续到 DELETE /faults (not counted: a freeze lasts until DELETE /faults)',
    '/faults',
    { on: 'stream', mode: 'freeze', times: 1 },
  ],
])('SIM-70 Chinese first: %s', async (error, path, body) => {
  const { call } = await controlled()
  const field = error.slice(0, error.indexOf(': '))
  expect(await call('POST', path, body)).toMatchObject({ status: 400, body: { error, field } })
})

test.each<[string, string, unknown]>([
  ['POST', '/bots/nobody/state', { state: 'online' }],
  ['POST', '/bots/nobody/scan', { status: 'scanned' }],
  ['POST', '/bots', { userId: 'x', corpId: 'nowhere' }],
  ['POST', '/contacts', { name: 'x', kind: 'wechat', friendOf: ['nobody'] }],
  ['PATCH', '/contacts/nobody', { name: 'x' }],
  ['POST', '/friendships', { botWxid: 'nobody', contactWxid: 'x', friend: true }],
  ['POST', '/rooms', { ownerId: 'nobody' }],
  ['PATCH', '/rooms/R:0', { topic: 'x' }],
  ['POST', '/rooms/R:0/members', { wxid: 'x' }],
  ['DELETE', '/rooms/R:0/members/x', undefined],
  ['PATCH', '/rooms/R:0/members/x', { alias: 'x' }],
  ['POST', '/invitations/none/accept', undefined],
  ['POST', '/invitations/none/decline', undefined],
  ['POST', '/faults', { on: 'roomAdd', mode: 'refuse', bot: 'nobody' }],
  ['GET', '/nowhere', undefined],
  ['GET', '//', undefined],
  ['GET', '/rooms/a/b/c/d', undefined],
])('SIM-71 %s %s names something that is not there: 404', async (method, path, body) => {
  const { call, world } = await controlled()
  const before = world.snapshot()
  expect(await call(method, path, body)).toMatchObject({ status: 404, body: { error: expect.any(String) } })
  expect(world.snapshot()).toEqual(before)
})

test('SIM-72 what is no JSON, too large, or the wrong method is refused with its own status', async () => {
  const { simulator, call } = await controlled()
  const post = (body: string, type = 'application/json') =>
    fetch(`${simulator.controlUrl}/faults`, { method: 'POST', body, headers: { 'content-type': type } })
  expect((await post('{')).status).toBe(400)
  expect((await post('{}', 'text/plain')).status).toBe(415)
  expect((await post('{}', 'application/json; charset=utf-8')).status).toBe(400)
  expect((await post(`"${'x'.repeat(BODY_BYTES_MAX)}"`)).status).toBe(413)
  const wrong = await call('DELETE', '/world')
  expect(wrong.status).toBe(405)
  expect(wrong.headers.get('allow')).toBe('GET, HEAD')
  expect((await call('GET', '/contacts/%E0%A4%A')).status).toBe(400)
  expect((await call('GET', '/health')).status).toBe(200)
})

test('SIM-174 whoever shuts his side of the connection with his request is answered all the same', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'simulator-control-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  // The answer waits for the file, so it comes after his side is shut.
  const { simulator, world } = await servedWorld({ stateFile: join(folder, 'world.json') })
  const { hostname, port } = new URL(simulator.controlUrl)
  const body = '{"name":"半开","kind":"wechat"}'
  const head = `POST /contacts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
  const socket = connect({ host: hostname, port: Number(port) }, () => socket.end(head + body))
  let heard = ''
  for await (const chunk of socket) heard += chunk
  expect(heard).toMatch(/^HTTP\/1\.1 200 [\s\S]*"wxid":/)
  expect(world.snapshot().contacts.some(({ name }) => name === '半开')).toBe(true)
})

test('SIM-173 HEAD is GET without the content, and slashes that stand together in a path are one', async () => {
  const { simulator } = await servedWorld()
  const ask = async (path: string, method = 'GET') => {
    const answer = await fetch(simulator.controlUrl + path, { method })
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
  }
  for (const path of ['/world', '/health', '/nowhere', '/bots/nobody/asked']) {
    const got = await ask(path)
    expect(await ask(path, 'HEAD')).toEqual({ ...got, text: '' })
    expect(await ask(path.replaceAll('/', '//'))).toEqual(got)
  }
  expect((await ask('/bots', 'HEAD')).status).toBe(405)
})

test('SIM-73 what WeCom forbids is a 409 with its reason', async () => {
  const { call, room, owner, bot } = await controlled()
  expect(await call('DELETE', `/rooms/${room.wxid}/members/${owner.wxid}`)).toMatchObject({
    status: 409,
    body: { reason: 'owner-cannot-leave' },
  })
  expect(await call('POST', `/rooms/${room.wxid}/members`, { wxid: bot.wxid })).toMatchObject({
    status: 409,
    body: { reason: 'already-member' },
  })
  expect(await call('POST', '/bots', { userId: 'xiaobei' })).toMatchObject({
    status: 409,
    body: { reason: 'user-id-taken' },
  })
})

test('SIM-74 GET /world is the world, and says where its bots are served', async () => {
  const { call, world, simulator } = await controlled()
  const { body } = await call('GET', '/world')
  expect(body).toEqual(JSON.parse(JSON.stringify(world.snapshot())))
  expect(body).toMatchObject({ bots: [{ endpoint: simulator.endpoint }], invitations: [], messages: [] })
})

test('SIM-75 GET /health and GET /scenes', async () => {
  const { call, simulator } = await controlled()
  expect((await call('GET', '/health')).body).toEqual({ ok: true, endpoint: simulator.endpoint })
  expect((await call('GET', '/scenes')).body).toContainEqual({ name: 'demo', about: expect.any(String) })
})

test('SIM-76 a bot is made, served at once, and changes its state', async () => {
  const { call, clientOf, world } = await controlled()
  const { body } = await call('POST', '/bots', {
    userId: 'xiaonan',
    nickName: '小南',
    state: 'awaiting-scan',
  })
  const stream = clientOf({ token: String(body['token']) }).listen()
  await stream.event('scan')
  expect(await call('POST', `/bots/${body['wxid']}/state`, { state: 'online' })).toMatchObject({
    status: 200,
    body: { ok: true },
  })
  expect((await stream.event('login')).payload).toEqual({ contactId: body['wxid'] })
  expect(world.bot(String(body['wxid'])).nickName).toBe('小南')
})

test('SIM-169 WeCom wants an account verified whatever its state, by a scan of type 2 or a code to type in, until somebody does it', async () => {
  const { call, clientOf, bot } = await controlled()
  const client = clientOf(bot)
  const stream = client.listen()
  await stream.event('login')
  const wanted = `/bots/${bot.wxid}/verification`
  expect(await call('POST', wanted, { status: 'confirmed' })).toMatchObject({ status: 409 })
  expect(await call('POST', wanted, {})).toMatchObject({ status: 400 })
  await call('POST', wanted, { by: 'scan' })
  const asked = await stream.event('scan')
  expect(asked.payload).toMatchObject({ type: 2, status: 2, qrcode: expect.stringContaining('verify') })
  await call('POST', wanted, { status: 'scanned' })
  await stream.event('scan', ({ status }) => status === 3)

  await call('POST', `/bots/${bot.wxid}/state`, { state: 'logged-out' })
  await call('POST', wanted, { by: 'code' })
  const { id } = (await stream.event('verify-code')).payload
  const enter = (code: string) => {
    const request = new puppet.EnterVerifyCodeRequest()
    request.setId(String(id))
    request.setCode(code)
    return client.ask('enterVerifyCode', request)
  }
  await enter('000000')
  await stream.event('verify-code', ({ status }) => status === 3)
  await enter('246810')
  await stream.event('login', () => stream.heard.filter(({ type }) => type === 'login').length === 2)
  await expect(enter('246810')).rejects.toThrow(/no verification is wanted/)
})

test('SIM-120 a bot that awaits no scan cannot be scanned, and a code that is not shown any more neither', async () => {
  const { call, bot } = await controlled()
  const scan = `/bots/${bot.wxid}/scan`
  expect(await call('POST', scan, { status: 'confirmed' })).toMatchObject({
    status: 409,
    body: { reason: 'not-awaiting-scan' },
  })
  await call('POST', `/bots/${bot.wxid}/state`, { state: 'awaiting-scan' })
  const shown = async () => ((await call('GET', '/world')).body['bots'] as ShownBots)[0]!
  const stale = (await shown()).scan!.qrcode
  await call('POST', scan, { status: 'expired' })
  expect(await call('POST', scan, { status: 'scanned', qrcode: stale })).toMatchObject({
    status: 409,
    body: { reason: 'qrcode-stale' },
  })
  expect(await shown()).toMatchObject({ state: 'awaiting-scan', scan: { status: 'waiting' } })
  expect((await shown()).scan!.qrcode).not.toBe(stale)
})

test('SIM-121 a QR code is shown, expires, is scanned, cancelled, scanned again and confirmed; each step is a scan event', async () => {
  const { call, client, bot } = await controlled()
  const stream = client.listen()
  await stream.event('ready')
  await call('POST', `/bots/${bot.wxid}/state`, { state: 'awaiting-scan' })
  const steps = ['expired', 'scanned', 'cancelled', 'scanned', 'confirmed']
  for (const status of steps)
    expect(await call('POST', `/bots/${bot.wxid}/scan`, { status })).toMatchObject({ status: 200 })
  await stream.event('login', () => stream.heard.filter(event => event.type === 'login').length === 2)

  const scans = stream.heard.filter(event => event.type === 'scan').map(({ payload }) => payload)
  const [first, second, third] = [...new Set(scans.map(({ qrcode }) => qrcode))]
  expect(scans.map(({ qrcode, status }) => [qrcode, status])).toEqual([
    [first, 2],
    [first, 5],
    [second, 2],
    [second, 3],
    [second, 1],
    [third, 2],
    [third, 3],
    [third, 4],
  ])
  expect(((await call('GET', '/world')).body['bots'] as ShownBots)[0]).not.toHaveProperty('scan')
})

test('SIM-77 contacts are made, renamed, remarked, befriended and forgotten', async () => {
  const { call, world, bot } = await controlled()
  const corpId = String(bot.corpId)
  const customer = String(
    (await call('POST', '/contacts', { name: '张三', kind: 'wechat', friendOf: [bot.wxid] })).body['wxid'],
  )
  const colleague = String(
    (await call('POST', '/contacts', { name: '李四', kind: 'coworker', corpId })).body['wxid'],
  )
  expect(world.areFriends(bot.wxid, customer)).toBe(true)
  expect(world.areCoworkers(bot.wxid, colleague)).toBe(true)

  await call('PATCH', `/contacts/${customer}`, { name: '张三丰', alias: '大客户' })
  expect(world.nameOf(customer)).toBe('张三丰')
  expect(world.remarks.get(bot.wxid)?.get(customer)).toBe('大客户')
  await call('POST', '/friendships', { botWxid: bot.wxid, contactWxid: customer, friend: false })
  expect(world.areFriends(bot.wxid, customer)).toBe(false)
})

test('SIM-78 a room is made from outside and its bots are told; members come, are called, and go', async () => {
  const { call, client, world, bot, owner, friend, stranger } = await controlled()
  const stream = client.listen()
  await stream.event('ready')
  const made = await call('POST', '/rooms', {
    ownerId: owner.wxid,
    members: [bot.wxid, friend.wxid],
    topic: '新群',
    external: true,
  })
  const room = String(made.body['wxid'])
  expect((await stream.event('room-join')).payload).toMatchObject({
    roomId: room,
    inviterId: owner.wxid,
    inviteeIdList: [bot.wxid, friend.wxid],
  })

  await call('POST', `/rooms/${room}/members`, { wxid: stranger.wxid, by: owner.wxid })
  await call('PATCH', `/rooms/${room}/members/${stranger.wxid}`, { alias: '团长' })
  expect(world.room(room).members.get(stranger.wxid)).toMatchObject({ alias: '团长', inviterId: owner.wxid })
  await call('DELETE', `/rooms/${room}/members/${stranger.wxid}`)
  expect((await stream.event('room-leave')).payload).toMatchObject({
    removeeIdList: [stranger.wxid],
    removerId: stranger.wxid,
  })

  await call('PATCH', `/rooms/${encodeURIComponent(room)}`, { topic: '改名', ownerId: bot.wxid })
  expect(world.room(room)).toMatchObject({ topic: '改名', ownerId: bot.wxid })
})

test('SIM-79 a card is accepted, another declined', async () => {
  const { call, client, world, room, friend, bot } = await controlled()
  const other = world.addContact({ friendOf: [bot.wxid] })
  await client.ask('roomAdd', ask.roomAdd(room.wxid, friend.wxid, true))
  await client.ask('roomAdd', ask.roomAdd(room.wxid, other.wxid, true))
  const [first, second] = world.snapshot().invitations
  expect((await call('POST', `/invitations/${first!.id}/accept`)).status).toBe(200)
  expect((await call('POST', `/invitations/${second!.id}/decline`, {})).status).toBe(200)
  expect(world.snapshot().invitations.map(invitation => invitation.state)).toEqual(['accepted', 'declined'])
  expect(room.members.has(friend.wxid) && !room.members.has(other.wxid)).toBe(true)
})

test('SIM-80 faults are set, listed and cleared', async () => {
  const { call, client, bot } = await controlled()
  await call('POST', '/faults', { on: 'roomList', mode: 'refuse', times: 3, bot: bot.wxid })
  await expect(client.ask('roomList', ask.roomList())).rejects.toThrow('roomList refused')
  expect((await call('GET', '/faults')).body).toEqual([
    { on: 'roomList', mode: 'refuse', times: 2, bot: bot.wxid },
  ])
  await call('DELETE', '/faults')
  expect((await call('GET', '/faults')).body).toEqual([])
})

test('SIM-81 the puppet server dies and comes back on the same port', async () => {
  const { call, client, clientOf, bot, simulator } = await controlled()
  const stream = client.listen()
  await stream.event('ready')
  expect(await call('POST', '/server/restart', { downMs: 20 })).toMatchObject({
    status: 200,
    body: { ok: true },
  })
  expect(await stream.failed()).toBe(14)

  const again = clientOf(bot)
  let isBack = false
  await eventually(() => {
    void again.ask('roomList', ask.roomList(), 1_000).then(
      () => {
        isBack = true
      },
      () => {},
    )
    return isBack
  })
  expect((await call('GET', '/health')).body).toMatchObject({ endpoint: simulator.endpoint })
})

test('SIM-145 the control API tells how often clients asked an account for what, refused or not', async () => {
  const { call, bot, client, clientOf, simulator } = await controlled()
  const asked = async (wxid = bot.wxid) => (await call('GET', `/bots/${wxid}/asked`)).body
  expect(await asked()).toEqual({})

  const listener = client.listen()
  await listener.event('login')
  const late = clientOf(bot).listen()
  expect(await late.failed()).toBe(grpc.status.ALREADY_EXISTS)
  simulator.faults.add({ on: 'stop', mode: 'refuse', times: 1 })
  await expect(client.ask('stop', new puppet.StopRequest())).rejects.toThrow('refused')
  await client.ask('stop', new puppet.StopRequest())
  expect(await asked()).toEqual({ event: 2, stop: 2 })

  await simulator.restartServer({ downMs: 0 })
  expect(await asked()).toEqual({ event: 2, stop: 2 })
  const another = simulator.world.addBot({ userId: 'another' })
  expect(await asked(another.wxid)).toEqual({})
  expect((await call('GET', '/bots/nobody/asked')).status).toBe(404)
})

/** Asks under headers that `fetch` would not let us set. */
const statusUnder = (url: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const asking = request(`${url}/world`, { headers }, answer => {
      answer.resume()
      resolve(answer.statusCode)
    })
    asking.on('error', reject)
    asking.end(headers['content-length'] ? '{}' : undefined)
  })

test.each<[number, Record<string, string>]>([
  [200, { host: '127.0.0.1:3100' }],
  [200, { host: 'localhost' }],
  [200, { host: '[::1]:3100' }],
  [200, { host: 'LOCALHOST:3100', 'sec-fetch-site': 'none' }],
  [403, { host: 'evil.example:3100' }],
  [403, { host: 'localhost.evil.example' }],
  [403, { host: '127.0.0.1.evil.example:3100' }],
  [403, { host: '127.0.0.1:3100', origin: 'http://evil.example' }],
  [403, { host: '127.0.0.1:3100', origin: 'null' }],
  [403, { host: '127.0.0.1:3100', 'sec-fetch-site': 'cross-site' }],
  [403, { origin: 'http://evil.example', 'content-type': 'application/json', 'content-length': '2' }],
  [415, { origin: 'http://evil.example', 'content-type': 'text/plain', 'content-length': '2' }],
  [415, { origin: 'http://evil.example', 'content-length': '2' }],
])('SIM-172 no web page reaches the control API through a browser: %i under %j', async (code, headers) => {
  const { simulator } = await servedWorld()
  expect(await statusUnder(simulator.controlUrl, headers)).toBe(code)
})
