import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse, type Tenancy } from '@qunhub/testing/grounds/open-house.ts'
import { botQrcode, managementVerbs } from '@qunhub/wire'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

interface Reply {
  readonly status: number
  readonly body: {
    readonly ok?: boolean
    readonly refused?: string
    readonly message?: string
    readonly value?: unknown
  }
}

let house: House
let token: string
let neighbour: Tenancy
let neighboursToken: string

beforeAll(async () => {
  house = await openHouse()
  token = (await house.operate('issue-token', { workspace: house.workspaceId, realm: 'manage' })).token
  neighbour = await house.anotherWorkspace()
  neighboursToken = (
    await house.operate('issue-token', { workspace: neighbour.workspaceId, realm: 'manage' })
  ).token
  const bot = house.world.addBot({ userId: 'xiaobei' })
  house.world.addRoom({ topic: '一群', ownerId: bot.wxid, members: [bot.wxid], external: true })
  await house.host(bot)
  await eventually('the room is told of', async () => (await listed({ state: 'delivered' })).length === 1)
})
afterAll(() => house.close())

async function manage(
  verb: string,
  body: object | string = {},
  authorization: string | undefined = `Bearer ${token}`,
): Promise<Reply> {
  const answer = await fetch(`${house.baseUrl}/manage/${verb}`, {
    method: 'POST',
    headers: authorization === undefined ? {} : { authorization },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Reply['body'] }
}

const listed = async (filter: object = {}) =>
  managementVerbs['list-callbacks'].output.parse((await manage('list-callbacks', filter)).body.value)
    .callbacks

describe('refusals', () => {
  test.each([
    ['no token', undefined],
    ['an empty one', 'Bearer '],
    ['one that nobody issued', 'Bearer nobody'],
    ['another scheme', 'Basic YTpi'],
  ])('MG-1 %s: 401, and nothing is said of the workspace', async (_what, authorization) => {
    for (const verb of Object.keys(managementVerbs)) {
      const { status, body } = await manage(verb, {}, authorization ?? '')
      expect({ status, refused: body.refused }).toEqual({ status: 401, refused: 'token-invalid' })
    }
  })

  test('MG-1 two realms: a token of the page opens nothing here, and one of here opens nothing there', async () => {
    for (const verb of Object.keys(managementVerbs))
      expect(await manage(verb, {}, `Bearer ${house.token}`)).toMatchObject({ status: 401 })
    const lists = await fetch(`${house.baseUrl}/room/listByMember?token=${token}&wxid=7881`)
    expect(await lists.json()).toMatchObject({ code: -1 })
    for (const path of ['/room/addMember', '/room/create', '/room/exit']) {
      const answer = await fetch(house.baseUrl + path, { method: 'POST', body: JSON.stringify({ token }) })
      expect(Object.values((await answer.json()) as object)[0], path).toBe(-1)
    }
  })

  test('MG-1 a token counts in the Authorization header only', async () => {
    expect(await manage('list-callbacks', { token }, '')).toMatchObject({ status: 401 })
    expect(await manage(`list-callbacks?token=${token}`, {}, '')).toMatchObject({ status: 401 })
  })

  test('MG-1 a revoked token opens nothing any more', async () => {
    const issued = await house.operate('issue-token', { workspace: house.workspaceId, realm: 'manage' })
    expect(await manage('list-callbacks', {}, `Bearer ${issued.token}`)).toMatchObject({ status: 200 })
    await house.operate('revoke-token', { workspace: house.workspaceId, id: issued.id })
    expect(await manage('list-callbacks', {}, `Bearer ${issued.token}`)).toMatchObject({ status: 401 })
  })

  test.each([
    ['no JSON', 'nonsense', /JSON/],
    ['an array', '[]', /JSON 对象/],
    ['a limit of 0', { limit: 0 }, /limit/],
    ['a state that there is not', { state: 'lost' }, /state/],
    ['another workspace', { workspace: 'f'.repeat(24) }, /workspace/],
  ])('MG-2 %s: 400, and the field is named', async (_what, body, named) => {
    const answer = await manage('list-callbacks', body)
    expect(answer).toMatchObject({ status: 400, body: { ok: false, refused: 'malformed' } })
    expect(answer.body.message).toMatch(named)
  })

  test('MG-2 what is no verb of callbacks is not here: 404; and GET is 405', async () => {
    for (const verb of ['issue-token', 'add-bot', 'list-workspaces', 'nonsense'])
      expect(await manage(verb)).toMatchObject({ status: 404 })
    expect((await fetch(`${house.baseUrl}/manage/list-callbacks`)).status).toBe(405)
  })

  test('MG-3 what no verb answers is answered in the words of the others: an unknown path, another method, a path that cannot be read', async () => {
    const ask = async (path: string, init?: RequestInit) => {
      const answer = await fetch(house.baseUrl + path, init)
      return { status: answer.status, allow: answer.headers.get('allow'), body: await answer.json() }
    }
    const unknown = { status: 404, body: { ok: false, refused: 'verb-unknown', message: expect.any(String) } }
    for (const path of [
      '/manage/nonsense',
      '/manage/',
      '/manage',
      '/manage?x=1',
      '/manage/a/b',
      '/manage/%zz',
    ])
      for (const method of ['GET', 'POST', 'DELETE'])
        expect(await ask(path, { method }), path).toMatchObject(unknown)
    const wrong = { ok: false, refused: 'method', message: expect.stringContaining('POST') }
    expect(await ask('/manage/list-callbacks')).toEqual({ status: 405, allow: 'POST', body: wrong })
    expect(await ask(botQrcode.path, { method: 'POST' })).toMatchObject({
      status: 405,
      allow: 'GET, HEAD',
      body: { ok: false, refused: 'method' },
    })
    // The page's own paths stay as they are, however alike they look.
    for (const path of ['/managed', '/room/manage', '/manage.json'])
      expect(await ask(path)).toMatchObject({ status: 404, body: { code: 404 } })
  })

  test('MG-3 a body that is too large and a header that nobody fulfils are malformed here, too', async () => {
    const large = await manage('list-callbacks', `{"room":"${'x'.repeat(300_000)}"}`)
    expect(large).toMatchObject({ status: 400, body: { ok: false, refused: 'malformed' } })
    expect(large.body.message).toContain('256 KiB')
    const { hostname, port } = new URL(house.baseUrl)
    const socket = connect({ host: hostname, port: Number(port) })
    socket.end(
      'POST /manage/list-callbacks HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\nContent-Length: 2\r\n\r\n{}',
    )
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 [\s\S]*\{"ok":false,"refused":"malformed"/)
  })

  test('MG-3 below a path prefix, and where the gateway fails, the words are the same', async () => {
    const own = await openHouse({ env: { QUNHUB_BASE_PATH: '/open/api' } })
    onTestFinished(() => own.close())
    const { workspaceId } = own
    const { token } = await own.operate('issue-token', { workspace: workspaceId, realm: 'manage' })
    expect((await own.send('/manage/nonsense')).body).toMatchObject({ ok: false, refused: 'verb-unknown' })
    const outside = await fetch(`${new URL(own.baseUrl).origin}/manage/nonsense`)
    expect(await outside.json()).toMatchObject({ code: 404 })

    const { db } = own.gateway.operator
    const damage = db.query.updateTable('callback_address').set({ secrets_sealed: Buffer.alloc(40) })
    await db.write(tx => tx.run(damage.compile()))
    const failed = await own.send('/manage/show-callback-secret', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    })
    expect(failed).toMatchObject({ status: 500, body: { ok: false, refused: 'gateway-failed' } })
    expect((failed.body as Reply['body']).message).toContain(failed.headers.get('x-request-id'))
  })

  test('MG-3 a callback of another workspace is unknown, as one that nobody has', async () => {
    const [callback] = await listed()
    const bearer = `Bearer ${neighboursToken}`
    for (const id of [callback!.id, 999_999]) {
      expect(await manage('show-callback', { id }, bearer)).toMatchObject({
        status: 200,
        body: { ok: false, refused: 'callback-unknown' },
      })
    }
    expect((await manage('list-callbacks', {}, bearer)).body.value).toEqual({ callbacks: [], next: null })
  })

  test('MG-4 500 requests in 30 s are answered, the next one is told when to come back', async () => {
    const { token } = await house.operate('issue-token', { workspace: house.workspaceId, realm: 'manage' })
    const ask = () =>
      fetch(`${house.baseUrl}/manage/show-callback-address`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
      }).then(async answer => ({ status: answer.status, text: await answer.text(), headers: answer.headers }))
    const statuses: number[] = []
    for (let batch = 0; batch < 25; batch++)
      statuses.push(...(await Promise.all(Array.from({ length: 20 }, ask))).map(({ status }) => status))
    expect(new Set(statuses)).toEqual(new Set([200]))
    const refused = await ask()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('what can be asked', () => {
  test('MG-3 list, show and replay answer what the command line answers', async () => {
    const [callback] = await listed({ kind: 'chatroom/loaded' })
    const asked = { workspace: house.workspaceId, id: callback!.id }
    const shown = await manage('show-callback', { id: callback!.id })
    expect(shown.body.value).toEqual(await house.operate('show-callback', asked))
    expect(shown.body.value).toMatchObject({ history: [{ n: 1, status: 200 }] })

    const before = house.customer.heard.length
    expect((await manage('replay-callbacks', { ids: [callback!.id] })).body).toMatchObject({ ok: true })
    const heard = await eventually('it comes again', () => house.customer.heard[before])
    expect(heard.headers['webhook-id']).toBe(callback!.webhookId)
  })

  test('MG-3 a range is replayed, and looked at while it is', async () => {
    const before = house.customer.heard.length
    const dry = await manage('start-replay', { state: 'delivered', dryRun: true })
    expect(dry).toMatchObject({ status: 200, body: { ok: true } })
    expect(house.customer.heard).toHaveLength(before)
    const started = await manage('start-replay', { state: 'delivered' })
    expect(started.body).toMatchObject({ ok: true })
    await eventually('the range comes again', () => house.customer.heard.length > before)
    expect((await manage('list-replays')).body).toMatchObject({ ok: true })
  })

  test('MG-5 the document describes each of them, and imports without a reference that leads nowhere', async () => {
    const document = JSON.stringify(await (await fetch(`${house.baseUrl}/manage/openapi.json`)).json())
    const { paths, components } = JSON.parse(document)
    expect(Object.keys(paths)).toEqual([
      ...Object.keys(managementVerbs).map(name => `/manage/${name}`),
      botQrcode.path,
    ])
    const references = [...document.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name!,
    )
    expect(references.filter(name => !(name in components.schemas))).toEqual([])
    expect(document).not.toContain('#/$defs/')
    expect(document).not.toContain('"workspace":')
    expect(components.securitySchemes).toEqual({ manage: { type: 'http', scheme: 'bearer' } })
  })
})
