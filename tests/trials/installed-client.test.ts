import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { postFake } from '@qunhub/client/testing'
import { eventually } from '@qunhub/testing/eventually.ts'
import { freePort } from '@qunhub/testing/processes/node-process.ts'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const client = join(root, 'packages/client')

/** Nothing else ends a program that waits in vain: this process waits for it, and for nothing else. */
const PROGRAM_MAX_MS = 100_000

/** An empty project that has installed what `npm pack` makes, without asking anybody. */
let project: string

beforeAll(() => {
  execFileSync(process.execPath, [join(client, 'pack.mjs')], { stdio: 'pipe' })
  project = mkdtempSync(join(tmpdir(), 'qunhub-customer-'))
  const npm = (args: string[], cwd: string) =>
    execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: 'pipe' })
  const packed = npm(['pack', '--json', '--pack-destination', project], join(client, 'dist'))
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  writeFileSync(join(project, 'package.json'), '{"name":"shop","private":true,"type":"module"}')
  npm(['install', '--offline', '--ignore-scripts', '--no-audit', `./${filename}`], project)
})
afterAll(() => rmSync(project, { recursive: true, force: true }))

/** What a customer may write: a receiver, a world, calls, something happens, and the receiver hears of it. */
const PROGRAM = `
import { createServer } from 'node:http'
import { createClient, NoAnswer } from '@qunhub/client'
import { createReceiver } from '@qunhub/client/receiver'
import { toNode } from '@qunhub/client/receiver/node'
import { postFake, startWorld } from '@qunhub/client/testing'

const heard: string[] = []
let secret = ''
const receiver = createReceiver({ secrets: () => [secret], onError: () => {} })
const server = createServer(toNode(receiver))
await new Promise<void>(listening => void server.listen(0, '127.0.0.1', () => listening()))
const { port } = server.address() as { port: number }
const callbackUrl = \`http://127.0.0.1:\${port}/hooks\`

const world = await startWorld({ callbackUrl, command: JSON.parse(process.env.QUNHUB_COMMAND!) })
secret = world.secret
const joined = new Promise<void>(done => {
  receiver.on('chatroom/joined', ({ body }) => {
    heard.push(body.topic)
    if (body.topic === '测试拉群') done()
  })
  receiver.on('room/left', ({ body }) => void heard.push(body.leftMembers[0]?.nickName ?? ''))
})

const { baseUrl, token } = world
const client = createClient({ baseUrl, token, pace: true })
const answer = await client.room.addMember({ botUserId: 'nobody', contactWxid: 'lin', roomWxid: 'R:1' })
const refused: string = answer.ok ? 'no' : answer.refused
const topics: string[] = []
for await (const room of client.rooms.all({ pageSize: 2 })) topics.push(room.topic)
const broken = await createClient({ baseUrl: 'http://127.0.0.1:1', token }).room
  .exit({ wecomUserId: 'a', roomWxid: 'R:1' })
  .then(() => 'heard', (failure: unknown) => failure instanceof NoAnswer && failure.name)

const { bots } = await world.control<{ bots: { wxid: string }[] }>('GET', '/world')
const owner = await world.control<{ wxid: string }>('POST', '/contacts', { name: '林小满', kind: 'wechat', friendOf: [bots[0]!.wxid] })
const room = await world.control<{ wxid: string }>('POST', '/rooms', { ownerId: owner.wxid, topic: '测试拉群', external: true, members: [] })
await world.control('POST', \`/rooms/\${room.wxid}/members\`, { wxid: bots[0]!.wxid })
await joined

const fake = { chatId: 'c', botInfo: { wxid: 'w', weixin: 'x', nickName: 'n' }, wxid: 'R:1', topic: '假的',
  avatarUrl: '', ownerId: '', members: [], group: 'g', syncedTime: 1 }
const { status } = await postFake(callbackUrl, 'chatroom/joined', fake, secret)
await world.stop()
server.close()
server.closeAllConnections()
console.log(JSON.stringify({ refused, rooms: topics.length, broken, status, heard }))
`

/** The same without its types, as any Node reads it. */
const plain = PROGRAM.replaceAll(/<(?:void|\{ (?:bots: \{ wxid: string \}\[\]|wxid: string) \})>/g, '')
  .replaceAll(/: (?:string|unknown)(?:\[\])?(?= =|\))/g, '')
  .replaceAll(/ as \{ port: number \}|(?<=[\]D])!/g, '')

/** This Node, and whatever other one the machine has: the oldest that counts is 20. */
function nodes(): string[] {
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap(folder => globSync('node', { cwd: folder }).map(name => join(folder, name)))
  return [...new Set([process.execPath, ...found].map(node => realpathSync(node)))]
}

test.each(nodes())(
  'CL-15 CL-17 a program that installed it starts a world, calls, and hears, on %s',
  async node => {
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()
    console.info(`@qunhub/client on Node ${version}`)
    writeFileSync(join(project, 'program.mjs'), plain)
    const command = JSON.stringify([process.execPath, join(root, 'packages/gateway/src/cli/main.ts')])
    const env = { PATH: process.env['PATH'], QUNHUB_COMMAND: command }
    const stdout = execFileSync(node, ['program.mjs'], {
      cwd: project,
      env,
      encoding: 'utf8',
      timeout: PROGRAM_MAX_MS,
    })
    expect(JSON.parse(stdout)).toEqual({
      refused: 'bot-unknown',
      rooms: expect.any(Number),
      broken: 'NoAnswer',
      status: 204,
      heard: expect.arrayContaining(['测试拉群', '假的']),
    })
    expect(JSON.parse(stdout).rooms).toBeGreaterThan(3)
    expect(globSync('node_modules/*', { cwd: project })).toEqual(['node_modules/@qunhub'])
    writeFileSync(join(project, 'old.cjs'), `console.log(typeof require('@qunhub/client').createClient)`)
    expect(execFileSync(node, ['old.cjs'], { cwd: project, encoding: 'utf8' })).toBe('function\n')
  },
)

test.each(['README.md', 'README.zh-CN.md'])(
  'CL-15 the program of %s, as it stands there, hears what is signed, and only that',
  async readme => {
    const [, program] = /^`receiver\.mjs`[\s\S]*?^```js\n([\s\S]*?)^```/m.exec(
      readFileSync(join(root, readme), 'utf8'),
    )!
    writeFileSync(join(project, 'receiver.mjs'), program!)
    const [secret, port] = ['whsec_c2VjcmV0IG9mIHRoZSBSRUFETUUsIDMyIGJ5dGVz', String(await freePort())]
    const env = { PATH: process.env['PATH'], PORT: port, QUNHUB_SECRET: secret }
    const child = spawn(process.execPath, ['receiver.mjs'], { cwd: project, env })
    onTestFinished(() => void child.kill())
    let printed = ''
    child.stdout.on('data', chunk => {
      printed += chunk
    })
    const url = `http://127.0.0.1:${port}/callbacks`
    const room = {
      chatId: 'c',
      botInfo: { wxid: 'w', weixin: 'x', nickName: 'n' },
      wxid: 'R:1',
      avatarUrl: '',
    }
    const body = { ...room, topic: '新客户群', ownerId: '', members: [], group: 'g', syncedTime: 1 }
    // Until it listens the connection is refused; then its answers count.
    const posted = (with_: string) => postFake(url, 'chatroom/joined', body, with_).catch(() => null)
    await eventually(
      'the program',
      async () => (await posted('whsec_YW5vdGhlciBzZWNyZXQsIG9mIG5vYm9keSBoZXJlIQ=='))?.status === 401,
    )
    expect((await posted(secret))?.status).toBe(204)
    await eventually('its line', () => printed === 'joined 新客户群 0\n')
  },
)

const WORKER = `
import { createClient } from '@qunhub/client'
import { createReceiver } from '@qunhub/client/receiver'
export const client = createClient({ baseUrl: 'https://gateway.example', token: 't' })
export default { fetch: createReceiver({ secrets: 'whsec_' }).fetch }
`

/** What the README shows of the receiver, with what it leaves to the reader: a database, and Redis as `redis` has it. */
const SHOWN = [
  `import type { SeenStore } from '@qunhub/client/receiver'
  declare const saveRoom: (...room: unknown[]) => Promise<void>
  declare const redis: {
    set(key: string, value: string, options: { NX?: true; PX?: number; EX?: number }): Promise<string | null>
    get(key: string): Promise<string | null>
    del(key: string): Promise<number>
  }
  export const several = () => createReceiver({ secrets: 'whsec_', seen })`,
  ...[...readFileSync(join(client, 'README.md'), 'utf8').matchAll(/^ *```ts\n(.*?)```/gms)]
    .map(([, block]) => block!)
    .filter(block => /createReceiver\(|const seen/.test(block)),
].join('\n')

test.each([
  ['the receiver of the README', SHOWN, { module: 'nodenext', types: ['node'], lib: ['es2022'] }],
  ['a program for Node, by nodenext', PROGRAM, { module: 'nodenext', types: ['node'], lib: ['es2022'] }],
  [
    'the same, by a bundler',
    PROGRAM,
    { module: 'esnext', moduleResolution: 'bundler', types: ['node'], lib: ['es2022'] },
  ],
  [
    'a worker, by a bundler',
    WORKER,
    { module: 'esnext', moduleResolution: 'bundler', types: [], lib: ['es2022', 'dom'] },
  ],
])('CL-15 its types stand alone, its declarations checked too: %s', (_what, source, own) => {
  const strict = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    target: 'es2022',
  }
  const typeRoots = [join(root, 'node_modules/@types')]
  writeFileSync(join(project, 'program.ts'), source)
  const config = { compilerOptions: { ...strict, typeRoots, ...own }, files: ['program.ts'] }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' })
  expect([stdout, status]).toEqual(['', 0])
})
