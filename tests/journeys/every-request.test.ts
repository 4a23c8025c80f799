import { connect } from 'node:net'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse, type Tenancy } from '@qunhub/testing/grounds/open-house.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Log } from '../../packages/gateway/src/system/log.ts'

let house: House
const clock = new ManualClock()
const logged: string[] = []
const keep = (facts: object, sentence: string) => void logged.push(JSON.stringify(facts) + sentence)
const log: Log = { debug: keep, info: keep, warn: keep, error: keep }

beforeAll(async () => {
  house = await openHouse({ clock, log, env: { QUNHUB_BASE_PATH: '/open/api' } })
})
afterAll(() => house.close())

const valid: Record<string, object> = {
  '/room/addMember': { botUserId: 'nobody', contactWxid: '788', roomWxid: 'R:1' },
  '/room/create': { botUserId: 'nobody', wxids: ['1', '2'] },
  '/room/exit': { wecomUserId: 'nobody', roomWxid: 'R:1' },
}
const posts = Object.keys(valid)
const gets = ['/room/listByMHTag', '/room/listByMember']

/** POSTs these very bytes. */
const raw = (
  path: string,
  body: string | Buffer,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) => house.send(path, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) })
const codeOf = (body: unknown) => {
  const { code, errcode } = body as { code?: number; errcode?: number }
  return errcode ?? code
}
const messageOf = (body: unknown) => {
  const { message, errmsg } = body as { message?: string; errmsg?: string }
  return errmsg ?? message
}

describe('G-1 JSON in, JSON out', () => {
  const contentTypes = [
    'application/json',
    "application/json;charset='utf-8'",
    'text/plain',
    'application/x-www-form-urlencoded',
    'nonsense',
  ]
  const typed = posts.flatMap(path => contentTypes.map(contentType => [path, contentType] as const))

  test.each(typed)(
    'G-1 %s reads a body as JSON whatever its content type says: %s',
    async (path, contentType) => {
      const body = JSON.stringify({ token: house.token, ...valid[path] })
      expect(codeOf((await raw(path, body, { 'content-type': contentType })).body)).toBe(-2)
    },
  )

  test('G-1 a missing content type is read as JSON', async () => {
    const answer = await overSocket(
      `POST /open/api/room/exit HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`,
    )
    expect(answer).toContain('{"code":-1,"message":"无效token"}')
  })

  test.each([...posts, ...gets])('G-1 %s answers JSON in UTF-8, and nobody may keep it', async path => {
    const answer = posts.includes(path)
      ? await house.post(path, valid[path]!)
      : await house.get(path, { contactWxid: '1' })
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]{12,}$/)
  })
})

describe('G-2 where the token may stand', () => {
  const body = { wecomUserId: 'nobody', roomWxid: 'R:1' }
  const reached = { code: -2, message: 'wecomUserId的bot不存在' }

  test('G-2 POST: the body goes before the query', async () => {
    expect(
      (await raw(`/room/exit?token=nobody`, JSON.stringify({ ...body, token: house.token }))).body,
    ).toEqual(reached)
  })

  test('G-2 POST: the query goes before the header', async () => {
    const headers = { authorization: 'Bearer nobody' }
    expect((await raw(`/room/exit?token=${house.token}`, JSON.stringify(body), headers)).body).toEqual(
      reached,
    )
  })

  test('G-2 POST: at last the header', async () => {
    expect(
      (await raw('/room/exit', JSON.stringify(body), { authorization: `Bearer ${house.token}` })).body,
    ).toEqual(reached)
  })

  test('G-2 GET: the query, else the header', async () => {
    const headers = { authorization: `Bearer ${house.token}` }
    expect((await house.send('/room/listByMHTag', { headers })).body).toMatchObject({ code: 0 })
    expect((await house.send('/room/listByMHTag?token=nobody', { headers })).body).toMatchObject({ code: -1 })
  })
})

describe('G-3 G-4 refusals', () => {
  test.each(posts)('G-3 %s refuses with HTTP 200 and a number', async path => {
    const { status, body } = await house.post(path, valid[path]!)
    expect(status).toBe(200)
    expect(codeOf(body)).toBe(-2)
  })

  test.each([...posts, ...gets])(
    'G-4 %s answers -1 to an unknown, an empty and a missing token',
    async path => {
      for (const token of ['5f60998462c907003e1fa2c1', '', undefined]) {
        const { status, body } = posts.includes(path)
          ? await house.post(path, { ...valid[path], token })
          : await house.send(`${path}${token === undefined ? '' : `?token=${token}`}`)
        expect(status).toBe(200)
        expect(codeOf(body)).toBe(-1)
        expect(messageOf(body)).toBe('无效token')
      }
    },
  )

  test('G-4 a revoked token is unknown from then on', async () => {
    const { id, token } = await house.operate('issue-token', { workspace: house.workspaceId })
    expect((await house.get('/room/listByMHTag', { token })).body).toMatchObject({ code: 0 })
    await house.operate('revoke-token', { workspace: house.workspaceId, id })
    expect((await house.get('/room/listByMHTag', { token })).body).toMatchObject({ code: -1 })
  })

  test('G-4 a token too long to be one is unknown, too', async () => {
    expect((await house.get('/room/listByMHTag', { token: 'x'.repeat(2000) })).body).toMatchObject({
      code: -1,
    })
  })

  test('G-10 a bad token is named before a missing field', async () => {
    expect((await house.post('/room/addMember', { token: 'nobody' })).body).toEqual({
      code: -1,
      message: '无效token',
    })
  })
})

const unclean = (characters: number) =>
  `应为不含 NUL 与半个字符的文本, 给出的是 ${characters} 个字符的文本 (expected text without NUL and lone surrogates; given: text of ${characters} character${characters === 1 ? '' : 's'})`

describe('G-5 requests that break the schema', () => {
  const deep = (levels: number) => '['.repeat(levels - 1) + ']'.repeat(levels - 1)
  const breakages: [string, (path: string) => string | Buffer, string][] = [
    ['malformed JSON', () => '{"token":', '请求体: 不是有效的 JSON (expected JSON)'],
    [
      'an array instead of an object',
      () => '[]',
      '请求体: 应为 JSON 对象, 给出的是 0 项的数组 (expected a JSON object; given: a list of 0 items)',
    ],
    [
      'bytes that are no UTF-8',
      () => Buffer.from([0x7b, 0xff, 0x7d]),
      '请求体: 不是有效的 UTF-8 (expected UTF-8)',
    ],
    [
      '257 KiB',
      path => JSON.stringify({ ...valid[path], token: house.token, padding: 'x'.repeat(257 * 1024) }),
      '请求体: 不得超过 256 KiB (expected at most 256 KiB)',
    ],
    [
      'depth 20',
      path => JSON.stringify({ ...valid[path], token: house.token }).replace(/}$/, `,"deep":${deep(20)}}`),
      '请求体: 嵌套不得超过 16 层 (expected at most 16 levels)',
    ],
    [
      'a token that is a number',
      path => JSON.stringify({ ...valid[path], token: 5 }),
      'token: 应为字符串, 给出的是整数 (expected a string; given: a whole number)',
    ],
  ]
  const cases = posts.flatMap(path =>
    breakages.map(([what, body, message]) => [path, what, body, message] as const),
  )

  test.each(cases)('G-5 %s: %s is HTTP 400 with code 400', async (path, _what, body, message) => {
    const answer = await raw(path, body(path))
    expect(answer.status).toBe(400)
    expect(codeOf(answer.body)).toBe(400)
    expect(messageOf(answer.body)).toBe(message)
  })

  const fields = {
    '/room/addMember': 'roomWxid',
    '/room/create': 'botUserId',
    '/room/exit': 'wecomUserId',
  } as const
  const values: [string, unknown, string][] = [
    ['missing', undefined, '应为字符串, 没有给出 (expected a string; nothing was given)'],
    ['a number', 788, '应为字符串, 给出的是整数 (expected a string; given: a whole number)'],
    ['an array', ['R:1'], '应为字符串, 给出的是 1 项的数组 (expected a string; given: a list of 1 item)'],
    ['null', null, '应为字符串, 给出的是 null (expected a string; given: null)'],
    ['with a NUL', 'a\0b', unclean(3)],
    ['with a lone surrogate', 'a\ud800', unclean(2)],
    ['empty', '', '不能为空, 给出的是空文本 (expected not to be empty; given: empty text)'],
  ]
  const fieldCases = Object.entries(fields).flatMap(([path, field]) =>
    values.map(([what, value, says]) => [path, field, what, value, says] as const),
  )

  test.each(fieldCases)('G-5 %s: %s %s is named', async (path, field, _what, value, says) => {
    const answer = await house.post(path, { ...valid[path], [field]: value })
    expect(answer.status).toBe(400)
    expect(messageOf(answer.body)).toBe(`${field}: ${says}`)
  })

  test('G-5 a malformed request changes nothing, however effective the rest of it is', async () => {
    const { world } = house
    const bot = world.addBot({ userId: 'xiaobei' })
    const friends = [1, 2].map(() => world.addContact({ friendOf: [bot.wxid] }).wxid)
    const room = world.addRoom({
      ownerId: world.addCoworker().wxid,
      members: [bot.wxid, world.addContact().wxid],
    })
    await house.host(bot)
    const effective: Record<string, object> = {
      '/room/addMember': { botUserId: 'xiaobei', contactWxid: friends[0], roomWxid: room.wxid },
      '/room/create': { botUserId: 'xiaobei', wxids: friends },
      '/room/exit': { wecomUserId: 'xiaobei', roomWxid: room.wxid },
    }
    const before = JSON.stringify(world.snapshot())
    const lists = (await house.get('/room/listByMHTag')).text
    for (const path of posts) {
      const body = { token: house.token, ...effective[path] }
      const broken = [
        JSON.stringify(body).slice(0, -1),
        JSON.stringify({ ...body, padding: 'x'.repeat(257 * 1024) }),
        JSON.stringify(body).replace(/}$/, `,"deep":${deep(20)}}`),
        JSON.stringify({ ...body, [fields[path as keyof typeof fields]]: ['an array'] }),
        JSON.stringify({ ...body, [fields[path as keyof typeof fields]]: 'a\0' }),
      ]
      for (const request of broken) expect((await raw(path, request)).status).toBe(400)
    }
    expect(JSON.stringify(world.snapshot())).toBe(before)
    expect((await house.get('/room/listByMHTag')).text).toBe(lists)
  })

  test('G-5 depth 16 is welcome', async () => {
    const body = JSON.stringify({ token: house.token, ...valid['/room/exit'] }).replace(
      /}$/,
      `,"deep":${deep(16)}}`,
    )
    expect((await raw('/room/exit', body)).body).toMatchObject({ code: -2 })
  })

  test.each([
    [
      '/room/listByMHTag',
      'current=one',
      'current: 应为 0 或更大的整数, 给出的是 3 个字符的文本 (expected a whole number from 0 on; given: text of 3 characters)',
    ],
    [
      '/room/listByMHTag',
      'pageSize=0',
      'pageSize: 应为 1 到 100 的整数, 给出的是 1 个字符的文本 (expected a whole number from 1 to 100; given: text of 1 character)',
    ],
    ['/room/listByMHTag', 'mhTagId=%00', `mhTagId: ${unclean(1)}`],
    ['/room/listByMember', 'contactWxid=a%00', `contactWxid: ${unclean(2)}`],
  ])('G-5 %s?%s is HTTP 400, and data is there', async (path, query, message) => {
    const { status, body } = await house.send(`${path}?token=${house.token}&${query}`)
    expect({ status, body }).toEqual({ status: 400, body: { code: 400, message, data: [] } })
  })

  test('G-5 unknown fields are ignored, whatever they are called', async () => {
    const answer = await raw(
      '/room/exit',
      `{"token":"${house.token}","wecomUserId":"nobody","roomWxid":"R:1","__proto__":{"x":1},"constructor":{"prototype":{"y":1}}}`,
    )
    expect(answer.body).toMatchObject({ code: -2 })
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  test('G-5 an unknown route is 404, a wrong method 405 with what is allowed, both JSON', async () => {
    const unknown = await house.send('/room/nothing')
    expect([unknown.status, unknown.body]).toEqual([
      404,
      { code: 404, message: '没有这个接口 (no such route)' },
    ])
    const wrong = await house.send('/room/addMember', { method: 'GET' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await house.send('/room/listByMember', { method: 'DELETE' })).status).toBe(405)
    expect((await house.send('/room/%zz')).status).toBe(404)
  })

  test('G-5 what is no HTTP gets a JSON answer too', async () => {
    expect(await overSocket('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [\s\S]*\{"code":400/)
  })
})

describe('G-5 requests that break HTTP, or off', () => {
  const body = '{"wecomUserId":"nobody","roomWxid":"R:1"}'
  const head = (path: string, headers: string) =>
    `POST /open/api${path} HTTP/1.1\r\nContent-Length: ${body.length}\r\n${headers}\r\n`

  test.each([
    ['an Expect that nobody fulfils', 'Host: x\r\nExpect: foo\r\n', 'Expect: '],
    ['a missing Host', '', 'Host: '],
  ])('G-5 %s is HTTP 400 in JSON', async (_what, headers, names) => {
    const answer = await overSocket(head('/room/create', headers) + body)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toMatch(/content-type: application\/json; charset=utf-8/i)
    expect(answer).toContain(`{"errcode":400,"errmsg":"${names}`)
  })

  test('G-5 Expect: 100-continue is met, and HTTP/1.0 needs no Host', async () => {
    const close = 'Connection: close\r\n'
    const met = await overSocket(head('/room/exit', `Host: x\r\nExpect: 100-continue\r\n${close}`) + body)
    expect(met).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /)
    expect(await overSocket('GET /open/api/health HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('G-5 a caller who leaves in the middle of a body is nobody’s error', async () => {
    const before = logged.length
    const since = () => logged.slice(before)
    const { hostname, port } = new URL(house.baseUrl)
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      socket.write(`${head('/room/exit', 'Host: x\r\nExpect: 100-continue\r\n')}{"wecom`)
    })
    // The gateway reads the body by then.
    await new Promise(resolve => socket.once('data', resolve))
    socket.destroy()
    await eventually('the gateway to notice', () => since().some(line => line.includes('/room/exit')))
    expect(since().filter(line => line.includes('a request failed'))).toEqual([])
    expect(since().join('\n')).toContain('a caller left in the middle of a request')
  })
})

describe('G-6 the limit', () => {
  const burst = async (tenancy: Tenancy, count: number) => {
    const answers = []
    for (let n = 0; n < count; n++) {
      answers.push(await house.get(gets[n % 2]!, { token: tenancy.token, contactWxid: '1' }))
    }
    return answers
  }

  test('G-6 the 501st request within 30 s is 429 in plain text, over all endpoints; later the way is free', async () => {
    const tenancy = await house.anotherWorkspace()
    const answers = await burst(tenancy, 500)
    expect(answers.every(answer => answer.status === 200)).toBe(true)

    clock.advance(29_999)
    const refused = await house.post('/room/exit', { token: tenancy.token, ...valid['/room/exit'] })
    expect(refused.status).toBe(429)
    expect(refused.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(refused.headers.get('ratelimit-limit')).toBe('500')
    expect(refused.headers.get('ratelimit-remaining')).toBe('0')
    expect(refused.body).toBeUndefined()

    clock.advance(1)
    expect((await house.post('/room/exit', { token: tenancy.token, ...valid['/room/exit'] })).status).toBe(
      200,
    )
  })

  test('G-6 requests without a valid token count against their address, whatever is wrong with them', async () => {
    clock.advance(60_000)
    const bad = [
      () => house.get('/room/listByMHTag', { token: 'nobody' }),
      () => raw('/room/exit', '{"token":'),
      () => raw('/room/exit', '[]'),
      () => house.post('/room/exit', { token: 5 }),
    ]
    for (let n = 0; n < 500; n++) expect((await bad[n % bad.length]!()).status).not.toBe(429)
    for (const ask of bad) expect((await ask()).status).toBe(429)
    expect((await house.get('/room/listByMHTag')).status).toBe(200)
    clock.advance(60_000)
  })

  test('G-6 body, query and header count as one token; another token is not touched', async () => {
    clock.advance(60_000)
    const tenancy = await house.anotherWorkspace()
    await burst(tenancy, 498)
    const { token } = tenancy
    const bare = JSON.stringify(valid['/room/exit'])
    expect((await raw(`/room/exit?token=${token}`, bare)).status).toBe(200)
    expect((await raw('/room/exit', bare, { authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await raw('/room/exit', JSON.stringify({ token, ...valid['/room/exit'] }))).status).toBe(429)
    expect((await house.get('/room/listByMHTag')).status).toBe(200)
  })
})

describe('G-7 G-8', () => {
  test('G-7 of a repeated query key the first wins', async () => {
    const { body } = await house.send(
      `/room/listByMHTag?token=${house.token}&token=nobody&current=3&current=4`,
    )
    expect(body).toMatchObject({ code: 0, page: { current: 3 } })
  })

  test('G-7 empty numbers mean the default', async () => {
    expect((await house.get('/room/listByMHTag', { current: '', pageSize: '' })).body).toMatchObject({
      page: { current: 1 },
    })
  })

  test('G-8 the whole API stands under the path prefix, and nowhere else', async () => {
    expect(house.baseUrl.endsWith('/open/api')).toBe(true)
    const { origin } = new URL(house.baseUrl)
    expect((await fetch(`${origin}/room/listByMHTag?token=${house.token}`)).status).toBe(404)
    expect((await fetch(`${origin}/open/api/health`)).status).toBe(200)
  })
})

describe('G-9 what the log may know', () => {
  test('G-9 no token, secret or query string is in any line', async () => {
    await house.get('/room/listByMember', { contactWxid: 'canary-contact' })
    await raw(`/room/exit?token=${house.token}&secret=canary-query`, '{}', {
      authorization: 'Bearer canary-header',
    })
    expect(logged.length).toBeGreaterThan(100)
    const everything = logged.join('\n')
    for (const canary of [house.token, 'canary', '?token', 'contactWxid='])
      expect(everything).not.toContain(canary)
  })
})

describe('probes', () => {
  test('G-5 /health and /ready need no token and tell no detail', async () => {
    expect((await house.send('/health')).body).toEqual({ status: 'ok' })
    expect((await house.send('/ready')).body).toEqual({ status: 'ready' })
  })

  test('OA-1 the contract is served as OpenAPI, with a path for its server: nobody knows by which URL people come', async () => {
    const { body } = await house.send('/openapi.json')
    expect(body).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/open/api' }] })
  })
})

function overSocket(request: string): Promise<string> {
  const { hostname, port } = new URL(house.baseUrl)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(request))
    let answer = ''
    socket.setEncoding('utf8').on('data', chunk => {
      answer += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}
