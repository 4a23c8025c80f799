import { connect } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Log } from '../../packages/gateway/src/system/log.ts'

let house: House
const clock = new ManualClock()
const lines: { level: string; [fact: string]: unknown }[] = []
const keep = (level: string) => (facts: object) => void lines.push({ level, ...facts })
const log: Log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') }

beforeAll(async () => {
  house = await openHouse({
    clock,
    log,
    env: { QUNHUB_BASE_PATH: '/open/api', QUNHUB_TRUST_PROXY: '127.0.0.1,::ffff:127.0.0.1' },
  })
})
afterAll(() => house.close())

const exit = (token: string) => JSON.stringify({ token, wecomUserId: 'nobody', roomWxid: 'R:1' })
const KIB = 1024

/** Sends these very bytes and gives back all that comes until the connection closes; may shut its side after a while. */
function overSocket(text: string, shutAfterMs?: number, { baseUrl } = house): Promise<string> {
  const { hostname, port } = new URL(baseUrl)
  return new Promise((resolve, reject) => {
    let heard = ''
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      if (shutAfterMs === 0) return socket.end(text)
      socket.write(text)
      if (shutAfterMs !== undefined) setTimeout(() => socket.end(), shutAfterMs)
    })
    socket.setEncoding('utf8').on('data', chunk => {
      heard += chunk
    })
    socket.on('close', () => resolve(heard)).on('error', reject)
  })
}

describe('G-14 encoded bodies', () => {
  const post = (bytes: Buffer, encoding: string) =>
    house.send('/room/exit', {
      method: 'POST',
      headers: { 'content-encoding': encoding },
      body: new Uint8Array(bytes),
    })

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (text: string) => Buffer.from(text)],
  ])('G-14 a body in %s is read', async (encoding, encode) => {
    expect((await post(encode(exit(house.token)), encoding)).body).toMatchObject({ code: -2 })
  })

  test.each([
    [
      'what is unfolded is longer than 256 KiB',
      'gzip',
      gzipSync(`{"x":"${'x'.repeat(5000 * KIB)}"}`),
      '256 KiB',
    ],
    ['it is none', 'gzip', Buffer.from('{"token":"x"}'), 'gzip'],
    ['it is cut off', 'gzip', gzipSync(exit('x')).subarray(0, 30), 'gzip'],
    ['nobody knows it', 'zstd', Buffer.from('{}'), 'Content-Encoding'],
    ['it is folded twice', 'gzip, gzip', gzipSync(gzipSync('{}')), 'Content-Encoding'],
  ])('G-14 an encoded body is HTTP 400 where %s', async (_why, encoding, bytes, words) => {
    const { status, body } = await post(bytes, encoding)
    expect({ status, body }).toEqual({
      status: 400,
      body: { code: 400, message: expect.stringContaining(words) },
    })
  })
})

test('G-15 HEAD is GET without the content, on every path that has GET', async () => {
  const token = `token=${house.token}`
  const paths = ['/health', '/ready', '/metrics', '/openapi.json', '/manage/openapi.json']
  for (const path of [...paths, `/room/listByMHTag?${token}`, `/room/listByMember?${token}&contactWxid=1`]) {
    const [get, head] = [await house.send(path), await house.send(path, { method: 'HEAD' })]
    expect([path, head.status, head.text]).toEqual([path, get.status, ''])
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'))
  }
  const wrong = await house.send('/room/addMember', { method: 'HEAD' })
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST'])
  const posted = await house.send('/health', { method: 'POST' })
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
})

test('G-16 slashes that stand together in a path are one, in a query they are what they are', async () => {
  const { origin } = new URL(house.baseUrl)
  for (const path of ['//room/exit', '/room//exit', '///room///exit']) {
    const answer = await house.send(path, { method: 'POST', body: exit(house.token) })
    expect([path, answer.body]).toEqual([path, { code: -2, message: 'wecomUserId的bot不存在' }])
  }
  expect((await fetch(`${origin}//open/api//health`)).status).toBe(200)
  expect((await house.send('//manage//nothing', { method: 'POST' })).body).toMatchObject({ ok: false })
  const listed = await house.send(`//room/listByMHTag?mhTagId=a//b&token=${house.token}`)
  expect(listed.body).toMatchObject({ code: 0 })
})

test.each([
  ['two Host headers', 'Host: a\r\nHost: b\r\n'],
  ['two Host headers that say the same', 'Host: a\r\nhost: a\r\n'],
  ['a Host that is none', 'Host: a b\r\n'],
  ['a Host with a path', 'Host: a/b\r\n'],
])('G-5 %s: HTTP 400, and the connection is closed', async (_what, headers) => {
  const answer = await overSocket(`GET /open/api/health HTTP/1.1\r\n${headers}\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*connection: close[\s\S]*\{"code":400,"message":"Host: /i)
})

test.each([
  ['a URL that is not encoded', 'GET', '/open/api/room/listByMember?contactWxid=张三', '', 'URL: .*%XX'],
  ['a URL that is too long', 'GET', `/open/api/health?${'x'.repeat(20_000)}`, '', '请求头: .*16 KiB'],
  ['a tunnel', 'CONNECT', 'example.com:443', '', '不是有效的 HTTP 请求'],
  [
    'a coding of the transfer that nobody undoes',
    'POST',
    '/open/api/room/exit',
    'Transfer-Encoding: gzip, chunked\r\n',
    'Transfer-Encoding: ',
  ],
])(
  'G-5 %s: HTTP 400 says so, and the connection is closed',
  async (_what, method, target, headers, words) => {
    const answer = await overSocket(`${method} ${target} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*connection: close/i)
    expect(answer).toMatch(new RegExp(`\\{"code":400,"message":"${words}`))
  },
)

test('G-5 who asks for a tunnel and is gone at once harms nobody', async () => {
  const { hostname, port } = new URL(house.baseUrl)
  for (let time = 0; time < 20; time++) {
    const socket = connect(Number(port), hostname)
    const gone = new Promise(resolve => socket.once('close', resolve))
    socket.write('CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', () => socket.resetAndDestroy())
    await gone
  }
  expect((await house.get('/health')).status).toBe(200)
})

describe('G-22 half-closed connections', () => {
  const get = (path: string) => `GET /open/api${path} HTTP/1.1\r\nHost: a\r\n\r\n`
  const post = (body: string) =>
    `POST /open/api/room/exit HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`

  test.each([
    ['GET', () => get(`/room/listByMHTag?token=${house.token}`), 1],
    ['POST', () => post(exit(house.token)), 1],
    ['two that are pipelined', () => get('/health') + post(exit(house.token)), 2],
  ])(
    'G-22 %s: who shuts his side with his request is answered, and ours is shut then',
    async (_what, text, count) => {
      for (let time = 0; time < 2; time++) {
        const answer = await overSocket(text(), 0)
        expect(answer.match(/HTTP\/1\.1 200 /g)).toHaveLength(count)
        expect(answer).toMatch(/\}$/)
      }
    },
  )

  describe('a call that takes its time', () => {
    let own: House
    beforeAll(async () => {
      own = await openHouse()
    })
    afterAll(() => own.close())

    const exitSome = async (shutAfterMs: number) => {
      const { world } = own
      const bot = world.addBot({ userId: `bot${shutAfterMs}` })
      const { wxid } = world.addRoom({ ownerId: world.addCoworker().wxid, members: [bot.wxid] })
      await own.host(bot)
      const ask = JSON.stringify({ token: own.token, wecomUserId: bot.userId, roomWxid: wxid })
      return overSocket(post(ask).replace('/open/api', ''), shutAfterMs, own)
    }

    test('G-22 who shuts his side with his request hears what came of it', async () => {
      expect(await exitSome(0)).toMatch(/^HTTP\/1\.1 200 [\s\S]*\{"code":0,"message":"ok"\}$/)
    })

    test('G-22 MET-7 who shuts his side while he waits for his answer has left', async () => {
      own.simulator.faults.add({ on: 'roomQuit', mode: 'hang' })
      expect(await exitSome(1500)).toBe('')
      await eventually('it is counted', async () =>
        /qunhub_cut_off_total\{endpoint="\/room\/exit"\} 1/.test((await own.send('/metrics')).text),
      )
    })
  })

  test('G-22 half a request is none', async () => {
    expect(await overSocket(post('{"token":"x"}').slice(0, -1), 0)).toMatch(/^HTTP\/1\.1 400 |^$/)
  })
})

describe('G-12 G-17 strangers', () => {
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const fill = async (address: string) => {
    for (let n = 0; n < 500; n++) await house.send('/room/listByMHTag', { headers: from(address) })
  }
  const status = async (address: string) =>
    (await house.send('/room/listByMHTag', { headers: from(address) })).status

  test('G-12 a network of IPv6 is one address, and so is an IPv4 address however it is written', async () => {
    await fill('2001:db8::1')
    expect(await status('2001:db8:0:0:ffff::9')).toBe(429)
    expect(await status('2001:db8:0:1::1')).toBe(200)
    await fill('198.51.100.7')
    expect(await status('::ffff:198.51.100.7')).toBe(429)
    clock.advance(60_000)
  })

  test('G-12 what a proxy forwards and is no address counts for the proxy', async () => {
    await fill('what I like')
    expect(await status('something else')).toBe(429)
    expect(await status('198.51.100.8')).toBe(200)
    clock.advance(60_000)
  })

  test('G-17 a long body of an address over its limit is not read, a token before it or a short one is', async () => {
    const headers = from('198.51.100.9')
    const long = exit(house.token).replace('{', `{"padding":"${'x'.repeat(20 * KIB)}",`)
    const post = (path: string, body: string) => house.send(path, { method: 'POST', headers, body })
    expect((await post('/room/exit', long)).body).toMatchObject({ code: -2 })
    await fill('198.51.100.9')
    const refused = await post('/room/exit', long)
    expect([refused.status, refused.headers.get('connection')]).toEqual([429, 'close'])
    expect((await post(`/room/exit?token=${house.token}`, long)).body).toMatchObject({ code: -2 })
    expect((await post('/room/exit', exit(house.token))).body).toMatchObject({ code: -2 })
    expect((await post('/room/exit', exit('nobody'))).status).toBe(429)
    clock.advance(60_000)
  })

  test('G-17 a compressed body counts as a long one', async () => {
    const unread = { ...from('198.51.100.10'), 'content-encoding': 'gzip' }
    const post = (path: string, headers = unread) =>
      house.send(path, { method: 'POST', headers, body: gzipSync(exit(house.token)) })
    expect((await post('/room/exit')).body).toMatchObject({ code: -2 })
    await fill('198.51.100.10')
    const refused = await post('/room/exit')
    expect([refused.status, refused.headers.get('connection')]).toEqual([429, 'close'])
    expect((await post(`/room/exit?token=${house.token}`)).body).toMatchObject({ code: -2 })
    const plain = { ...unread, 'content-encoding': 'identity' }
    const body = exit(house.token)
    expect((await house.send('/room/exit', { method: 'POST', headers: plain, body })).body).toMatchObject({
      code: -2,
    })
    clock.advance(60_000)
  })

  test('G-17 a long body to nowhere is not read', async () => {
    const head = `POST /open/api/nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: ${200 * KIB}\r\n\r\n{`
    expect(await overSocket(head)).toMatch(/^HTTP\/1\.1 404 [\s\S]*\{"code":404/)
  })
})

describe('G-13 what the log says of an answer', () => {
  const since = (at: number) => lines.slice(at).filter(line => 'route' in line && 'ms' in line)

  test('G-13 a refusal is told with its code, whose it was and which bot was meant, and without a token', async () => {
    const bot = house.world.addBot({ userId: 'xiaobei' })
    const botId = await house.host(bot)
    const workspace = house.workspaceId
    const at = lines.length
    const asked = { contactWxid: '788', roomWxid: 'R:1' }
    await house.post('/room/addMember', { botUserId: 'xiaobei', ...asked })
    await house.post('/room/addMember', { botUserId: 'nobody', ...asked })
    await house.post('/room/create', { botUserId: 'xiaobei', wxids: ['a', 'b'] })
    await house.post('/room/exit', { wecomUserId: 7 })
    await house.get('/room/listByMHTag', { pageSize: '0' })
    await house.get('/room/listByMHTag')
    const told = since(at).map(({ level, route, status, code, ...facts }) => {
      const { workspace, userId, bot } = facts
      return [level, String(route).slice('/open/api'.length), status, code, workspace, userId, bot]
    })
    expect(told).toEqual([
      ['info', '/room/addMember', 200, -6, workspace, 'xiaobei', botId],
      ['info', '/room/addMember', 200, -2, workspace, 'nobody', undefined],
      ['info', '/room/create', 200, -7, workspace, 'xiaobei', botId],
      ['info', '/room/exit', 400, 400, workspace, undefined, undefined],
      ['info', '/room/listByMHTag', 400, 400, workspace, undefined, undefined],
      ['debug', '/room/listByMHTag', 200, 0, workspace, undefined, undefined],
    ])
    expect(JSON.stringify(lines)).not.toContain(house.token)
  })

  test('G-13 of strangers ten lines a minute are told, and how many were not', async () => {
    clock.advance(60_000)
    const at = lines.length
    for (let n = 0; n < 15; n++) {
      await house.send('/room/exit', { method: 'POST', body: exit('nobody') })
      await house.send('/manage/list-bots', { method: 'POST' })
    }
    expect(since(at).filter(({ level }) => level === 'info')).toHaveLength(10)
    clock.advance(60_000)
    const later = lines.length
    await house.send('/room/exit', { method: 'POST', body: exit('nobody') })
    expect(since(later)).toMatchObject([{ level: 'info', code: -1, untoldBefore: 20 }])
  })
})
