/**
 * The console that people look at is built from its sources at the first start, and after they have changed, by a process of its own
 * that the gateway does not wait for (decision 0083). In the package and in the image that has been done.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { resolve } from 'node:path'
import { type Clock, MINUTE_MS, systemClock } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { CONSOLE } from '../system/where-files-lie.ts'

/** Written last. */
const BUILT = 'dist/built-from.txt'
const SAID_CHARACTERS_MAX = 2000
/** It takes some 10 s; a busy machine may take longer. */
const BUILD_MAX_MS = 2 * MINUTE_MS
const SETTINGS_OF_A_BUILD = [
  'PATH',
  'HOME',
  'TMPDIR',
  ...(process.platform === 'win32' ? ['SystemRoot'] : []),
]

/** Whether there are sources that are newer than what was built of them. */
export function isConsoleStale(home = CONSOLE): boolean {
  if (!existsSync(resolve(home, 'build.mjs'))) return false
  const built = statSync(resolve(home, BUILT), { throwIfNoEntry: false })
  if (!built) return true
  // What wire declares is in it, too: words, verbs, fields.
  const sources = [
    ...['src/**/*.*', 'public/*', 'index.html', 'vite.config.ts', 'build.mjs', 'package.json'],
    '../wire/src/**/*.ts',
  ]
  return globSync(sources, { cwd: home }).some(file => statSync(resolve(home, file)).mtimeMs > built.mtimeMs)
}

/** Whoever is killed ends nobody, but the channel to him breaks. The channel keeps nobody from ending. */
const ENDS_WITH_US = `data:text/javascript,${encodeURIComponent(
  `process.once('disconnect', () => process.exit()).channel.unref()`,
)}`

/**
 * Ends by itself, with the gateway however that ends, or after BUILD_MAX_MS; a failure is logged, and everything else goes on without a console. What is
 * built by other people's programs sees none of the gateway's settings, among which are secrets.
 */
export function buildConsole(log: Log, home = CONSOLE, clock: Clock = systemClock): void {
  if (!isConsoleStale(home)) return
  const child = spawn(process.execPath, ['--import', ENDS_WITH_US, resolve(home, 'build.mjs')], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: Object.fromEntries(SETTINGS_OF_A_BUILD.map(name => [name, process.env[name]])),
  })
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID_CHARACTERS_MAX)
  })
  const callOff = clock.after(BUILD_MAX_MS, () => void child.kill('SIGKILL'))
  const ended = (why?: object) => {
    callOff()
    if (!why) return
    log.warn(
      why,
      '控制台没有构建成功, 其余照常; 请在项目目录运行 npm ci / the console could not be built, all else goes on; run npm ci in the project',
    )
  }
  child.once('error', failure => ended({ err: failure }))
  child.once('exit', (code, signal) => ended(code === 0 ? undefined : { code, signal, said }))
  yieldToOthers(child, log)
}

/** The gateway has customers to answer; who looks at the console waits some seconds, once. */
function yieldToOthers(child: ChildProcess, log: Log): void {
  child.unref()
  child.channel?.unref()
  if (child.pid === undefined) return
  try {
    setPriority(child.pid, constants.priority.PRIORITY_LOW)
  } catch (failure) {
    log.debug({ err: failure }, 'the build of the console keeps its priority')
  }
}
