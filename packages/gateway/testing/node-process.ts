import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { eventually } from './eventually.ts'

const MAIN = resolve(import.meta.dirname, '../src/cli/main.ts')

/** A gateway in a process of its own, that can be killed and started again on the same ports. */
export interface NodeProcess {
  readonly baseUrl: string
  readonly isRunning: boolean
  /** Every line that it logged in all its lives, as JSON; a line that is none stands as `{ raw }`. */
  readonly log: readonly LogLine[]
  /** Starts it and waits until it is ready. */
  start(): Promise<void>
  kill9(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

export type LogLine = Readonly<Record<string, unknown>>

export async function openNodeProcess(env: Record<string, string>): Promise<NodeProcess> {
  const port = await freePort()
  const nodePort = await freePort()
  const baseUrl = `http://127.0.0.1:${port}`
  const log: LogLine[] = []
  let child: ChildProcess | null = null

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const ended = child
    child = null
    if (!ended || ended.exitCode !== null || ended.signalCode !== null) return ended?.exitCode ?? null
    const closed = new Promise<number | null>(done => ended.once('close', code => done(code)))
    ended.kill(signal)
    return closed
  }

  return {
    baseUrl,
    log,
    get isRunning() {
      return child !== null && child.exitCode === null && child.signalCode === null
    },
    async start() {
      const started = spawn(process.execPath, [MAIN, 'serve'], {
        env: {
          PATH: process.env.PATH,
          PORT: String(port),
          QUNHUB_NODE_ADDRESS: `127.0.0.1:${nodePort}`,
          QUNHUB_NODE_SECRET: 'n'.repeat(32),
          QUNHUB_SECRET_KEY: '5'.repeat(64),
          QUNHUB_PUPPET_DEADLINE_MS: '2000',
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child = started
      for (const stream of [started.stdout, started.stderr]) readLines(stream, log)
      await eventually(
        'the node to be ready',
        async () => {
          if (started.exitCode !== null) throw new Error(`it ended: ${JSON.stringify(log.slice(-3))}`)
          return (await fetch(`${baseUrl}/ready`).catch(() => null))?.status === 200
        },
        15_000,
      )
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

export const freePort = (): Promise<number> =>
  new Promise((done, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
