import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Bot } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { freePort } from '@qunhub/testing/processes/node-process.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type FakeOptions, postFake, signFake } from '../../packages/client/src/testing/index.ts'

const samples = resolve(import.meta.dirname, '../../samples')

interface Sample {
  readonly language: string
  /** What has to be installed. */
  readonly needs: string
  readonly calls: readonly string[]
  readonly receive: (port: number) => readonly string[]
}

const SAMPLES: readonly Sample[] = [
  {
    language: 'node',
    needs: process.execPath,
    calls: [process.execPath, 'calls.mjs'],
    receive: () => [process.execPath, 'receive.mjs'],
  },
  {
    language: 'java',
    needs: 'javac',
    calls: ['java', 'Calls.java'],
    receive: () => ['java', 'Receive.java'],
  },
  {
    language: 'php',
    needs: 'php',
    calls: ['php', 'calls.php'],
    receive: port => ['php', '-S', `127.0.0.1:${port}`, 'receive.php'],
  },
  { language: 'go', needs: 'go', calls: ['go', 'run', './calls'], receive: () => ['go', 'run', './receive'] },
  {
    language: 'python',
    needs: 'python3',
    calls: ['python3', 'calls.py'],
    receive: () => ['python3', 'receive.py'],
  },
]

const isInstalled = ({ needs }: Sample): boolean => {
  try {
    execFileSync('which', [needs], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}
const [installed, missing] = [SAMPLES.filter(isInstalled), SAMPLES.filter(sample => !isInstalled(sample))]
console.info(
  missing.length === 0
    ? 'samples: none was left out'
    : `samples left out, for their toolchain is not installed: ${missing.map(({ language }) => language).join(', ')}`,
)

let house: House
let bot: Bot
let scratch: string

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'qunhub-samples-'))
  house = await openHouse()
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  await house.host(bot)
})
afterAll(async () => {
  await house.close()
  rmSync(scratch, { recursive: true, force: true })
})

const environment = (own: Record<string, string>) => ({
  PATH: process.env['PATH'],
  HOME: scratch,
  SEEN_DIR: scratch,
  LANG: 'C.UTF-8',
  JAVA_TOOL_OPTIONS: '-Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8',
  GOFLAGS: '-mod=mod',
  ...own,
})

/** A sample in a process group of its own, for `go run` has a child; what it says, and its end. */
function start(command: readonly string[], language: string, own: Record<string, string>) {
  const [program, ...args] = command
  const cwd = join(samples, language)
  const child: ChildProcess = spawn(program!, args, { cwd, env: environment(own), detached: true })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  onTestFinished(() => {
    if (child.exitCode === null) process.kill(-child.pid!, 'SIGKILL')
  })
  return { said: () => said, ended: once(child, 'close') }
}

const isListening = (port: number): Promise<boolean> =>
  new Promise(done => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => done(true)).once('error', () => done(false))
    socket.once('connect', () => socket.destroy())
  })

/** What a stranger sends who bets on an empty key. */
async function postByNoKey(url: string): Promise<number> {
  const [id, timestamp, body] = ['msg_no_key', String(Math.floor(Date.now() / 1000)), '{"topic":"改过的"}']
  const mac = createHmac('sha256', '').update(`${id}.${timestamp}.${body}`).digest('base64')
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${mac}` }
  return (await fetch(`${url}/chatroom/loaded`, { method: 'POST', headers, body })).status
}

/** The base URL of a server that ends with the test, and the paths that it was asked for. */
async function serving(answer: RequestListener) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url!.replace(/\?.*/, ''))
    answer(request, response)
  })
  await new Promise<void>(up => server.listen(0, '127.0.0.1', up))
  onTestFinished(() => void server.close().closeAllConnections())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

test.each(installed)(
  'CL-18 $language: a receiver whose secret is none does not start, or answers nothing with 2xx',
  async ({ language, receive }) => {
    for (const QUNHUB_SECRETS of ['', 'whsec_', `${Buffer.alloc(32, 3).toString('base64')}`]) {
      const port = await freePort()
      const receiver = start(receive(port), language, { PORT: String(port), QUNHUB_SECRETS })
      let isOver = false
      void receiver.ended.then(() => (isOver = true))
      await eventually(`the receiver of ${language}`, async () => isOver || isListening(port), 60_000)
      if (await isListening(port)) expect(await postByNoKey(`http://127.0.0.1:${port}`)).toBe(500)
      expect(receiver.said()).not.toContain('改过的')
    }
  },
)

test.each(installed)(
  'CL-18 $language: a redirect does not get the token, and without a room nothing more is asked',
  async ({ language, calls }) => {
    const elsewhere = await serving((_request, response) => void response.end('{"errcode":0}'))
    const moved = await serving((_request, response) => {
      response.writeHead(302, { location: `${elsewhere.url}/elsewhere` }).end('{"errcode":0}')
    })
    const refusing = await serving((_request, response) => {
      response.end('{"errcode":-2,"errmsg":"没有这个账号","data":{}}')
    })
    for (const { url, asked } of [moved, refusing]) {
      const own = { QUNHUB_URL: url, QUNHUB_TOKEN: 't', BOT: 'xiaobei', CONTACTS: 'a,b,c' }
      await start(calls, language, own).ended
      expect(asked).toEqual(['/room/create'])
    }
    expect(elsewhere.asked).toEqual([])
  },
)

test.each(installed)(
  'CL-18 $language: the five calls, and a receiver that believes what the product signs and nothing else',
  async ({ language, calls, receive }) => {
    const { workspaceId: workspace } = house
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/hooks/qunhub`
    await house.operate('set-callback-url', { workspace, url: `${url}?from=${language}` })
    const { secret } = await house.operate('show-callback-secret', { workspace })
    const former = `whsec_${Buffer.alloc(32, 3).toString('base64')}`

    const receiver = start(receive(port), language, {
      PORT: String(port),
      // As people leave it behind: what stands between two spaces is no secret.
      QUNHUB_SECRETS: `${former}  ${secret} `,
    })
    await eventually(`the receiver of ${language}`, () => isListening(port), 60_000)

    const contacts = [1, 2, 3].map(() => house.world.addContact({ friendOf: [bot.wxid] }).wxid)
    const caller = start(calls, language, {
      QUNHUB_URL: house.baseUrl,
      QUNHUB_TOKEN: house.token,
      BOT: 'xiaobei',
      CONTACTS: contacts.join(','),
    })
    await caller.ended
    const lines = caller
      .said()
      .split('\n')
      .filter(line => line && !line.startsWith('Picked up'))
    expect(lines).toEqual([
      'create 0',
      'addMember 0',
      'listByMember 0 示例群',
      expect.stringMatching(/^listByMHTag 0 [1-9]\d*$/),
      'exit -11 因托管账号是群主,退出群聊失败,请在手机端退出',
    ])
    await eventually('what the product told of it', () => receiver.said().includes('chatroom/joined 示例群'))

    const body = { topic: `假的 ${language}`, members: 'x'.repeat(150_000) }
    const post = (own: FakeOptions & { kind?: string; secret?: string }) =>
      postFake<string>(url, own.kind ?? 'chatroom/loaded', body, own.secret ?? secret, own).then(
        ({ status }) => status,
      )
    const webhookId = `msg_${language}`
    expect(await post({ webhookId })).toBe(204)
    expect(await post({ webhookId })).toBe(204)
    expect(receiver.said().split(`chatroom/loaded 假的 ${language}`)).toHaveLength(2)
    expect(await post({ secret: former })).toBe(204)
    expect(await post({ kind: 'room/sealed' })).toBe(204)

    const refused = [
      await post({ secret: `whsec_${Buffer.alloc(32, 4).toString('base64')}` }),
      await post({ signedAt: Date.now() - 301_000 }),
      await post({ signedAt: Date.now() + 302_000 }),
    ]
    const { path, headers } = await signFake('chatroom/loaded', body as never, secret)
    const tampered = JSON.stringify({ ...body, topic: '改过的' })
    refused.push((await fetch(url + path, { method: 'POST', headers, body: tampered })).status)
    refused.push((await fetch(url + path, { method: 'POST', body: '{}' })).status)
    refused.push(await postByNoKey(url))
    expect(refused).toEqual(refused.map(() => 401))
    expect(receiver.said()).not.toContain('改过的')
  },
)

test.each(installed)('CL-18 $language: the receiver passes qunhub conform', async ({ language, receive }) => {
  const [secret, former] = [5, 6].map(byte => `whsec_${Buffer.alloc(32, byte).toString('base64')}`)
  const port = await freePort()
  const receiver = start(receive(port), language, {
    PORT: String(port),
    QUNHUB_SECRETS: `${secret} ${former}`,
  })
  await eventually(`the receiver of ${language}`, () => isListening(port), 60_000)

  const { stdout } = await runCliHere(`conform http://127.0.0.1:${port}/hooks/qunhub --json`, {
    QUNHUB_SECRETS: `${secret} ${former}`,
  })
  const { findings } = JSON.parse(stdout) as { findings: { check: string; verdict: string }[] }
  // A busy machine may be slow, which is warned of and is no fault of the sample's.
  expect(
    findings.filter(({ check, verdict }) => verdict !== 'passed' && check !== 'speed'),
    receiver.said(),
  ).toEqual([expect.objectContaining({ check: 'handled-once' })])
  for (const topic of ['qunhub conform: twice', 'qunhub conform: twice at once'])
    expect(receiver.said().match(new RegExp(`${topic}$`, 'gm'))).toHaveLength(1)
  expect(receiver.said()).not.toContain('qunhub tampered')
})
