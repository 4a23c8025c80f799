import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { eventually } from '@qunhub/testing/eventually.ts'
import { endpoints } from '@qunhub/wire'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { IN_FLIGHT_MAX } from '../../packages/gateway/src/callback/share-slots.ts'

const root = resolve(import.meta.dirname, '../..')
const main = join(root, 'packages/gateway/src/cli/main.ts')
const launcher = join(root, 'run-on-node-26.mjs')
const dataDir = mkdtempSync(join(tmpdir(), 'qunhub-demo-'))

interface Started {
  readonly child: ChildProcess
  readonly said: () => string
  readonly exited: Promise<number | null>
}

const started: Started[] = []

/** What `npm start` runs, on ports of its own. */
function start(file = process.execPath, args = [main, 'serve', '--demo'], env = process.env): Started {
  const child = spawn(file, args, {
    cwd: root,
    env: { ...env, PORT: '0', QUNHUB_SIMULATOR_PORT: '0', QUNHUB_DATA_DIR: dataDir, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what npm leaves behind is found and ended, too.
    detached: true,
  })
  let said = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', text => (said += text))
  const exited = new Promise<number | null>(done => child.once('exit', code => done(code)))
  const running = { child, said: () => said, exited }
  started.push(running)
  return running
}

/** The environment of somebody who has just opened a terminal: the machine's own Node and npm, and none of ours. */
const ofAPerson = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))),
  PATH: (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(folder => !folder.includes('node_modules'))
    .join(delimiter),
})

async function ready(running: Started): Promise<string> {
  await eventually(`the introduction; it said:\n${running.said()}`, () =>
    running.said().includes('listByMHTag'),
  )
  return running.said()
}

const note = () => JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as Record<string, string>
const curlLines = (said: string) => said.split('\n').filter(line => line.startsWith('curl '))
/** Pastes a printed line into a shell. */
const paste = async (line: string) =>
  JSON.parse((await run('bash', ['-c', line])).stdout) as Record<string, unknown>

interface Described {
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<
    Record<
      string,
      {
        readonly get?: {
          readonly parameters: readonly { readonly name: string; readonly example?: string }[]
        }
        readonly post?: {
          readonly requestBody: {
            readonly content: { readonly 'application/json': { readonly example: object } }
          }
        }
      }
    >
  >
}

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const run = (file: string, args: string[], env: NodeJS.ProcessEnv = process.env): Promise<Ended> =>
  new Promise(resolve => {
    const child = execFile(file, args, { env, timeout: 20_000 }, (_failure, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })

function endGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (failure) {
    // All of it has ended already.
    if ((failure as NodeJS.ErrnoException).code !== 'ESRCH') throw failure
  }
}

/** What `npm start` runs is two seconds of work, so that one test leaves it to the next, until one ends it. */
let kept: Started | null = null
async function atWork(): Promise<Started> {
  kept ??= start()
  const running = kept
  await ready(running)
  return running
}
function toBeEnded(): Promise<Started> {
  const running = atWork()
  kept = null
  return running
}

async function endAllBut(left: Started | null): Promise<void> {
  for (const running of started.splice(0)) {
    if (running === left) {
      started.push(running)
      continue
    }
    endGroup(running.child.pid!)
    await running.exited
  }
}
afterEach(() => endAllBut(kept))
afterAll(async () => {
  await endAllBut(null)
  rmSync(dataDir, { recursive: true, force: true })
})

describe('npm start', () => {
  test('RUN-1 it prints three curl lines that work when pasted, and then each callback', async () => {
    const running = await atWork()
    const lines = curlLines(running.said())
    expect(lines).toHaveLength(3)

    const created = await paste(lines[0]!)
    expect(created).toMatchObject({ errcode: 0, errmsg: 'ok' })
    expect(await paste(lines[1]!)).toEqual({ code: 0, message: '' })
    expect(await paste(lines[2]!)).toMatchObject({ code: 0, page: { current: 1, total: 2 } })

    const { chatId } = created['data'] as { chatId: string }
    await eventually('the callback of the new room is told', () =>
      running.said().includes(`chatroom/joined  新客户群`),
    )
    expect(running.said()).toContain(chatId)
  })

  test('RUN-2 it leaves a note for other programs', async () => {
    await atWork()
    expect(note()).toEqual({
      baseUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      token: expect.stringMatching(/^[\w-]{43}$/),
      workspaceId: expect.stringMatching(/^[0-9a-f]{24}$/),
      simulatorUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      receiverUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+/),
      setUrl: note()['receiverUrl'],
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    })
    expect((await fetch(`${note()['simulatorUrl']}/world`)).status).toBe(200)
  })

  test('RUN-3 a second start on the same data keeps everything', async () => {
    const first = await toBeEnded()
    const created = await paste(curlLines(first.said())[0]!)
    expect(created).toMatchObject({ errcode: 0 })
    const before = note()
    const rooms = async () => {
      const { baseUrl, token } = note()
      const reply = await fetch(`${baseUrl}/room/listByMHTag?token=${token}&pageSize=100`)
      const { data } = (await reply.json()) as { data: { chatId: string; topic: string }[] }
      return data.map(({ chatId, topic }) => ({ chatId, topic }))
    }
    const known = await rooms()
    expect(known).toContainEqual({
      chatId: (created['data'] as { chatId: string }).chatId,
      topic: '新客户群',
    })
    first.child.kill('SIGTERM')
    expect(await first.exited).toBe(0)

    await atWork()
    expect(note()).toMatchObject({ token: before['token'], workspaceId: before['workspaceId'] })
    expect(await rooms()).toEqual(known)
  })

  test('RUN-4 a second process on the data directory is refused with a clear message', async () => {
    await atWork()
    const second = start()
    expect(await second.exited).toBe(1)
    expect(second.said()).toContain(dataDir)
    expect(second.said()).not.toContain('    at ')
  })

  test('RUN-5 SIGTERM drains and exits 0 within 10 s', async () => {
    const running = await toBeEnded()
    const before = Date.now()
    running.child.kill('SIGTERM')
    expect(await running.exited).toBe(0)
    expect(Date.now() - before).toBeLessThan(10_000)
  })

  test('RUN-6 after kill -9 the next start has the directory, and the store is whole', async () => {
    const killed = await toBeEnded()
    killed.child.kill('SIGKILL')
    await killed.exited
    await atWork()
    const { baseUrl, token } = note()
    expect(await (await fetch(`${baseUrl}/room/listByMHTag?token=${token}`)).json()).toMatchObject({
      code: 0,
    })
  })
})

describe('the npm scripts', () => {
  beforeAll(async () => {
    kept = null
    await endAllBut(null)
  })

  test('RUN-8 SIGTERM to npm start stops the gateway that npm leaves behind', async () => {
    const npm = start('npm', ['start'], ofAPerson())
    await ready(npm)
    const { baseUrl } = note()
    expect(await answers(baseUrl!)).toBe(true)
    npm.child.kill('SIGTERM')
    await eventually(`${baseUrl} to be free`, async () => !(await answers(baseUrl!)), 10_000)
  })

  test('RUN-9 they run on Node 26, whichever Node the machine has', async () => {
    const { code, stdout } = await run('node', [launcher, '-p', 'process.version'], ofAPerson())
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^v26\./) })
  })

  test('RUN-9 without the packages of Node 26 they run on a new Node of the machine', async () => {
    const alone = join(dataDir, 'run-on-node-26.mjs')
    copyFileSync(launcher, alone)
    const { code, stdout } = await run(process.execPath, [alone, '-p', 'process.execPath'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${process.execPath}\n` })
  })

  test('CB-10 as many names can be looked up at once as callbacks can be in flight, so that none waits behind name servers that hang', async () => {
    const threads = (env: NodeJS.ProcessEnv) =>
      run('node', [launcher, '-p', 'process.env.UV_THREADPOOL_SIZE'], env).then(({ stdout }) =>
        Number(stdout),
      )
    const { UV_THREADPOOL_SIZE: _ours, ...env } = ofAPerson()
    // Node lets lookups have half of them.
    expect((await threads(env)) / 2).toBeGreaterThanOrEqual(IN_FLIGHT_MAX)
    expect(await threads({ ...env, UV_THREADPOOL_SIZE: '7' })).toBe(7)
  })

  test.each([
    ['its exit code', 'process.exitCode = 7', 7],
    ['the signal that ended it', `process.kill(process.pid, 'SIGKILL')`, 128 + 9],
  ])('RUN-10 how a script ended is passed on: %s', async (_what, script, exitCode) => {
    expect((await run(process.execPath, [launcher, '-e', script])).code).toBe(exitCode)
  })

  test('RUN-10 a signal is passed on to the script', async () => {
    const running = start(process.execPath, [launcher, main, 'serve', '--demo'])
    await ready(running)
    running.child.kill('SIGTERM')
    expect(await running.exited).toBe(0)
  })
})

const answers = (baseUrl: string): Promise<boolean> =>
  fetch(`${baseUrl}/health`).then(
    () => true,
    () => false,
  )

describe('bad settings', () => {
  test('RUN-7 every problem is reported at once, and the exit code is 2', async () => {
    const failure = await run(process.execPath, [main, 'serve'], {
      ...process.env,
      PORT: 'x',
      DATABASE_URL: 'postgres://x',
      QUNHUB_DATA_DIR: dataDir,
    })
    expect(failure.code).toBe(2)
    expect(failure.stderr).toContain('PORT')
    expect(failure.stderr).toContain('DATABASE_URL')
  })
})

describe('the document of the demo', () => {
  test('OA-3 each request of its OpenAPI document, sent as it stands there, is answered with code 0; and so are those that it shows after that', async () => {
    const running = start()
    await ready(running)
    const { baseUrl } = note()
    for (let time = 1; time <= 2; time++) {
      const { paths, servers } = (await (await fetch(`${baseUrl}/openapi.json`)).json()) as Described
      expect(servers).toEqual([{ url: baseUrl }])
      const answers: Record<string, unknown> = {}
      for (const [path, { get, post }] of Object.entries(paths)) {
        const query = new URLSearchParams(
          get?.parameters.flatMap(({ name, example }) => (example === undefined ? [] : [[name, example]])),
        )
        const body = JSON.stringify(post?.requestBody.content['application/json'].example)
        const answer = await fetch(`${servers[0]!.url}${path}?${query}`, post && { method: 'POST', body })
        const { code, errcode } = (await answer.json()) as { code?: number; errcode?: number }
        answers[path] = code ?? errcode
      }
      expect(answers).toEqual(Object.fromEntries(endpoints.map(({ path }) => [path, 0])))
    }
  })
})
