import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { openCustomer } from '@qunhub/testing/receivers/customer.ts'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Clock, systemClock } from '../../../system/clock.ts'
import { systemRandom } from '../../../system/random.ts'
import type { Finding, Verdict } from '../../show/report.ts'
import { checksFor, conformApi } from './conform-api.ts'
import { roundedNumber } from './expectation.ts'

let house: House
beforeAll(async () => {
  house = await openHouse({ store: 'sqlite' })
  const { world } = house
  const bot = world.addBot({ userId: 'xiaobei' })
  const friends = [1, 2, 3].map(() => world.addContact({ friendOf: [bot.wxid] }).wxid)
  for (let n = 0; n < 4; n++)
    world.addRoom({ ownerId: world.addCoworker().wxid, members: [bot.wxid, friends[0]!] })
  await house.host(bot)
})
afterAll(() => house.close())

const conform = async (
  base: string,
  { clock = systemClock, token = '' }: { clock?: Clock; token?: string } = {},
) => {
  const own = token || (await house.operate('issue-token', { workspace: house.workspaceId })).token
  return conformApi({
    base: new URL(base),
    choice: { token: own, tag: undefined, bot: undefined, contacts: [] },
    mayWrite: false,
    clock,
    random: systemRandom,
  })
}

const named = (findings: readonly Finding[], verdict: Verdict): string[] =>
  findings.filter(finding => finding.verdict === verdict).map(({ check }) => check)

interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Record<string, unknown>
}
interface Told {
  status: number
  contentType: string
  json: unknown
}
/** Changes what our gateway answers, or returns what it is to be asked instead. */
interface Lie {
  readonly of: (asked: Asked) => boolean
  readonly tell: (told: Told, asked: Asked) => void
  /** Another query is asked than was. */
  readonly ask?: (query: URLSearchParams) => void
  readonly failed?: readonly string[]
  readonly warned?: readonly string[]
  readonly unseen?: readonly string[]
}

/** Our gateway with somebody before it who lies. */
async function liar(lies: readonly Lie[]): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const { pathname, searchParams: query } = new URL(request.url!, 'http://x')
    const asked = { method: request.method!, path: pathname, query, body: parsed(body.toString()) }
    const told = lies.filter(({ of }) => of(asked))
    for (const { ask } of told) ask?.(query)
    const { 'content-type': type, authorization } = request.headers
    const heard = await fetch(`${house.baseUrl}${pathname}?${query}`, {
      method: request.method!,
      headers: { ...(type ? { 'content-type': type } : {}), ...(authorization ? { authorization } : {}) },
      ...(body.length > 0 ? { body } : {}),
    })
    const answer: Told = {
      status: heard.status,
      contentType: heard.headers.get('content-type') ?? '',
      json: parsed(await heard.text()),
    }
    for (const { tell } of told) tell(answer, asked)
    response.writeHead(answer.status, { 'content-type': answer.contentType }).end(JSON.stringify(answer.json))
  })
  await new Promise<void>(up => server.listen(0, '127.0.0.1', up))
  onTestFinished(() => void server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const parsed = (text: string): Record<string, unknown> => {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}
const rows = ({ json }: Told) => (json as { data: Record<string, unknown>[] }).data
const at =
  (path: string, more: (asked: Asked) => boolean = () => true) =>
  (asked: Asked): boolean =>
    asked.path === path && more(asked)
const answering =
  (json: object, status = 200) =>
  (told: Told) => {
    told.json = json
    told.status = status
  }
const isOdd = ({ query }: Asked) => query.get('token') === '' || !query.has('token')
const NOBODY = 'qunhub-conform-nobody'

const lies: readonly Lie[][] = [
  [
    {
      of: at('/room/listByMHTag', ({ query }) => query.get('pageSize') === '100'),
      tell(told) {
        for (const row of rows(told)) row['memberCount'] = 99
      },
      failed: ['listByMHTag'],
    },
    {
      of: at('/room/list', ({ query }) => query.get('current') === '1'),
      tell: told => ((told.json as { page: { total: number } }).page.total += 1),
      failed: ['roomList-pages'],
    },
    {
      of: at('/room/simpleList', ({ query }) => !isOdd({ query } as Asked)),
      tell(told) {
        for (const row of rows(told)) delete row['deleted']
      },
      failed: ['simpleList', 'simpleList-pages', 'simpleList-wxid'],
    },
    {
      of: at('/contact/list', ({ query }) => query.get('current') !== null),
      tell: told => (told.contentType = 'text/html'),
      failed: ['contactList-pages'],
    },
    {
      of: at('/bot/list', isOdd),
      tell: answering({ code: 0, data: [] }),
      failed: ['botList-token'],
    },
    {
      of: at('/room/create', ({ body }) => body['botUserId'] === NOBODY && body['token'] !== undefined),
      tell: told => ((told.json as { errcode: unknown }).errcode = '-2'),
      failed: ['create-bot-unknown', 'create-content-types', 'create-extra-fields', 'create-token'],
    },
    {
      of: at('/room/exit', ({ method, body }) => method === 'POST' && !('roomWxid' in body)),
      tell: answering({ code: 0, message: 'ok' }),
      failed: ['exit-malformed'],
    },
    { of: at('/tag/list'), tell: answering({ code: 404 }, 404), unseen: ['tagList', 'tagList-token'] },
    {
      of: at('/room/qunhubConform'),
      tell: answering({ code: 404 }, 200),
      warned: ['unknown-path'],
    },
  ],
  [
    {
      of: at('/room/listByMHTag', ({ query }) => Number(query.get('current')) === 2),
      ask: query => query.set('current', '1'),
      tell() {},
      failed: ['listByMHTag-pages'],
    },
    {
      of: at('/room/listByMHTag', ({ query }) => /one|many/.test(`${query}`)),
      ask: query => query.delete('current'),
      tell: answering({ code: 0, data: [] }),
      warned: ['listByMHTag-bad-numbers'],
    },
    {
      of: at('/room/listByMHTag', ({ query }) => query.has('mhTagId')),
      ask: query => query.delete('mhTagId'),
      tell() {},
      failed: ['unknown-ids'],
    },
    {
      of: at('/room/listByMember', ({ query }) => query.get('contactWxid')?.endsWith('0000') === true),
      ask: query => query.set('contactWxid', query.get('contactWxid')!.slice(0, -4)),
      tell() {},
      failed: ['listByMember'],
    },
    {
      of: at('/room/list', ({ query }) => query.has('wxid')),
      ask: query => query.delete('wxid'),
      tell() {},
      failed: ['roomList-wxid'],
    },
    {
      of: at(
        '/room/addMember',
        ({ body }) => body['botUserId'] === 'xiaobei' && body['roomWxid'] === 'R:0000000000000000',
      ),
      tell: answering({ code: 0, message: '' }),
      failed: ['addMember-room-unknown'],
    },
    {
      of: at(
        '/room/addMember',
        ({ body }) => body['botUserId'] === 'xiaobei' && body['roomWxid'] !== 'R:0000000000000000',
      ),
      tell: answering({ code: -8, message: '和bot不是好友关系' }),
      failed: ['addMember-already-member'],
    },
    {
      of: at('/room/exit', ({ body }) => body['wecomUserId'] === 'xiaobei'),
      tell: answering({ code: -8, message: 'no such room' }),
      failed: ['exit-room-unknown'],
    },
    {
      of: at('/room/exit', ({ method }) => method === 'GET'),
      tell: answering({ code: 0, message: 'ok' }),
      warned: ['other-methods'],
    },
    {
      of: at('/room/exit', ({ body, query }) => !('token' in body) && query.has('token')),
      tell: answering({ code: -1, message: '无效token' }),
      failed: ['token-in-query'],
    },
  ],
]

describe('a server that lies', () => {
  test.each(lies)('CLI-115 is told for what, and what it should be (%#)', async (...told) => {
    const findings = await conform(await liar(told))
    const expected = (verdict: 'failed' | 'warned' | 'unseen') =>
      told.flatMap(lie => lie[verdict] ?? []).sort()
    for (const verdict of ['failed', 'warned', 'unseen'] as const)
      expect(named(findings, verdict).sort(), verdict).toEqual(expected(verdict))
    for (const { verdict, next } of findings)
      if (verdict === 'failed' || verdict === 'warned')
        expect([next!.chinese, next!.english]).toEqual([
          expect.stringMatching(/^应为 ./),
          expect.stringMatching(/^it should be ./),
        ])
  })

  test('CLI-115 each check has a name of its own', () => {
    const names = checksFor({ mayWrite: true, random: systemRandom }).map(({ check }) => check)
    expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([])
  })

  test.each([
    ['{"id":12345678901234567890}', '12345678901234567890'],
    ['{"id":"12345678901234567890","n":9007199254740991}', undefined],
  ])('CLI-115 a number that a program would round is seen: %s', (text, seen) => {
    expect(roundedNumber(text)).toBe(seen)
  })
})

describe('a server of which nothing can be said', () => {
  const onlyFirst = (findings: readonly Finding[]) => {
    expect(named(findings, 'failed')).toEqual(['listByMHTag'])
    expect(named(findings, 'skipped')).toHaveLength(findings.length - 1)
  }

  test('CLI-116 where nobody answers one question is asked, and the rest is skipped', async () => {
    const gone = await openCustomer()
    await gone.close()
    onlyFirst(await conform(gone.url, { token: 't' }))
  })

  test('CLI-116 a token that it does not know is told so, once', async () => {
    const findings = await conform(house.baseUrl, { token: 'nobody' })
    onlyFirst(findings)
    expect(findings[0]!.seen.chinese).toContain('无效token')
  })

  test('CLI-116 one that never answers is waited for 30 s, once', async () => {
    const clock = new ManualClock()
    const silent = await openCustomer(() => {
      clock.advance(30_000)
      return 'hang'
    })
    onTestFinished(() => silent.close())
    onlyFirst(await conform(silent.url, { clock, token: 't' }))
    expect(silent.heard).toHaveLength(1)
  })

  test('CLI-116 of a workspace without rooms what needs one is unseen, and nothing has failed', async () => {
    const { token } = await house.anotherWorkspace()
    const findings = await conform(house.baseUrl, { token })
    expect([named(findings, 'failed'), named(findings, 'warned')]).toEqual([[], []])
    expect(named(findings, 'unseen')).toEqual(
      expect.arrayContaining(['listByMember', 'roomList-wxid', 'addMember-already-member']),
    )
  })
})

describe('what is typed', () => {
  test.each([
    ['neither', 'conform'],
    ['both', 'conform http://127.0.0.1:1 --api http://127.0.0.1:1'],
    ['--write without an account', 'conform --api http://127.0.0.1:1 --write --contacts 1,2,3'],
    ['--write without three contacts', 'conform --api http://127.0.0.1:1 --write --bot a --contacts 1,2,2'],
  ])('CLI-116 %s is wrong usage, and nothing is asked', async (_what, line) => {
    const { exitCode, stdout, stderr } = await runCliHere(line, { QUNHUB_TOKEN: 'canary' })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).not.toContain('canary')
  })

  test('CLI-116 the token is no argument, and stands in no report', async () => {
    const { token } = await house.operate('issue-token', { workspace: house.workspaceId })
    const args = `conform --api ${house.baseUrl} --token-file - --json`
    const { exitCode, stdout } = await runCliHere(args, {}, { stdin: `${token}\n` })
    expect(exitCode).toBe(0)
    expect(stdout).not.toContain(token)
  })
})
