import { type ChildProcess, spawn } from 'node:child_process'
import type { RunAs } from '../processes/run-as.ts'
import { findProgram } from './describe-with.ts'

/** What it said last is kept, so that a failure can tell. */
const SAID_CHARS_MAX = 20_000
/** Then it is killed. */
const END_WITHIN_MS = 30_000

/** A program of Debian, run in the foreground by this process alone. */
export interface ProgramProcess {
  /** Of its life at this moment; undefined while it has none. */
  readonly pid: number | undefined
  readonly isRunning: boolean
  /** Of its last life; null while it runs, and where a signal ended it. */
  readonly exitCode: number | null
  /** The end of what it said, in all its lives. */
  said(): string
  start(): void
  signal(name: NodeJS.Signals): void
  /** Resolves when it has ended; one that does not within half a minute is killed. */
  end(signal?: NodeJS.Signals): Promise<void>
}

export interface ProgramOptions {
  readonly cwd: string
  readonly as?: RunAs | undefined
  readonly env?: Record<string, string>
}

/** Not started yet. */
export function openProgram(
  name: string,
  args: readonly string[],
  { cwd, as, env = {} }: ProgramOptions,
): ProgramProcess {
  const path = findProgram(name)
  if (!path) throw new Error(`${name} is not installed`)
  let child: ChildProcess | null = null
  let said = ''
  const isRunning = () => child?.pid !== undefined && child.exitCode === null && child.signalCode === null
  return {
    get pid() {
      return isRunning() ? child!.pid : undefined
    },
    get isRunning() {
      return isRunning()
    },
    get exitCode() {
      return child?.exitCode ?? null
    },
    said: () => said,
    start() {
      const started = spawn(path, args, {
        ...as,
        cwd,
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child = started
      // It ends without having lived; whoever waits for it sees why.
      started.once('error', failure => {
        said += `${failure}`
      })
      for (const stream of [started.stdout, started.stderr])
        stream.setEncoding('utf8').on('data', text => {
          said = (said + text).slice(-SAID_CHARS_MAX)
        })
    },
    signal: name => void child?.kill(name),
    async end(signal = 'SIGTERM') {
      const ended = child
      if (!ended || !isRunning()) return
      const closed = new Promise(done => ended.once('exit', done))
      ended.kill(signal)
      const killAtLast = setTimeout(() => ended.kill('SIGKILL'), END_WITHIN_MS)
      await closed
      clearTimeout(killAtLast)
    },
  }
}
