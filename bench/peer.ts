/** A server in a process of its own, and a client that asks it: what one request cost in CPU time, and how many a second. */
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { next } from './child.ts'

const CONNECTIONS = 32

export interface Peer {
  readonly child: ChildProcess
  readonly origin: string
  readonly path: string
  readonly pool: Pool
}

/** Whom to ask for what: the same path again and again, or each time another one. */
export interface Asked extends Pick<Peer, 'child' | 'pool'> {
  readonly path: string | (() => string)
  /** What the asker has already; then the answer is that it is unchanged. */
  readonly etag?: string
  /** The asker takes it packed, and counts only as an answer what is. */
  readonly isPacked?: boolean
}

export interface Round {
  readonly cpuUsPerRequest: number
  readonly requestsPerSecond: number
}

export async function openPeer(file: string, args: readonly string[]): Promise<Peer> {
  const child = fork(join(import.meta.dirname, file), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { origin, path } = await next<{ origin: string; path: string }>(child)
  return { child, origin, path, pool: new Pool(origin, { connections: CONNECTIONS, pipelining: 1 }) }
}

export async function closePeers(peers: readonly Peer[]): Promise<void> {
  for (const { child, pool } of peers) {
    await pool.destroy()
    child.kill('SIGTERM')
    await new Promise(done => (child.exitCode === null ? child.once('exit', done) : done(null)))
  }
}

/** Asks the peers in turn, as one load balancer would; CPU time is that of all of them together. */
export async function run(
  peers: readonly Asked[],
  requests: number,
  connections = CONNECTIONS,
): Promise<Round> {
  const before = await cpuUs(peers)
  const began = performance.now()
  let left = requests
  await Promise.all(
    Array.from({ length: connections }, async (_, connection) => {
      for (let n = connection; left-- > 0; n++) await ask(peers[n % peers.length]!)
    }),
  )
  const seconds = (performance.now() - began) / 1000
  return {
    cpuUsPerRequest: ((await cpuUs(peers)) - before) / requests,
    requestsPerSecond: requests / seconds,
  }
}

/** Asks the peers in turn, each `perSecond` times a second for `seconds`, whether or not they keep up. CPU time as above. */
export async function runPaced(
  peers: readonly Asked[],
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<number> {
  const before = await cpuUs(peers)
  const began = performance.now()
  const requests = perSecond * seconds * peers.length
  const asked: Promise<void>[] = []
  for (let n = 0; n < requests; n++) {
    const earlyMs = began + (n * seconds * 1000) / requests - performance.now()
    if (earlyMs > 0) await pause(earlyMs)
    asked.push(ask(peers[n % peers.length]!))
  }
  await Promise.all(asked)
  return ((await cpuUs(peers)) - before) / requests
}

async function ask({ pool, path, etag, isPacked }: Asked): Promise<void> {
  const wanted = typeof path === 'string' ? path : path()
  const { statusCode, headers, body } = await pool.request({
    ...{ method: 'GET', path: wanted },
    headers: {
      ...(etag !== undefined && { 'if-none-match': etag }),
      ...(isPacked && { 'accept-encoding': 'gzip' }),
    },
  })
  if (statusCode !== (etag === undefined ? 200 : 304)) throw new Error(`HTTP ${statusCode}`)
  if (isPacked && headers['content-encoding'] !== 'gzip') throw new Error('the answer is not packed')
  for await (const _ of body);
}

/** User and system time of the servers' processes so far, in microseconds. */
async function cpuUs(peers: readonly Pick<Peer, 'child'>[]): Promise<number> {
  let sum = 0
  for (const { child } of peers) {
    const answer = next<{ cpuUs: number }>(child)
    child.send('cpu')
    sum += (await answer).cpuUs
  }
  return sum
}

export const median = (numbers: number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  return Number(sorted[Math.floor(sorted.length / 2)]!.toFixed(3))
}
