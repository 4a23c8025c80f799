import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { eventually } from '../eventually.ts'
import { LOOPBACK } from '../receivers/loopback.ts'

const MAIN = resolve(import.meta.dirname, '../../../gateway/src/cli/main.ts')
const READY_MAX_MS = 90_000
/** Below the ports that systems hand out by themselves, so that nobody takes one while its node is down. */
const PORTS = [20_000, 32_000] as const

/** A gateway in a process of its own, that can be killed and started again on the same ports. */
export interface NodeProcess {
  readonly baseUrl: string
  /** Where other nodes find it, and what its row in the store says. */
  readonly address: string
  /** Of its process; null while it has none. */
  readonly pid: number | null
  /** It has a process, and nobody has told it to end. */
  readonly isRunning: boolean
  /** It has been ready in this life, and nobody has told it to end. */
  readonly isUp: boolean
  /** Every line that it logged in all its lives, as JSON; a line that is none stands as `{ raw }`. */
  readonly log: readonly LogLine[]
  /** Starts it and waits until it is ready; `main` is another command line than the one of this checkout. */
  start(main?: string): Promise<void>
  kill9(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

export type LogLine = Readonly<Record<string, unknown>>

export async function openNodeProcess(env: Record<string, string>): Promise<NodeProcess> {
  const port = await freePort()
  const address = `127.0.0.1:${await freePort()}`
  const baseUrl = `http://127.0.0.1:${port}`
  const log: LogLine[] = []
  let child: ChildProcess | null = null
  let isUp = false

  const hasEnded = (process: ChildProcess) => process.exitCode !== null || process.signalCode !== null

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ended = child
    child = null
    isUp = false
    if (!ended || hasEnded(ended)) return ended?.exitCode ?? null
    const closed = new Promise<number | null>(done => ended.once('close', code => done(code)))
    ended.kill(signal)
    return closed
  }

  return {
    baseUrl,
    address,
    log,
    get pid() {
      return child?.pid ?? null
    },
    get isRunning() {
      return child !== null && !hasEnded(child)
    },
    get isUp() {
      return isUp && child !== null && !hasEnded(child)
    },
    async start(main = MAIN) {
      const started = spawn(process.execPath, [main, 'serve'], {
        env: {
          PATH: process.env.PATH,
          PORT: String(port),
          QUNHUB_NODE_ADDRESS: address,
          QUNHUB_NODE_SECRET: 'n'.repeat(32),
          QUNHUB_SECRET_KEY: '5'.repeat(64),
          QUNHUB_PUPPET_DEADLINE_MS: '2000',
          // No load balancer stands before it.
          QUNHUB_DRAIN_SECONDS: '0',
          QUNHUB_CALLBACK_ALLOW_CIDRS: LOOPBACK,
          // Half of what a start takes is reading the sources.
          NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'node-compile-cache'),
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child = started
      for (const stream of [started.stdout, started.stderr]) readLines(stream, log)
      const isReady = async () => {
        if (hasEnded(started)) throw new Error(`it ended: ${JSON.stringify(log.slice(-3))}`)
        return (await fetch(`${baseUrl}/ready`).catch(() => null))?.status === 200
      }
      await eventually('the node to be ready', isReady, READY_MAX_MS)
      isUp = child === started
    },
    async kill9() {
      await end('SIGKILL')
    },
    stop: () => end('SIGTERM'),
  }
}

function readLines(stream: NodeJS.ReadableStream, log: LogLine[]): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    for (const line of lines) log.push(parse(line))
  })
}

function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine
  } catch {
    return { raw: line }
  }
}

/** A port of 127.0.0.1 that nobody listens at. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...PORTS)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise(done => {
    const probe = createServer()
    probe.once('error', () => done(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)))
  })
