import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, onTestFinished, test, vi } from 'vitest'
import { MINUTE_MS } from '../system/clock.ts'
import { silentLog } from '../system/log.ts'
import { buildConsole, isConsoleStale } from './build-console.ts'
import { isAlive } from './holder-note.ts'

test('RUN-24 the console is built where it was not, and again when a source is younger than what was built', () => {
  const packages = mkdtempSync(join(tmpdir(), 'qunhub-console-'))
  onTestFinished(() => rmSync(packages, { recursive: true }))
  const home = join(packages, 'console')
  mkdirSync(home)
  expect(isConsoleStale(home)).toBe(false)

  for (const folder of ['src/frame', 'dist']) mkdirSync(join(home, folder), { recursive: true })
  for (const file of ['build.mjs', 'src/frame/frame.tsx']) writeFileSync(join(home, file), '')
  expect(isConsoleStale(home)).toBe(true)

  const built = join(home, 'dist/built-from.txt')
  writeFileSync(built, '')
  utimesSync(built, 2_000_000_000, 2_000_000_000)
  expect(isConsoleStale(home)).toBe(false)
  utimesSync(join(home, 'src/frame/frame.tsx'), 2_000_000_001, 2_000_000_001)
  expect(isConsoleStale(home)).toBe(true)

  utimesSync(built, 2_000_000_002, 2_000_000_002)
  const declared = join(packages, 'wire/src/words.ts')
  mkdirSync(join(packages, 'wire/src'), { recursive: true })
  writeFileSync(declared, '')
  utimesSync(declared, 2_000_000_003, 2_000_000_003)
  expect(isConsoleStale(home)).toBe(true)
})

/** A build that says what it was given, and never ends. */
const ENDLESS = `
  import { renameSync, writeFileSync } from 'node:fs'
  import { join } from 'node:path'
  const file = join(import.meta.dirname, 'told')
  writeFileSync(file, JSON.stringify({ pid: process.pid, env: process.env }))
  renameSync(file, file + '.json')
  setInterval(() => {}, 1000)`

/** What it was given, once it has begun. */
async function buildBegun(home: string): Promise<{ pid: number; env: Record<string, string> }> {
  await eventually('the build begins', () => existsSync(join(home, 'told.json')))
  return JSON.parse(readFileSync(join(home, 'told.json'), 'utf8'))
}

function endlessBuild(): string {
  const home = mkdtempSync(join(tmpdir(), 'qunhub-console-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  writeFileSync(join(home, 'build.mjs'), ENDLESS)
  return home
}

test('RUN-24 the build is given none of the gateway’s settings, and is ended after two minutes', async () => {
  vi.stubEnv('QUNHUB_SECRET_KEY', 'canary')
  onTestFinished(() => void vi.unstubAllEnvs())
  const home = endlessBuild()
  const warnings: object[] = []
  const clock = new ManualClock()
  buildConsole({ ...silentLog, warn: facts => void warnings.push(facts) }, home, clock)
  const { pid, env } = await buildBegun(home)
  expect(env).toMatchObject({ PATH: process.env['PATH'] })
  expect(JSON.stringify(env)).not.toMatch(/canary|QUNHUB/)

  clock.advance(MINUTE_MS)
  expect(isAlive(pid)).toBe(true)
  clock.advance(MINUTE_MS)
  await eventually('it is told', () => warnings.length > 0)
  expect(warnings).toMatchObject([{ code: null, signal: 'SIGKILL' }])
  expect(isAlive(pid)).toBe(false)
  expect(clock.nextIn()).toBeUndefined()
})

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'RUN-24 the build ends with its gateway, also one that is ended by %s',
  async signal => {
    const home = endlessBuild()
    const begin = `
      import { buildConsole } from ${JSON.stringify(new URL('build-console.ts', import.meta.url).href)}
      import { silentLog } from ${JSON.stringify(new URL('../system/log.ts', import.meta.url).href)}
      buildConsole(silentLog, ${JSON.stringify(home)})
      setInterval(() => {}, 1000)`
    const gateway = spawn(process.execPath, ['--input-type=module', '--eval', begin], { stdio: 'inherit' })
    onTestFinished(() => void gateway.kill('SIGKILL'))
    const { pid } = await buildBegun(home)
    gateway.kill(signal)
    await eventually('the build is over', () => !isAlive(pid))
  },
)
