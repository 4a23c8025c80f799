import { describe, expect, test } from 'vitest'
import {
  addMember,
  callbacks,
  cleanText,
  complain,
  create,
  type Endpoint,
  endpoints,
  exit,
  isCleanText,
  listByMember,
  listByMHTag,
  openApi,
  testCallback,
} from '../src/index.ts'

const codesOf = (endpoint: Endpoint) =>
  Object.fromEntries(Object.values(endpoint.refusals).map(({ code, message }) => [code, message]))

describe('the numbers of the page', () => {
  test('AM-1…AM-12 addMember has the twelve codes of the page and its words', () => {
    expect(codesOf(addMember)).toEqual({
      '-1': '无效token',
      '-2': 'botUserId的bot不存在',
      '-3': 'botUserId存在多个机器人',
      '-4': '不是企业微信',
      '-5': 'bot不在线',
      '-6': '群聊加载失败',
      '-7': '拉入群聊失败',
      '-8': '和bot不是好友关系',
      '-9': '群聊中已经存在此好友',
      '-10': '群人数达到上限(500)',
      '-11': 'bot不在群内',
      '-12': '该群是内部群,不执行此操作',
    })
  })

  test('CR-1…CR-10 create has the ten codes of the page and its words, and words of its own for too many people', () => {
    expect(codesOf(create)).toEqual({
      '-1': '无效token',
      '-2': 'botUserId的bot不存在',
      '-3': 'botUserId存在多个机器人',
      '-4': '不是企业微信',
      '-5': 'bot不在线',
      '-6': '同事不存在',
      '-7': 'contact不存在',
      '-8': 'contact加载失败',
      '-9': '创建群聊失败',
      '-10': '创建群人数不足',
    })
  })

  test('EX-1…EX-11 exit has the eleven codes of the page and its words', () => {
    expect(codesOf(exit)).toEqual({
      '-1': '无效token',
      '-2': 'wecomUserId的bot不存在',
      '-3': 'wecomUserId存在多个机器人',
      '-4': '托管账号未正确登录',
      '-5': '不是企业微信',
      '-6': 'bot不在线',
      '-7': '托管账号不在群内',
      '-8': '群聊不存在',
      '-9': '群聊加载失败',
      '-10': '退出群聊失败',
      '-11': '因托管账号是群主,退出群聊失败,请在手机端退出',
    })
  })

  test('G-10 the order of a table is the order of its checks', () => {
    expect(Object.values(addMember.refusals).map(({ code }) => code)).toEqual([
      -1, -2, -3, -4, -5, -6, -11, -12, -9, -8, -10, -7,
    ])
    expect(Object.values(exit.refusals).map(({ code }) => code)).toEqual([
      -1, -2, -3, -4, -5, -6, -8, -7, -9, -11, -10,
    ])
  })

  test('G-4 an invalid token is -1 everywhere', () => {
    for (const endpoint of endpoints)
      expect([endpoint.path, endpoint.refusals['token-invalid'].code]).toEqual([endpoint.path, -1])
  })
})

describe('requests', () => {
  const valid = { token: 't', botUserId: 'xiaobei', contactWxid: '7881300000000001', roomWxid: 'R:1' }

  test.each([
    [
      'a missing field',
      { roomWxid: undefined },
      'roomWxid: 应为字符串, 没有给出 (expected a string; nothing was given)',
    ],
    [
      'a number for a string',
      { contactWxid: 788 },
      'contactWxid: 应为字符串, 给出的是整数 (expected a string; given: a whole number)',
    ],
    [
      'an array for a string',
      { roomWxid: ['R:1'] },
      'roomWxid: 应为字符串, 给出的是 1 项的数组 (expected a string; given: a list of 1 item)',
    ],
    [
      'an empty id',
      { roomWxid: '' },
      'roomWxid: 不能为空, 给出的是空文本 (expected not to be empty; given: empty text)',
    ],
    [
      'an endless id',
      { roomWxid: 'R:'.repeat(100) },
      'roomWxid: 最多 128 个字符, 给出的是 200 个字符的文本 (expected at most 128 characters; given: text of 200 characters)',
    ],
    [
      'an id of too many emoji',
      { roomWxid: '😀'.repeat(129) },
      'roomWxid: 最多 128 个字符, 给出的是 129 个字符的文本 (expected at most 128 characters; given: text of 129 characters)',
    ],
    [
      'a NUL',
      { roomWxid: 'R:\0' },
      'roomWxid: 应为不含 NUL 与半个字符的文本, 给出的是 3 个字符的文本 (expected text without NUL and lone surrogates; given: text of 3 characters)',
    ],
    [
      'a lone surrogate',
      { roomWxid: 'R:\ud800' },
      'roomWxid: 应为不含 NUL 与半个字符的文本, 给出的是 3 个字符的文本 (expected text without NUL and lone surrogates; given: text of 3 characters)',
    ],
  ])('G-5 %s is named with its field and what is expected', (_what, wrong, message) => {
    const input = { ...valid, ...wrong }
    const read = addMember.request.safeParse(input)
    expect(read.success).toBe(false)
    expect(complain(read.error!, input)).toBe(message)
  })

  test('G-5 a complaint never repeats the value: a token may stand in it', () => {
    const input = { ...valid, token: ['secret-canary'] }
    const read = addMember.request.safeParse(input)
    expect(complain(read.error!, input)).not.toContain('canary')
  })

  test('G-5 unknown fields are ignored', () => {
    expect(addMember.request.parse({ ...valid, workspaceId: 'x', constructor: 1 })).toEqual(valid)
  })

  test('CR-10 the lists of create may be absent or null; both count as empty', () => {
    const ask = create.request.parse({ token: 't', botUserId: 'xiaobei', userIds: null })
    expect(ask).toMatchObject({ userIds: [], unionIds: [], wxids: [] })
  })

  test.each([
    [{}, { current: 1, pageSize: 20 }],
    [
      { current: '', pageSize: '' },
      { current: 1, pageSize: 20 },
    ],
    [{ current: '0' }, { current: 1, pageSize: 20 }],
    [
      { current: '7', pageSize: '1000' },
      { current: 7, pageSize: 100 },
    ],
    [
      { current: '9223372036854775807', pageSize: '9'.repeat(400) },
      { current: 2 ** 31 - 1, pageSize: 100 },
    ],
    [
      { current: '0000000000000000002', pageSize: '000000000003' },
      { current: 2, pageSize: 3 },
    ],
  ])('LT-3 G-7 the query %o is read as %o', (query, page) => {
    expect(listByMHTag.request.parse({ token: 't', ...query })).toMatchObject(page)
  })

  test.each([
    { current: 'one' },
    { current: '-1' },
    { current: '1.5' },
    { pageSize: '0' },
    { pageSize: '１０' },
  ])('G-5 the query %o breaks the schema', query => {
    expect(listByMHTag.request.safeParse({ token: 't', ...query }).success).toBe(false)
  })

  test('LM-3 listByMember wants a contactWxid', () => {
    expect(listByMember.request.safeParse({ token: 't' }).success).toBe(false)
  })
})

describe('text', () => {
  test('G-5 an id of 128 characters is taken, though each be two of UTF-16', () => {
    const ask = { token: 't', botUserId: 'b', contactWxid: 'c', roomWxid: '😀'.repeat(128) }
    expect(addMember.request.safeParse(ask)).toMatchObject({ success: true })
  })

  test.each([
    ['a'.repeat(250_000), 250_000],
    ['群'.repeat(80_000), 80_000],
    ['😀'.repeat(60_000), 60_000],
    // One whole between two halves.
    [`\ud83d${'😀'}\ude00`.repeat(100), 300],
  ])(
    'G-5 of a text that is too long, however long, it is told how many characters it has',
    (roomWxid, count) => {
      const ask = { token: 't', botUserId: 'b', contactWxid: 'c', roomWxid }
      const told = complain(addMember.request.safeParse(ask).error!, ask)
      expect(told).toContain(`给出的是 ${count} 个字符的文本`)
    },
  )

  test('G-5 NUL and lone surrogates are unclean, emoji and rare characters are not', () => {
    expect(['a\0b', '\ud83d', 'x\udc00'].map(isCleanText)).toEqual([false, false, false])
    expect(['👨‍👩‍👧', '𠮷', ''].map(isCleanText)).toEqual([true, true, true])
  })

  test('G-5 what a puppet sends is mended, not refused', () => {
    expect(cleanText('a\0b\ud800')).toBe('a\ufffdb\ufffd')
  })
})

describe('OpenAPI', () => {
  const document = JSON.parse(JSON.stringify(openApi({ server: '/', version: '0.1.0' })))

  test('OA-1 every endpoint and callback of the contract is described', () => {
    expect(Object.keys(document.paths)).toEqual(endpoints.map(endpoint => endpoint.path))
    expect(Object.keys(document.webhooks)).toEqual(
      [...callbacks, testCallback].map(callback => callback.kind),
    )
  })

  test('OA-2 every reference leads to a schema in components', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(match => match[1]!)
    expect(references.length).toBeGreaterThan(5)
    for (const reference of references) {
      expect(reference).toMatch(/^#\/components\/schemas\//)
      expect(document.components.schemas).toHaveProperty(reference.split('/').at(-1)!)
    }
    expect(JSON.stringify(document)).not.toContain('$defs')
  })

  test.each(endpoints.map(endpoint => [endpoint.path, endpoint] as const))(
    'OA-3 %s shows a whole request that its schema takes, under the tag of its noun',
    (path, endpoint: Endpoint) => {
      expect(endpoint.request.safeParse(endpoint.example).success).toBe(true)
      const { tags, parameters, requestBody } = Object.values(document.paths[path])[0] as {
        tags: string[]
        parameters?: { name: string; in: string; example?: unknown }[]
        requestBody?: { content: { 'application/json': { example: object } } }
      }
      expect(document.tags).toContainEqual({ name: tags[0], description: expect.stringContaining(' / ') })
      const shown =
        requestBody?.content['application/json'].example ??
        Object.fromEntries(
          parameters!.filter(({ example }) => example !== undefined).map(each => [each.name, each.example]),
        )
      expect(shown).toEqual(endpoint.example)
    },
  )

  test('OA-3 examples that are given stand in the place of those of the contract', () => {
    const examples = { exit: { token: 't', wecomUserId: 'u', roomWxid: 'R:1' } }
    const given = JSON.parse(
      JSON.stringify(openApi({ server: 'https://qunhub.example', version: '1', examples })),
    )
    expect(given.servers).toEqual([{ url: 'https://qunhub.example' }])
    expect(given.paths['/room/exit'].post.requestBody.content['application/json'].example).toEqual(
      examples.exit,
    )
  })

  test('OA-3 CB-6 a callback is described with the headers by which it is verified', () => {
    for (const { post } of Object.values(document.webhooks) as { post: { parameters: { name: string }[] } }[])
      expect(post.parameters.map(({ name }) => name)).toEqual([
        'webhook-id',
        'webhook-timestamp',
        'webhook-signature',
      ])
  })

  test('AM-25 CR-25 the headers that change what is done are described where they count, and nowhere else', () => {
    const headersOf = (path: string) =>
      (document.paths[path].post.parameters ?? []).map((each: { name: string; in: string }) => [
        each.in,
        each.name,
      ])
    expect(headersOf('/room/addMember')).toEqual([['header', 'Prefer']])
    expect(headersOf('/room/create')).toEqual([['header', 'Idempotency-Key']])
    expect(headersOf('/room/exit')).toEqual([])
    const answers = document.paths['/room/addMember'].post.responses
    expect(Object.keys(answers[200].headers)).toEqual(['Preference-Applied'])
    expect(document.paths['/room/create'].post.responses[200]).not.toHaveProperty('headers')
  })

  test.each([
    ['room/joined', 'joinedMembers'],
    ['room/left', 'leftMembers'],
    ['room/topic', null],
  ])('NB-6 %s is described flat, in its order, with its own name for its members', (kind, members) => {
    const reference = document.webhooks[kind].post.requestBody.content['application/json'].schema
      .$ref as string
    const { properties } = document.components.schemas[reference.split('/').at(-1)!]
    expect(Object.keys(properties)).toEqual([
      'chatId',
      'botInfo',
      'imRoomId',
      'topic',
      'avatarUrl',
      'ownerImContactId',
      ...(members ? [members] : []),
      'groupId',
      'timestamp',
    ])
    expect(properties.timestamp.type).toBe('string')
    expect(Object.keys(document.components.schemas.RoomEventBot.properties)).toEqual([
      'imBotId',
      'wecomUserId',
      'nickName',
    ])
    expect(Object.keys(document.components.schemas.RoomEventMember.properties)).toEqual([
      'imContactId',
      'nickName',
      'avatarUrl',
      'roomAlias',
      'isFriend',
      'contactType',
      'coworker',
      'isSelf',
    ])
  })
})
