/**
 * P1: `listByMember` for a contact in 20 rooms of 50 members, in a store of 10,000 rooms of 100, against a raw
 * node:http server that writes the same bytes from one Buffer.
 *
 * Both servers run in processes of their own; one client in this process asks them in turn, round by round. What
 * counts is the CPU time that each server's process spent per request (its own report), and the throughput.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'

const SIZES = {
  full: { rooms: 10_000, members: 100, rounds: 7, requests: 4000, warmUp: 2000 },
  tiny: { rooms: 50, members: 10, rounds: 1, requests: 50, warmUp: 20 },
} as const
const CONNECTIONS = 32

interface Peer {
  readonly child: ChildProcess
  readonly origin: string
  readonly path: string
  readonly pool: Pool
}

interface Round {
  readonly cpuUsPerRequest: number
  readonly requestsPerSecond: number
}

export async function list(size: keyof typeof SIZES): Promise<object> {
  const { rooms, members, rounds, requests, warmUp } = SIZES[size]
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const product = await open('list-product.ts', [dataDir, String(rooms), String(members)])
  const raw = await open('list-raw.ts', [product.origin + product.path])
  try {
    const bytes = await sameBytes(product, raw)
    for (const peer of [product, raw]) await run(peer, warmUp)

    const measured: { product: Round; raw: Round }[] = []
    for (let round = 0; round < rounds; round++) {
      // In turn, and each first every other time, so that neither always meets a warmer machine.
      const [first, second] = round % 2 === 0 ? [product, raw] : [raw, product]
      const one = await run(first, requests)
      const two = await run(second, requests)
      measured.push(first === product ? { product: one, raw: two } : { product: two, raw: one })
    }
    return {
      what: 'listByMember, 20 rooms × 50 members, against raw node:http with the same bytes',
      rooms,
      members,
      bytes,
      rounds,
      requestsPerRound: requests,
      ratioByCpu: median(measured.map(({ product, raw }) => raw.cpuUsPerRequest / product.cpuUsPerRequest)),
      ratioByThroughput: median(
        measured.map(({ product, raw }) => product.requestsPerSecond / raw.requestsPerSecond),
      ),
      cpuUsPerRequest: {
        product: median(measured.map(({ product }) => product.cpuUsPerRequest)),
        raw: median(measured.map(({ raw }) => raw.cpuUsPerRequest)),
      },
    }
  } finally {
    for (const { child, pool } of [raw, product]) {
      await pool.destroy()
      child.kill('SIGTERM')
      await new Promise(done => (child.exitCode === null ? child.once('exit', done) : done(null)))
    }
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function open(file: string, args: string[]): Promise<Peer> {
  const child = fork(join(import.meta.dirname, file), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { origin, path } = await next<{ origin: string; path: string }>(child)
  return { child, origin, path, pool: new Pool(origin, { connections: CONNECTIONS, pipelining: 1 }) }
}

/** The comparison is fair only while both say the same; returns how many bytes that is. */
async function sameBytes(one: Peer, two: Peer): Promise<number> {
  const [left, right] = await Promise.all(
    [one, two].map(async ({ origin, path }) => (await fetch(origin + path)).text()),
  )
  if (left !== right || left === undefined) throw new Error('the two servers do not write the same bytes')
  return Buffer.byteLength(left)
}

async function run({ child, pool, path }: Peer, requests: number): Promise<Round> {
  const before = await cpuUs(child)
  const began = performance.now()
  let left = requests
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) {
        const { statusCode, body } = await pool.request({ method: 'GET', path })
        if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`)
        for await (const _ of body);
      }
    }),
  )
  const seconds = (performance.now() - began) / 1000
  return {
    cpuUsPerRequest: ((await cpuUs(child)) - before) / requests,
    requestsPerSecond: requests / seconds,
  }
}

/** User and system time of the server's process so far, in microseconds. */
async function cpuUs(child: ChildProcess): Promise<number> {
  const answer = next<{ cpuUs: number }>(child)
  child.send('cpu')
  return (await answer).cpuUs
}

const next = <T>(child: ChildProcess): Promise<T> =>
  new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('a server of the benchmark ended'))
    child.once('exit', onExit)
    child.once('message', message => {
      child.off('exit', onExit)
      resolve(message as T)
    })
  })

const median = (numbers: number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  return Number(sorted[Math.floor(sorted.length / 2)]!.toFixed(3))
}
