import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { publicNamesGuard } from '@qunhub/testing/receivers/loopback.ts'
import { OperatorReply } from '@qunhub/wire'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { Keyring } from '../../model/keyring.ts'
import type { VerbDeps } from '../../operator/verb.ts'
import { createNameVetting } from '../../operator/vet-name.ts'
import { openStore, type Store } from '../../store/database/open-store.ts'
import { StoreAway, StoreUnwritable } from '../../store/database/store-error.ts'
import type { Log } from '../../system/log.ts'
import { systemRandom } from '../../system/random.ts'
import { STRANGERS_MAX } from './door-strangers.ts'
import { type OperatorDoor, openOperatorDoor } from './operator-door.ts'

let dataDir: string
let store: Store
let door: OperatorDoor
let secret: string
let logged: string[]
let deps: VerbDeps

const hear = (facts: object, sentence: string) => void logged.push(`${JSON.stringify(facts)} ${sentence}`)
const log: Log = { debug: hear, info: hear, warn: hear, error: hear }

beforeEach(async () => {
  logged = []
  dataDir = await mkdtemp(join(tmpdir(), 'qunhub-door-'))
  store = await openStore({ dataDir })
  const keyring = new Keyring(Buffer.alloc(32, 1))
  deps = {
    db: store.db,
    keyring,
    clock: new ManualClock(),
    random: systemRandom,
    log,
    vetName: createNameVetting(publicNamesGuard, new ManualClock()),
    sendTest: async () => null,
    tryPuppet: async () => null,
    examineReceiver: async () => null,
    oweForLeave: () => ({ kind: 'room/left', laneKey: '', body: Buffer.alloc(0) }),
    live: null,
  }
  door = await openOperatorDoor({ dataDir, deps, log })
  secret = JSON.parse(await readFile(join(dataDir, 'operator.json'), 'utf8')).secret
})
afterEach(async () => {
  await door.close()
  await store.close()
  await rm(dataDir, { recursive: true })
})

interface Knock {
  readonly verb?: string
  readonly method?: string
  readonly body?: string | null
  readonly headers?: Record<string, string>
}

async function knock({ verb = 'list-workspaces', method = 'POST', body = '{}', headers = {} }: Knock = {}) {
  const answer = await fetch(`${door.url}/operator/${verb}`, {
    method,
    body,
    headers: { authorization: `Bearer ${secret}`, ...headers },
  })
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  return { status: answer.status, reply: OperatorReply.parse(await answer.json()) }
}

test.each<[string, string]>([
  ['no secret', ''],
  ['another secret', 'Bearer canary-guess'],
  ['the secret without its scheme', '<secret>'],
  ['the secret and more', 'Bearer <secret>x'],
  ['a part of the secret', 'Bearer <part>'],
])('OP-30 %s: 401 on every verb, known or not, and nothing is done', async (_what, given) => {
  const authorization = given.replace('<secret>', secret).replace('<part>', secret.slice(0, -1))
  const refused = { status: 401, reply: { ok: false, refused: 'secret-wrong' } }
  const body = JSON.stringify({ name: '甲' })
  expect(await knock({ verb: 'add-workspace', body, headers: { authorization } })).toMatchObject(refused)
  expect(await knock({ verb: 'no-such', headers: { authorization } })).toMatchObject(refused)
  expect(await knock()).toEqual({ status: 200, reply: { ok: true, value: { workspaces: [] } } })
  expect(logged.join()).not.toContain('canary')
})

test.each(['https://example.com', 'null', 'http://127.0.0.1'])(
  'OP-31 a browser is refused even with the secret: Origin %s',
  async origin => {
    const body = JSON.stringify({ name: '甲' })
    expect(await knock({ verb: 'add-workspace', body, headers: { origin } })).toMatchObject({
      status: 403,
      reply: { refused: 'browser' },
    })
    expect(await knock()).toMatchObject({ reply: { value: { workspaces: [] } } })
  },
)

test.each([
  'evil.example',
  'evil.example:3000',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  '10.0.0.1',
])(
  'OP-31 a page whose name was pointed at this machine is refused even with the secret: Host %s',
  async host => {
    const { port } = new URL(door.url)
    const asked = request({
      port,
      method: 'POST',
      path: '/operator/list-workspaces',
      headers: { host, authorization: `Bearer ${secret}` },
    }).end('{}')
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    expect(answer.statusCode).toBe(403)
    answer.resume()
  },
)

test('OP-31 whoever is on this machine may call it by any of its own names', async () => {
  const { port } = new URL(door.url)
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, 'LocalHost', `[::1]:${port}`]) {
    const asked = request({
      port,
      method: 'POST',
      path: '/operator/list-workspaces',
      headers: { host, authorization: `Bearer ${secret}` },
    }).end('{}')
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    expect(answer.statusCode, host).toBe(200)
    answer.resume()
  }
})

test('OP-39 connections that show no secret keep nobody out who has it: of too many the oldest goes', async () => {
  const port = Number(new URL(door.url).port)
  const strangers: Socket[] = []
  const gone: number[] = []
  const come = async (n: number) => {
    const socket = connect(port, '127.0.0.1')
    strangers.push(socket.on('error', () => {}).on('close', () => gone.push(n)))
    await once(socket, 'connect')
  }
  const known = new Agent({ keepAlive: true })
  onTestFinished(() => {
    known.destroy()
    for (const socket of strangers) socket.destroy()
  })
  const ask = async () => {
    const headers = { authorization: `Bearer ${secret}` }
    const asked = request({ port, agent: known, method: 'POST', path: '/operator/list-workspaces', headers })
    const [answer] = (await once(asked.end('{}'), 'response')) as [IncomingMessage]
    answer.resume()
    await once(answer, 'end')
    return { status: answer.statusCode, isSame: asked.reusedSocket }
  }
  expect(await ask()).toEqual({ status: 200, isSame: false })
  for (let n = 0; n < STRANGERS_MAX + 3; n++) await come(n)
  expect(await knock()).toMatchObject({ status: 200 })
  await eventually('the oldest strangers to be sent away', () => gone.length >= 4)
  expect(gone.slice(0, 4)).toEqual([0, 1, 2, 3])
  // And who has shown it once is no stranger, however many come.
  expect(await ask()).toEqual({ status: 200, isSame: true })
})

test('OP-39 who says nothing is sent away after a second', async () => {
  const silent = connect(Number(new URL(door.url).port), '127.0.0.1').on('error', () => {})
  const begun = performance.now()
  await once(silent.resume(), 'close')
  expect(performance.now() - begun).toBeLessThan(5000)
})

test('OP-32 only POST is answered, and only verbs that exist', async () => {
  expect(await knock({ method: 'GET', body: null })).toMatchObject({ status: 405 })
  expect(await knock({ method: 'PUT' })).toMatchObject({ status: 405 })
  for (const verb of [
    'no-such',
    'constructor',
    '__proto__',
    'toString',
    '',
    'list-workspaces/',
    'list-workspaces?x=1',
  ]) {
    expect(await knock({ verb }), verb).toMatchObject({ status: 404, reply: { refused: 'verb-unknown' } })
  }
})

test.each<[string, string]>([
  ['no JSON', '{'],
  ['nothing', ''],
  ['no object', '[]'],
  ['null', 'null'],
  ['a field of another type', '{"name":5}'],
  ['deeply nested', '['.repeat(100_000)],
])('OP-33 a body that is %s: 400 with words', async (_what, body) => {
  const { status, reply } = await knock({ verb: 'add-workspace', body })
  expect(status).toBe(400)
  expect(reply).toMatchObject({ ok: false, refused: 'malformed', message: expect.stringMatching(/expected/) })
})

test('OP-33 256 KiB are read, one byte more is not, whether announced or dripped', async () => {
  const fill = (bytes: number) => `{"name":"甲"${' '.repeat(bytes - 14)}}`
  expect(Buffer.byteLength(fill(256 * 1024))).toBe(256 * 1024)
  expect(await knock({ verb: 'add-workspace', body: fill(256 * 1024) })).toMatchObject({ status: 200 })
  expect(await knock({ verb: 'add-workspace', body: fill(256 * 1024 + 1) })).toMatchObject({ status: 413 })

  const dripped = await fetch(`${door.url}/operator/add-workspace`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secret}` },
    body: new Blob([fill(256 * 1024 + 1)]).stream(),
    duplex: 'half',
  } as RequestInit)
  expect(dripped.status).toBe(413)
})

test('OP-34 a refusal of a verb is an answer: 200, with its name and words', async () => {
  expect(await knock({ verb: 'list-tokens' })).toEqual({
    status: 200,
    reply: { ok: false, refused: 'workspace-none', message: expect.stringContaining('qunhub workspace add') },
  })
})

test('OP-35 a fault inside is answered by a number that the log knows, without its words', async () => {
  await knock({ verb: 'add-workspace', body: '{"name":"甲"}' })
  // Whatever a verb did not foresee: here, a bot whose sealed token was damaged on the disk.
  await knock({ verb: 'add-bot', body: '{"endpoint":"127.0.0.1:1","token":"canary_token"}' })
  const damage = store.db.query.updateTable('bot').set({ token_sealed: Buffer.alloc(40) })
  await store.db.write(tx => tx.run(damage.compile()))

  const { status, reply } = await knock({ verb: 'list-bots' })
  expect(status).toBe(500)
  expect(reply).toMatchObject({ refused: 'gateway-failed' })
  const id = /[0-9a-f]{12}/.exec(reply.ok ? '' : reply.message)?.[0]
  expect(logged.at(-1)).toContain(`"id":"${id}"`)
  expect(JSON.stringify(reply)).not.toContain('sealed')
})

test.each([
  [
    'is away',
    new StoreAway('the database is away: ECONNREFUSED'),
    /^数据库此刻连不上.* the database cannot be reached/,
  ],
  [
    'takes no writes',
    new StoreUnwritable('the database takes no writes: 25006'),
    /^数据库此刻不能写入.* the database takes no writes/,
  ],
])(
  'OP-35 a database that %s is said to be so, and not taken for a fault of the gateway',
  async (_how, away, words) => {
    const db = new Proxy(store.db, {
      get: (target, key) => (key === 'all' ? () => Promise.reject(away) : Reflect.get(target, key, target)),
    })
    await door.close()
    door = await openOperatorDoor({ dataDir, deps: { ...deps, db }, log })
    secret = JSON.parse(await readFile(join(dataDir, 'operator.json'), 'utf8')).secret
    expect(await knock()).toEqual({
      status: 503,
      reply: {
        ok: false,
        refused: 'store-away',
        message: expect.stringMatching(words),
      },
    })
  },
)

test('OP-35 verbs that cannot be read are a fault inside, and read with the next request; a second after the start they are in memory', async () => {
  await door.close()
  const clock = new ManualClock()
  const found = [new Error('Cannot find module verb-door.mjs'), new Error('EMFILE'), null]
  const load = vi.fn(async () => {
    const failure = found.shift()
    if (failure) throw failure
    return import('./verb-door.ts')
  })
  door = await openOperatorDoor({ dataDir, deps: { ...deps, clock }, log, load })
  secret = JSON.parse(await readFile(join(dataDir, 'operator.json'), 'utf8')).secret
  expect(await knock()).toMatchObject({ status: 500, reply: { refused: 'gateway-failed' } })
  expect(logged.at(-1)).toContain('an operator request failed')

  expect(load).toHaveBeenCalledTimes(1)
  clock.advance(1000)
  expect(load).toHaveBeenCalledTimes(2)
  await eventually('the failed reading is told', () => logged.at(-1)!.includes('could not be read'))
  expect(await knock()).toMatchObject({ status: 200 })
})

test('OP-36 what is asked is logged by its name and outcome only', async () => {
  await knock({ verb: 'add-workspace', body: '{"name":"甲"}' })
  await knock({ verb: 'add-bot', body: '{"endpoint":"127.0.0.1:1","token":"canary_token"}' })
  expect(logged).toEqual([
    '{"verb":"add-workspace","outcome":"done"} operator asked',
    '{"verb":"add-bot","outcome":"done"} operator asked',
  ])
})

test('OP-37 the note is for its owner only, its secret has 256 bits and is new at every start', async () => {
  expect((await stat(join(dataDir, 'operator.json'))).mode & 0o777).toBe(0o600)
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
  const before = secret
  await door.close()
  const keyring = new Keyring(Buffer.alloc(32, 1))
  deps = {
    db: store.db,
    keyring,
    clock: new ManualClock(),
    random: systemRandom,
    log,
    vetName: createNameVetting(publicNamesGuard, new ManualClock()),
    sendTest: async () => null,
    tryPuppet: async () => null,
    examineReceiver: async () => null,
    oweForLeave: () => ({ kind: 'room/left', laneKey: '', body: Buffer.alloc(0) }),
    live: null,
  }
  door = await openOperatorDoor({ dataDir, deps, log })
  secret = JSON.parse(await readFile(join(dataDir, 'operator.json'), 'utf8')).secret
  expect(secret).not.toBe(before)
  expect(await knock({ headers: { authorization: `Bearer ${before}` } })).toMatchObject({ status: 401 })
})

test('OP-38 the door is on loopback; closing it takes the note away and lets nobody in', async () => {
  expect(door.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  await door.close()
  expect(await readdir(dataDir)).not.toContain('operator.json')
  await expect(fetch(door.url)).rejects.toThrow()
})

test('OP-38 a note that another gateway has left meanwhile stays', async () => {
  const file = join(dataDir, 'operator.json')
  const theirs = JSON.stringify({ port: 9, secret: 'another', pid: process.pid })
  await writeFile(file, theirs)
  await door.close()
  expect(await readFile(file, 'utf8')).toBe(theirs)
})

test('OP-38 a client that holds its connection does not hold up the end', async () => {
  const idle = connect(Number(new URL(door.url).port), '127.0.0.1')
  await new Promise(resolve => idle.once('connect', resolve))
  await door.close()
  idle.destroy()
})
