/**
 * P10: from the start of the process to its first answer. The package that is shipped, on a store that is empty, against a bare
 * `node -e` that listens and answers; the two take turns. What Node has compiled once lies beside the package, as after any
 * first start; that first one, which has to make store and key and to compile, is told apart.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '@qunhub/testing/processes/node-process.ts'
import { median } from './peer.ts'

const root = resolve(import.meta.dirname, '..')
const ROUNDS = { full: 25, tiny: 1 } as const
const LOOK_EVERY_MS = 1
const GIVE_UP_AFTER_MS = 60_000
const BARE = `require('node:http').createServer((_, answer) => answer.end('ok')).listen(process.env.PORT, '127.0.0.1')`

export async function start(size: keyof typeof ROUNDS): Promise<object> {
  const home = mkdtempSync(join(tmpdir(), 'qunhub-bench-'))
  try {
    const product = [packInto(join(home, 'package')), 'serve', '--data-dir', join(home, 'data')]
    const first = await startOnce(product)
    const ours: Started[] = []
    const bare: Started[] = []
    for (let round = 0; round < ROUNDS[size]; round++) {
      bare.push(await startOnce(['-e', BARE]))
      ours.push(await startOnce(product))
    }
    return {
      what: 'process start to first answer of the package, empty store, against a bare node -e server; limit: 4 times',
      rounds: ROUNDS[size],
      ratioByTime: ratio(ours, bare, ({ ms }) => ms),
      ratioByCpu: ratio(ours, bare, ({ cpuMs }) => cpuMs),
      product: medians(ours),
      bare: medians(bare),
      veryFirst: medians([first]),
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

interface Started {
  readonly ms: number
  /** Of all its threads until then; a busy machine lengthens it little. */
  readonly cpuMs: number
}

const ratio = (ours: Started[], bare: Started[], of: (started: Started) => number): number =>
  Number((median(ours.map(of)) / median(bare.map(of))).toFixed(2))

const medians = (started: Started[]) => ({
  ms: Math.round(median(started.map(({ ms }) => ms))),
  cpuMs: Math.round(median(started.map(({ cpuMs }) => cpuMs))),
})

/** Nanoseconds on a processor stand first. Of Linux alone. */
const cpuMsOf = (pid: number): number =>
  globSync(`/proc/${pid}/task/*/schedstat`).reduce(
    (sum, file) => sum + Number(readFileSync(file, 'utf8').split(' ')[0]) / 1e6,
    0,
  )

/** As npm would put it there, but for what lies beside it, which is ours. */
function packInto(folder: string): string {
  execFileSync(process.execPath, [join(root, 'packages/gateway/pack.mjs'), folder], { stdio: 'pipe' })
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(join(root, 'node_modules/@juzi'), join(folder, 'node_modules/@juzi'))
  return join(folder, 'qunhub.cjs')
}

/** Until something answers; then it is ended, and gone. */
async function startOnce(args: readonly string[]): Promise<Started> {
  const port = await freePort()
  const env = { PATH: process.env['PATH'], PORT: String(port), QUNHUB_DRAIN_SECONDS: '0' }
  const from = performance.now()
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' })
  const ended = once(child, 'exit')
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${args[0]} ended with ${child.exitCode}`)
    if (performance.now() > from + GIVE_UP_AFTER_MS) throw new Error(`${args[0]} never answered`)
    await pause(LOOK_EVERY_MS)
  }
  const took = { ms: performance.now() - from, cpuMs: cpuMsOf(child.pid!) }
  child.kill('SIGTERM')
  await ended
  return took
}

const answers = (port: number): Promise<boolean> =>
  new Promise(done => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('GET /health HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n'),
    )
    socket.once('data', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })
