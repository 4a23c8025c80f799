/**
 * Of 100 addresses one hangs: how much later do the other 99 hear what they are owed? The same load in turn with and
 * without the hanging one, each its own receiver on this machine; on SQLite and on PostgreSQL. Gateway and database have
 * processes of their own, the receivers share ours.
 *
 * Measured from the moment a callback is about to be written to the moment the receiver has its body. The figure is the
 * median, over pairs of rounds, of how much the 99th percentile moved.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, openChild } from './child.ts'
import { now } from './monotonic.ts'
import { openPostgres } from './open-postgres.ts'
import { median } from './peer.ts'

const SIZES = {
  full: { addresses: 100, rounds: 6, warmUpSeconds: 5, seconds: 20, perSecond: 100 },
  tiny: { addresses: 5, rounds: 1, warmUpSeconds: 1, seconds: 1, perSecond: 20 },
} as const
type Size = (typeof SIZES)[keyof typeof SIZES]
const HANGING = 0

export async function isolation(size: keyof typeof SIZES): Promise<object> {
  const home = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size)
  try {
    return {
      what: 'from owed to heard, the addresses that do not hang, with and without one that does',
      ...SIZES[size],
      sqlite: await compare({ dataDir: join(home, 'sqlite') }, SIZES[size]),
      postgres: await compare({ dataDir: join(home, 'postgres'), databaseUrl: server.url }, SIZES[size]),
    }
  } finally {
    await server.remove()
    await rm(home, { recursive: true, force: true })
  }
}

async function compare(store: { dataDir: string; databaseUrl?: string }, size: Size): Promise<object> {
  const receivers = await openReceivers(size.addresses)
  const product = await openChild('isolation-product.ts', { ...store, urls: receivers.urls })
  try {
    const measured: { without: number[]; hanging: number[] }[] = []
    for (let round = 0; round < size.rounds; round++) {
      const hangsFirst = round % 2 === 1
      const [first, second] = [
        await measure(product, receivers, size, hangsFirst),
        await measure(product, receivers, size, !hangsFirst),
      ]
      measured.push(hangsFirst ? { without: second, hanging: first } : { without: first, hanging: second })
    }
    const moved = (part: number) =>
      median(measured.map(({ without, hanging }) => at(hanging, part) - at(without, part)))
    return {
      p99MovedMs: moved(0.99),
      p50MovedMs: moved(0.5),
      withoutMs: spreadOf(measured.flatMap(({ without }) => without)),
      hangingMs: spreadOf(measured.flatMap(({ hanging }) => hanging)),
      p99OfRoundsWithoutMs: measured.map(({ without }) => at(without, 0.99)),
      p99OfRoundsHangingMs: measured.map(({ hanging }) => at(hanging, 0.99)),
      inFlightToHangingMax: receivers.waitingMax,
    }
  } finally {
    await product.end()
    receivers.close()
  }
}

/** How long each callback took to those that never hang, once the hanging one had its share in flight. */
async function measure(
  product: Child,
  receivers: Receivers,
  { warmUpSeconds, seconds, perSecond }: Size,
  hang: boolean,
): Promise<number[]> {
  receivers.heard.length = 0
  receivers.hang(hang)
  const beganAt = now()
  await product.ask({ seconds: warmUpSeconds + seconds, perSecond })
  receivers.hang(false)
  await product.ask('drain')
  const from = beganAt + warmUpSeconds * 1000
  return receivers.heard
    .filter(({ address, owedAt }) => address !== HANGING && owedAt >= from)
    .map(({ owedAt, heardAt }) => heardAt - owedAt)
}

interface Receivers {
  readonly urls: readonly string[]
  readonly heard: { address: number; owedAt: number; heardAt: number }[]
  /** So many waited for the first of them at once. */
  readonly waitingMax: number
  /** Whether the first of them answers nobody; when it no longer does so, it answers everybody who waits. */
  hang(hangs: boolean): void
  close(): void
}

async function openReceivers(count: number): Promise<Receivers> {
  const heard: Receivers['heard'] = []
  const waiting = new Set<ServerResponse>()
  let hangs = false
  let waitingMax = 0
  const servers = Array.from({ length: count }, (_, address) =>
    createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        const { owedAt } = JSON.parse(Buffer.concat(chunks).toString()) as { owedAt: number }
        heard.push({ address, owedAt, heardAt: now() })
        if (!hangs || address !== HANGING) return response.end()
        waiting.add(response)
        waitingMax = Math.max(waitingMax, waiting.size)
        response.once('close', () => waiting.delete(response))
      })
    }),
  )
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    urls: servers.map(server => `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    heard,
    get waitingMax() {
      return waitingMax
    },
    hang(hanging) {
      hangs = hanging
      if (hangs) return
      for (const response of waiting) response.end()
      waiting.clear()
    },
    close() {
      for (const server of servers) server.close().closeAllConnections()
    },
  }
}

/** Milliseconds, to a tenth. */
function at(ms: readonly number[], part: number): number {
  const sorted = ms.toSorted((one, other) => one - other)
  return Number((sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1))
}
const spreadOf = (ms: readonly number[]) => ({
  of: ms.length,
  p50: at(ms, 0.5),
  p99: at(ms, 0.99),
  max: at(ms, 1),
})
