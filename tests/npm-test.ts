/**
 * `npm test`: type check and lint, then all tests but the trials. Behind them stands how long all of it took
 * (packages/testing/src/say-time.ts). What stands behind `npm test --` is handed to vitest.
 */
import { spawn } from 'node:child_process'
import { TESTS_BEGAN_AT } from '../packages/testing/src/say-time.ts'

const VITEST = 'node_modules/vitest/vitest.mjs'

process.env[TESTS_BEGAN_AT] = String(Date.now())
await run('npm', ['run', 'check'])
// Once, and not by each of the gateways that tests start at the same time.
await run(process.execPath, ['packages/console/build.mjs'])
await run(process.execPath, [VITEST, 'run', '--project', 'all', ...process.argv.slice(2)])

/** Ends this process when the program fails, as it did. */
async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: 'inherit', shell: process.platform === 'win32' })
  const passOn = (signal: NodeJS.Signals) => child.kill(signal)
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, passOn)
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', exitCode => resolve(exitCode ?? 1))
  })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.off(signal, passOn)
  if (code !== 0) process.exit(code)
}
