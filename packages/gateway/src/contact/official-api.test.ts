import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, onTestFinished, test } from 'vitest'
import { MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { openWecomApi, WecomApiFailed } from './official-api.ts'

const CORP_ID = 'ww0123456789abcdef'
const SECRET = 'a-secret-that-nobody-may-see'
const EXTERNAL_USER_ID = `wm${'e'.repeat(30)}`

type Answer = { status?: number; body: object | string } | 'hang'

/** WeCom as its documentation has it: it checks what it is asked, and tells of `contact` and `token` what the test says. */
async function openStandIn() {
  const said: { token: Answer | null; contact: Answer } = {
    token: null,
    contact: { body: { errcode: 0, errmsg: 'ok', external_contact: { unionid: `o${'u'.repeat(27)}` } } },
  }
  const asked: string[] = []
  let tokens = 0
  let valid = ''
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://wecom')
    asked.push(`${request.method} ${pathname}`)
    const answer = ((): Answer => {
      if (pathname === '/cgi-bin/gettoken') {
        if (said.token) return said.token
        if (searchParams.get('corpid') !== CORP_ID || searchParams.get('corpsecret') !== SECRET)
          return { body: { errcode: 40001, errmsg: 'invalid credential' } }
        valid = `token-${++tokens}`
        return { body: { errcode: 0, errmsg: 'ok', access_token: valid, expires_in: 7200 } }
      }
      if (searchParams.get('access_token') !== valid)
        return { body: { errcode: 40014, errmsg: 'invalid access_token' } }
      if (searchParams.get('external_userid') !== EXTERNAL_USER_ID)
        return { body: { errcode: 40096, errmsg: 'invalid' } }
      return said.contact
    })()
    if (answer === 'hang') return
    response.writeHead(answer.status ?? 200)
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const clock = new ManualClock()
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const open = (secret = SECRET) => {
    const api = openWecomApi({ corpId: CORP_ID, secret, origin }, clock)
    onTestFinished(() => api.close())
    return api
  }
  const forgetToken = () => {
    valid = 'another'
  }
  return { said, asked, clock, open, forgetToken }
}

const refusalOf = async (asked: Promise<unknown>): Promise<WecomApiFailed> => {
  const failure = await asked.then(
    () => null,
    failed => failed,
  )
  expect(failure).toBeInstanceOf(WecomApiFailed)
  expect(`${failure.message} ${failure.stack} ${JSON.stringify(failure)} ${failure.cause}`).not.toContain(
    SECRET,
  )
  return failure
}

test.each<[string, Answer, number]>([
  ['the rate is too high', { body: { errcode: 45009, errmsg: 'api freq out of limit' } }, 45009],
  ['the app may not', { body: { errcode: 60011, errmsg: 'no privilege' } }, 60011],
  ['it is busy', { body: { errcode: -1, errmsg: 'system busy' } }, -1],
  ['the secret is another app’s by now', { body: { errcode: 40001, errmsg: 'invalid credential' } }, 40001],
  ['too many ask at once', { body: { errcode: 45033, errmsg: 'api concurrent out of limit' } }, 45033],
  ['the app may not ask that', { body: { errcode: 48002, errmsg: 'api forbidden' } }, 48002],
  ['the app is switched off', { body: { errcode: 50003, errmsg: 'agent is disabled' } }, 50003],
  [
    'the address is not allowed',
    { body: { errcode: 60020, errmsg: 'not allow to access from your ip' } },
    60020,
  ],
  ['it is broken', { status: 502, body: '<html>' }, 0],
  ['it answers something else', { body: '{"ok":true}' }, 0],
  ['it answers no JSON', { body: '<html>' }, 0],
])('BOT-150 a refusal of us is no answer about the contact: %s', async (_what, contact, code) => {
  const { said, open } = await openStandIn()
  said.contact = contact
  expect(await refusalOf(open().unionIdOf(EXTERNAL_USER_ID))).toMatchObject({ code })
})

test('BOT-151 a wrong secret is told with WeCom’s code, and is in no message', async () => {
  const { open } = await openStandIn()
  expect(await refusalOf(open('wrong').unionIdOf(EXTERNAL_USER_ID))).toMatchObject({ code: 40001 })
})

test('BOT-150 nobody at the address', async () => {
  const api = openWecomApi(
    { corpId: CORP_ID, secret: SECRET, origin: 'http://127.0.0.1:1' },
    new ManualClock(),
  )
  onTestFinished(() => api.close())
  expect((await refusalOf(api.unionIdOf(EXTERNAL_USER_ID))).message).toContain('ECONNREFUSED')
})

test.each([
  ['no customer of the corp', { errcode: 84061, errmsg: 'not external contact' }, 84061],
  ['an id of another kind', { errcode: 41056, errmsg: 'invalid external userid type' }, 41056],
  ['whatever is not known to be said of us', { errcode: 999_999, errmsg: 'what is this' }, 999_999],
  ['a contact without one', { errcode: 0, errmsg: 'ok', external_contact: { name: '李四' } }, 0],
])('BOT-150 WeCom tells no unionId of %s', async (_what, body, code) => {
  const { said, open } = await openStandIn()
  said.contact = { body }
  expect(await open().unionIdOf(EXTERNAL_USER_ID)).toEqual({ unionId: null, code })
})

test('BOT-150 an id that nobody has', async () => {
  const { open } = await openStandIn()
  expect(await open().unionIdOf('wmnobody')).toEqual({ unionId: null, code: 40096 })
})

test('BOT-151 one access token serves until shortly before it expires', async () => {
  const { open, asked, clock } = await openStandIn()
  const api = open()
  const unionId = `o${'u'.repeat(27)}`
  expect(await api.unionIdOf(EXTERNAL_USER_ID)).toEqual({ unionId, code: 0 })
  clock.advance(119 * MINUTE_MS - SECOND_MS)
  await api.unionIdOf(EXTERNAL_USER_ID)
  expect(asked.filter(path => path.includes('gettoken'))).toHaveLength(1)
  clock.advance(SECOND_MS)
  await api.unionIdOf(EXTERNAL_USER_ID)
  expect(asked.filter(path => path.includes('gettoken'))).toHaveLength(2)
})

test('BOT-151 a token that WeCom calls invalid is fetched anew, once', async () => {
  const { open, asked, forgetToken, said } = await openStandIn()
  const api = open()
  await api.unionIdOf(EXTERNAL_USER_ID)
  forgetToken()
  expect(await api.unionIdOf(EXTERNAL_USER_ID)).toMatchObject({ code: 0 })
  said.contact = { body: { errcode: 42001, errmsg: 'access_token expired' } }
  const before = asked.length
  expect(await refusalOf(api.unionIdOf(EXTERNAL_USER_ID))).toMatchObject({ code: 42001 })
  expect(asked.slice(before)).toEqual([
    'GET /cgi-bin/externalcontact/get',
    'GET /cgi-bin/gettoken',
    'GET /cgi-bin/externalcontact/get',
  ])
})
