import { type ChildProcess, spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const MAIN = resolve(import.meta.dirname, '../../../gateway/src/cli/main.ts')

export interface CliRun {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliProcess {
  readonly child: ChildProcess
  /** What it has written so far. */
  said(): string
  readonly ended: Promise<CliRun>
}

/** Starts the real command line in a process of its own, with no settings but these. */
export function startCli(args: readonly string[], env: Record<string, string> = {}): CliProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: {
      PATH: process.env.PATH,
      // Half of what a process costs is reading its sources, and these tests start a hundred.
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), 'node-compile-cache'),
      TZ: 'Asia/Shanghai',
      NO_COLOR: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<CliRun>(done =>
    child.once('close', exitCode => done({ exitCode, stdout, stderr })),
  )
  return { child, said: () => stdout + stderr, ended }
}

export const runCliProcess = (args: readonly string[], env: Record<string, string> = {}): Promise<CliRun> =>
  startCli(args, env).ended
