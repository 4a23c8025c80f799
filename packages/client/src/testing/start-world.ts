/**
 * A world for somebody's tests: the product itself, with its simulated WeCom, on free ports, in a process of its own. So it
 * runs on the Node that it wants, whichever runs the tests, and under any test runner. What it keeps is in a temporary
 * directory, which goes when it is stopped.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface WorldOptions {
  /** Where callbacks go; a receiver of the test's own, which has to listen by now. Left out: to one that only prints them. */
  readonly callbackUrl?: string | undefined
  /** A scene of the simulator (`demo` by default). */
  readonly scene?: string | undefined
  /** How `qunhub` is started here. Left out: the one in the nearest node_modules/.bin. */
  readonly command?: readonly string[] | undefined
  /** More settings of the gateway, such as QUNHUB_RECONCILE_EVERY_MINUTES. */
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly startMaxMs?: number | undefined
}

export interface World {
  readonly baseUrl: string
  readonly token: string
  /** What its callbacks are signed with. */
  readonly secret: string
  readonly workspaceId: string
  /** The control API of the simulator. */
  readonly simulatorUrl: string
  /** `control('POST', '/rooms', { ownerId, topic, members })`: lets something happen in the simulated WeCom. */
  control<Reply = unknown>(method: string, path: string, body?: object): Promise<Reply>
  /** Ends it and removes what it kept. */
  stop(): Promise<void>
}

/** It did not start, or the simulator refused; the message holds what it said. */
export class WorldFailed extends Error {
  override name = 'WorldFailed'
}

const START_MAX_MS = 60_000
const STOP_MAX_MS = 12_000
const LOOK_EVERY_MS = 50
const LAST_WORDS_LENGTH_MAX = 2000

/** Resolves when the bots are online and their rooms are known; takes some seconds. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const [program, ...args] = options.command ?? [installedCommand()]
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-world-'))
  const child = spawn(program!, [...args, 'serve', '--demo'], {
    env: { ...inherited(), ...settings(dataDir, options), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const life = follow(child)
  const stop = async () => {
    await life.end()
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    const note = await readNote(join(dataDir, 'demo.json'), life, options.startMaxMs ?? START_MAX_MS)
    return { ...note, control: (method, path, body) => control(note.simulatorUrl, method, path, body), stop }
  } catch (failure) {
    await stop()
    throw failure
  }
}

const settings = (dataDir: string, { callbackUrl, scene }: WorldOptions): Record<string, string> => ({
  PORT: '0',
  QUNHUB_SIMULATOR_PORT: '0',
  QUNHUB_DATA_DIR: dataDir,
  ...(scene === undefined ? {} : { QUNHUB_SCENE: scene }),
  ...(callbackUrl === undefined ? {} : { QUNHUB_DEMO_CALLBACK_URL: callbackUrl }),
})

/** Not the settings of a gateway that whoever runs the tests may have set. */
const inherited = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(QUNHUB_|PORT$|DATABASE_URL$|NODE_OPTIONS$)/.test(name),
    ),
  )

function installedCommand(): string {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    const command = resolve(folder, 'node_modules/.bin/qunhub')
    if (existsSync(command)) return command
    if (folder === dirname(folder)) break
  }
  throw new WorldFailed(
    '找不到 qunhub: 安装 qunhub, 或用 command 指明如何启动 / there is no qunhub here: install qunhub, or say by `command` how it is started',
  )
}

interface Life {
  /** What it has said last, once it has ended by itself. */
  lastWords(): string | undefined
  end(): Promise<void>
}

function follow(child: ChildProcess): Life {
  let words = ''
  let failed: Error | undefined
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-LAST_WORDS_LENGTH_MAX)
    })
  child.once('error', failure => {
    failed = failure
  })
  const hasEnded = () => failed !== undefined || child.exitCode !== null || child.signalCode !== null
  // Whoever ends without `stop` leaves nobody behind.
  const kill = () => void child.kill()
  process.once('exit', kill)
  return {
    lastWords: () => (hasEnded() ? `${failed?.message ?? `exit ${child.exitCode}`}\n${words}` : undefined),
    async end() {
      process.removeListener('exit', kill)
      if (hasEnded()) return
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      const tooLong = setTimeout(() => child.kill('SIGKILL'), STOP_MAX_MS)
      await closed
      clearTimeout(tooLong)
    },
  }
}

type Note = Omit<World, 'control' | 'stop'>

/** The demo writes it when everything is there. */
async function readNote(file: string, life: Life, startMaxMs: number): Promise<Note> {
  const until = Date.now() + startMaxMs
  for (;;) {
    const lastWords = life.lastWords()
    if (lastWords !== undefined) throw new WorldFailed(`qunhub 没有启动 / it did not start: ${lastWords}`)
    const note = existsSync(file) && parse(await readFile(file, 'utf8'))
    if (note) return note
    if (Date.now() > until) throw new WorldFailed(`qunhub: ${startMaxMs} ms 内没有就绪 / not ready in time`)
    await sleep(LOOK_EVERY_MS)
  }
}

function parse(text: string): Note | undefined {
  try {
    const { baseUrl, token, secret, workspaceId, simulatorUrl } = JSON.parse(text) as Note
    return { baseUrl, token, secret, workspaceId, simulatorUrl }
  } catch {
    // Half written; the next look finds it whole.
    return undefined
  }
}

async function control<Reply>(url: string, method: string, path: string, body?: object): Promise<Reply> {
  const answer = await fetch(url + path, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  })
  const reply: unknown = await answer.json()
  if (!answer.ok) throw new WorldFailed(`${method} ${path}: ${answer.status} ${JSON.stringify(reply)}`)
  return reply as Reply
}
