import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { CONSOLE_API_PATH, consoleEndpoints, operatorVerbs, type VerbName } from '@qunhub/wire'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openGateway } from '../../packages/gateway/src/gateway.ts'
import { HOUR_MS, MINUTE_MS } from '../../packages/gateway/src/system/clock.ts'
import { silentLog } from '../../packages/gateway/src/system/log.ts'
import { Browser } from './console-browser.ts'

const PASSWORD = 'correct horse battery'

let house: House
let clock: ManualClock
/** Signed in as the owner. */
let owner: Browser
let isOpen = true
const warned: object[] = []

beforeAll(async () => {
  clock = new ManualClock()
  house = await openHouse({ clock, log: { ...silentLog, warn: facts => void warned.push(facts) } })
  owner = new Browser(house.baseUrl)
  const { code } = await house.operate('issue-setup-code', {})
  await owner.post('/setup', { code, name: '小北', password: PASSWORD })
})
afterAll(() => house.close())
// What one test guesses, the next does not wait for.
beforeEach(async () => {
  clock.advance(2 * HOUR_MS)
  if (isOpen) await owner.post('/session', { name: '小北', password: PASSWORD })
})

const stranger = () => new Browser(house.baseUrl)
const signedIn = async (name = '小北', password = PASSWORD) => {
  const browser = stranger()
  expect(await browser.post('/session', { name, password })).toMatchObject({ body: { ok: true } })
  return browser
}
const personWith = async (name: string, role: 'viewer' | 'operator' | 'owner') => {
  const { code } = await house.operate('add-person', { name, role })
  const browser = stranger()
  expect(await browser.post('/setup', { code, name, password: PASSWORD })).toMatchObject({
    body: { ok: true },
  })
  return browser
}

const verbs = Object.keys(operatorVerbs) as VerbName[]
const mutating = Object.values(consoleEndpoints).filter(({ method }) => method !== 'GET')

describe('who is let in', () => {
  test('CON-47 the document describes signing in and every verb, for whoever asks, without a reference that leads nowhere', async () => {
    const answer = await fetch(`${house.baseUrl}${CONSOLE_API_PATH}/openapi.json`)
    const document = await answer.text()
    const { paths, components, info } = JSON.parse(document)
    expect(answer.status).toBe(200)
    const described = Object.entries<object>(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    )
    const declared = Object.values(consoleEndpoints).map(
      ({ method, path }) => `${method} ${CONSOLE_API_PATH}${path}`,
    )
    const asked = verbs.map(verb => `POST ${CONSOLE_API_PATH}/verbs/${verb}`)
    expect(new Set(described)).toEqual(new Set([...declared, ...asked]))
    expect(info.title).toMatch(/控制台.* \/ /)
    const references = [...document.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name!,
    )
    expect(references.filter(name => !(name in components.schemas))).toEqual([])
    expect(document).not.toContain('#/$defs/')
    // Nothing of the installation.
    expect(document).not.toContain(house.workspaceId)
  })

  test('CON-1 whoever is not signed in learns that there is a console, and nothing of what it keeps', async () => {
    expect(await stranger().get('/session')).toMatchObject({
      status: 200,
      body: { ok: true, value: { signedIn: null, workspaces: [], simulated: false, setupOpen: false } },
    })
    for (const verb of verbs)
      expect(await stranger().post(`/verbs/${verb}`, {}), verb).toMatchObject({
        status: 401,
        body: { refused: 'not-signed-in' },
      })
  })

  test('CON-1 tokens of the page and of the management API open no route of it, wherever they stand', async () => {
    const { token: manage } = await house.operate('issue-token', {
      workspace: house.workspaceId,
      realm: 'manage',
    })
    for (const token of [house.token, manage])
      for (const headers of [{ authorization: `Bearer ${token}` }, { cookie: `qunhub_session=${token}` }]) {
        expect((await stranger().get('/session', headers)).body).toMatchObject({ value: { signedIn: null } })
        for (const verb of verbs)
          expect(await stranger().post(`/verbs/${verb}`, { token }, headers), verb).toMatchObject({
            status: 401,
          })
        for (const [method, path] of [
          ['DELETE', '/session'],
          ['DELETE', '/sessions'],
          ['POST', '/password'],
        ] as const)
          expect(
            await stranger().ask(method, path, { current: PASSWORD, password: PASSWORD }, headers),
            path,
          ).toMatchObject({ status: 401 })
      }
  })

  test('CON-1 a session opens nothing of the page nor of the management API, wherever it stands', async () => {
    const { cookie } = await signedIn()
    const id = cookie!.split('=')[1]!
    for (const headers of [{ cookie: cookie! }, { authorization: `Bearer ${id}` }]) {
      for (const verb of verbs) {
        const answer = await fetch(`${house.baseUrl}/manage/${verb}`, { method: 'POST', headers, body: '{}' })
        expect([401, 404], verb).toContain(answer.status)
      }
      for (const path of ['/room/listByMember', '/room/list', '/bot/list', '/contact/list', '/tag/list'])
        expect(
          await (await fetch(`${house.baseUrl}${path}?token=${id}&wxid=1`, { headers })).json(),
          path,
        ).toMatchObject({
          code: -1,
        })
      for (const path of ['/room/addMember', '/room/create', '/room/exit']) {
        const answer = await fetch(house.baseUrl + path, {
          method: 'POST',
          headers,
          body: JSON.stringify({ token: id }),
        })
        expect(Object.values((await answer.json()) as object)[0], path).toBe(-1)
      }
    }
  })

  test('CON-3 a request that changes something and comes from elsewhere, or is no JSON, is refused in words', async () => {
    const browser = await signedIn()
    const asked = [
      ...mutating.map(({ method, path }) => [method, path] as const),
      ...verbs.map(verb => ['POST', `/verbs/${verb}`] as const),
    ]
    for (const [method, path] of asked) {
      for (const origin of ['https://evil.example', 'null', `${house.baseUrl}.evil.example`, ''])
        expect(await browser.ask(method, path, {}, { origin }), path).toMatchObject({
          status: 403,
          body: { refused: 'origin-foreign', message: expect.stringContaining('QUNHUB_PUBLIC_URL') },
        })
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        '',
      ])
        expect(await browser.ask(method, path, {}, { 'content-type': type }), path).toMatchObject({
          status: 415,
          body: { refused: 'not-json' },
        })
    }
    // None of them did anything.
    expect((await browser.get('/session')).body).toMatchObject({ value: { signedIn: { name: '小北' } } })
  })

  test('CON-2 the cookie is for us alone, and a session that somebody has set before is not taken over', async () => {
    const browser = stranger()
    browser.cookie = `qunhub_session=${'x'.repeat(43)}`
    const answer = await browser.post('/session', { name: '小北', password: PASSWORD })
    expect(answer.setCookie).toMatch(
      /^qunhub_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/,
    )
    expect(browser.cookie).not.toContain('xxx')
    const before = browser.cookie
    await browser.post('/session', { name: '小北', password: PASSWORD })
    expect(browser.cookie).not.toBe(before)
    const left = stranger()
    left.cookie = before
    expect((await left.get('/session')).body).toMatchObject({ value: { signedIn: null } })
  })

  test('CON-2 a session is over after twelve hours', async () => {
    const browser = await signedIn()
    clock.advance(12 * HOUR_MS - 1)
    expect((await browser.get('/session')).body).toMatchObject({ value: { signedIn: { name: '小北' } } })
    clock.advance(1)
    expect(await browser.post('/verbs/list-people', {})).toMatchObject({ status: 401 })
    await owner.post('/session', { name: '小北', password: PASSWORD })
  })

  test('CON-6 a thousand guesses: none is in, nearly all have to wait, and the right one gets in later', async () => {
    const answers = []
    for (let n = 0; n < 1000; n++)
      answers.push(await stranger().post('/session', { name: '小北', password: `guess ${n}` }))
    const wrong = answers.filter(({ body }) => body.refused === 'credentials-wrong')
    expect(answers.filter(({ body }) => body.ok)).toEqual([])
    expect(wrong.length).toBe(5)
    expect(answers.at(-1)).toMatchObject({ status: 429 })
    expect(await stranger().post('/session', { name: '小北', password: PASSWORD })).toMatchObject({
      status: 429,
    })
    clock.advance(MINUTE_MS)
    await signedIn()
  })

  test('CON-6 where an address has to wait, a right setup code is let in, and a wrong one is not', async () => {
    for (let n = 0; n < 10; n++) await stranger().post('/session', { name: `无名 ${n}`, password: PASSWORD })
    expect(await stranger().post('/session', { name: '小北', password: PASSWORD })).toMatchObject({
      status: 429,
    })
    const wrong = { code: '0000-0000-0000-0000', name: '小北', password: PASSWORD }
    expect(await stranger().post('/setup', wrong)).toMatchObject({ status: 429 })
    const { code } = await house.operate('issue-setup-code', {})
    expect(await stranger().post('/setup', { ...wrong, code })).toMatchObject({ body: { ok: true } })
  })

  test('CON-19 whoever is not let in stands in the log with the person whose password it would be, and not what he typed', async () => {
    const person = (await house.operate('list-people', {})).people.find(({ name }) => name === '小北')!
    warned.length = 0
    await stranger().post('/session', { name: '小北', password: 'canary canary' })
    await stranger().post('/session', { name: 'canary name', password: PASSWORD })
    await stranger().post('/setup', { code: 'canary code', name: '小北', password: PASSWORD })
    const address = '127.0.0.1'
    expect(warned).toEqual([
      // It tells, too, how many of the tests before it were not told of.
      expect.objectContaining({ asked: 'signIn', refused: 'credentials-wrong', address, person: person.id }),
      { asked: 'signIn', refused: 'credentials-wrong', address },
      { asked: 'setUp', refused: 'code-wrong', address },
    ])
    await signedIn()
    expect(warned).toHaveLength(3)
  })

  test('CON-9 an unknown name and a wrong password are told alike', async () => {
    const unknown = await stranger().post('/session', { name: '无名', password: PASSWORD })
    const wrong = await stranger().post('/session', { name: '小北', password: 'something else' })
    const isNot = await stranger().post('/session', { name: house.workspaceId, password: PASSWORD })
    expect(unknown.body).toMatchObject({ refused: 'credentials-wrong' })
    for (const answer of [wrong, isNot]) expect(answer.body).toEqual(unknown.body)
  })
})

describe('what one does there', () => {
  test('CON-4 a setup code makes an owner and signs in; it is taken once, and a short password not at all', async () => {
    const { code } = await house.operate('issue-setup-code', {})
    const browser = stranger()
    const short = await browser.post('/setup', { code, name: '小南', password: 'short' })
    expect(short).toMatchObject({
      status: 400,
      body: { refused: 'malformed', message: expect.stringMatching(/^password: /) },
    })
    expect(short.text).not.toContain('"short"')
    const set = await browser.post('/setup', { code: code.toLowerCase(), name: '小南', password: PASSWORD })
    expect(set.body).toMatchObject({ value: { signedIn: { name: '小南', role: 'owner' }, setupOpen: false } })
    expect(set.body.value).toMatchObject({ workspaces: [{ id: house.workspaceId, name: '测试小组' }] })
    const again = await stranger().post('/setup', { code, name: '小西', password: PASSWORD })
    expect(again.body).toMatchObject({ refused: 'code-wrong' })
  })

  test('CON-5 whoever is added sets a password with a code of his own', async () => {
    const { code } = await house.operate('add-person', { name: '小东', role: 'operator' })
    const other = await stranger().post('/setup', { code, name: '小林', password: PASSWORD })
    expect(other.body).toMatchObject({ refused: 'code-of-another' })
    const set = await stranger().post('/setup', { code, name: '小东', password: PASSWORD })
    expect(set.body).toMatchObject({ value: { signedIn: { name: '小东', role: 'operator' } } })
  })

  test('CON-7 each may do what his role allows, and another role holds at once', async () => {
    const viewer = await personWith('看客', 'viewer')
    expect((await viewer.post('/verbs/list-bots', {})).body).toMatchObject({ ok: true })
    for (const verb of ['add-tag', 'issue-token', 'list-people', 'show-callback-secret', 'issue-setup-code'])
      expect(await viewer.post(`/verbs/${verb}`, {}), verb).toMatchObject({
        status: 403,
        body: { refused: 'role-too-low' },
      })
    await house.operate('set-role', { person: '看客', role: 'operator' })
    expect((await viewer.post('/verbs/add-tag', { name: '新' })).body).toMatchObject({ ok: true })
    await house.operate('remove-person', { person: '看客' })
    expect(await viewer.post('/verbs/list-bots', {})).toMatchObject({ status: 401 })
  })

  test('CON-8 signing out ends this session, everywhere all of them, and another password all but a new one', async () => {
    await personWith('多处', 'viewer')
    const [one, two, three] = [await signedIn('多处'), await signedIn('多处'), await signedIn('多处')]
    const isIn = async (browser: Browser) =>
      ((await browser.get('/session')).body.value as { signedIn: object | null }).signedIn !== null
    const left = await one.ask('DELETE', '/session')
    expect(left).toMatchObject({ body: { ok: true }, setCookie: expect.stringContaining('Max-Age=0') })
    expect(await Promise.all([isIn(one), isIn(two), isIn(three)])).toEqual([false, true, true])

    expect((await two.post('/password', { current: 'wrong', password: `${PASSWORD}2` })).body).toMatchObject({
      refused: 'credentials-wrong',
    })
    const old = two.cookie
    expect((await two.post('/password', { current: PASSWORD, password: `${PASSWORD}2` })).body).toMatchObject(
      { ok: true },
    )
    expect(two.cookie).not.toBe(old)
    expect(await Promise.all([isIn(two), isIn(three)])).toEqual([true, false])

    const four = await signedIn('多处', `${PASSWORD}2`)
    expect((await four.ask('DELETE', '/sessions')).body).toMatchObject({ value: { ended: 2 } })
    expect(await Promise.all([isIn(two), isIn(four)])).toEqual([false, false])
  })

  test('CON-11 a verb is answered as the command line is, with the workspace among its fields', async () => {
    expect((await owner.post('/verbs/list-workspaces', {})).body).toMatchObject({
      value: { workspaces: [{ id: house.workspaceId }] },
    })
    const second = await house.anotherWorkspace()
    expect((await owner.post('/verbs/list-tags', {})).body).toMatchObject({ refused: 'workspace-unclear' })
    expect((await owner.post('/verbs/list-tags', { workspace: second.workspaceId })).body).toMatchObject({
      ok: true,
    })
    expect(
      await owner.post('/verbs/list-callbacks', { workspace: second.workspaceId, limit: 0 }),
    ).toMatchObject({
      status: 400,
      body: { refused: 'malformed', message: expect.stringMatching(/^limit: /) },
    })
  })

  test('CON-12 what is no route and what is no method is answered in the words of verbs', async () => {
    for (const path of ['/nonsense', '/verbs/nonsense', '/verbs/', '/%zz'])
      expect(await owner.post(path, {}), path).toMatchObject({
        status: 404,
        body: { ok: false, refused: 'verb-unknown' },
      })
    const wrong = await owner.ask('GET', '/verbs/list-bots')
    expect(wrong).toMatchObject({ status: 405, body: { ok: false, refused: 'method' } })
  })

  test('CON-13 five hundred requests of a person in half a minute, and no more', async () => {
    const browser = await personWith('急', 'viewer')
    const statuses: number[] = []
    for (let n = 0; n < 501; n++) statuses.push((await browser.get('/session')).status)
    // One was taken by setting up.
    expect(statuses.filter(status => status === 429).length).toBeGreaterThan(0)
    expect(statuses.indexOf(429)).toBeGreaterThan(490)
    clock.advance(MINUTE_MS)
    expect((await browser.get('/session')).status).toBe(200)
  })

  test('CON-2 a session lives on when the gateway starts anew, and with the path prefix and the address that is configured', async () => {
    const { cookie } = await signedIn()
    isOpen = false
    await house.gateway.stop()
    const env = { basePath: '/open', publicUrl: 'https://qunhub.example/qun' }
    const again = await openGateway({ ...house.config, ...env }, { clock })
    try {
      const browser = new Browser(again.baseUrl)
      browser.cookie = cookie
      expect((await browser.get('/session')).body).toMatchObject({ value: { signedIn: { name: '小北' } } })
      const behindProxy = { origin: 'https://qunhub.example' }
      const left = await browser.ask('DELETE', '/session', undefined, behindProxy)
      expect(left.body).toEqual({ ok: true, value: {} })
      expect(left.setCookie).toMatch(/^qunhub_session=; Path=\/; .*; Secure$/)
      expect((await browser.get('/session')).body).toMatchObject({ value: { signedIn: null } })
    } finally {
      await again.stop()
    }
  })
})

test('CON-1 the routes are those that are declared', () => {
  expect(CONSOLE_API_PATH).toBe('/console/api')
  expect(Object.values(consoleEndpoints).map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /session',
    'POST /setup',
    'POST /session',
    'DELETE /session',
    'DELETE /sessions',
    'POST /password',
  ])
})

test('CON-14 with QUNHUB_CONSOLE=off neither page nor API is there, and all else is', async () => {
  const without = await openHouse({ env: { QUNHUB_CONSOLE: 'off' } })
  try {
    for (const path of ['/console', '/console/', '/console/bots', '/console/api/session'])
      expect((await without.send(path)).status, path).toBe(404)
    expect(
      await new Browser(without.baseUrl).post('/session', { name: '小北', password: PASSWORD }),
    ).toMatchObject({ status: 404 })
    expect((await without.send('/health')).status).toBe(200)
  } finally {
    await without.close()
  }
})
