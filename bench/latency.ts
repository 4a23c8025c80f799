/**
 * P9: how long the product takes to answer P1's request while a bot with 1,000 rooms of 100 members has its first sync,
 * against the same a moment before. On SQLite and on PostgreSQL. Requests come at a fixed rate (`asking.ts`).
 *
 * The simulator that is read from works on the same machine, so it takes its part of the two cores from the answers.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { hearDuring, openAsker, p99 } from './asking.ts'
import { next, openChild } from './child.ts'
import { openPostgres } from './open-postgres.ts'
import { closePeers, median, openPeer } from './peer.ts'

const SIZES = {
  full: { stored: 10_000, rooms: 1000, members: 100, rounds: 5, aloneMs: 5000 },
  tiny: { stored: 30, rooms: 5, members: 5, rounds: 1, aloneMs: 100 },
} as const
const PER_SECOND = 100
const WARM_UP_MS = 3000

interface Round {
  readonly aloneP99: number
  readonly syncingP99: number
  readonly syncMs: number
}

export async function latency(size: keyof typeof SIZES): Promise<object> {
  const { rounds } = SIZES[size]
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size)
  try {
    return {
      what: 'p99 of listByMember while 1,000 rooms × 100 are synced, against the same without it; limit: 3',
      perSecond: PER_SECOND,
      rounds,
      sqlite: await measure({ dataDir: join(dataDir, 's') }, SIZES[size]),
      postgres: await measure({ dataDir: join(dataDir, 'p'), databaseUrl: server.url }, SIZES[size]),
    }
  } finally {
    await server.remove()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function measure(
  store: { dataDir: string; databaseUrl?: string },
  { stored, rooms, members, rounds, aloneMs }: (typeof SIZES)[keyof typeof SIZES],
): Promise<object> {
  const product = await openPeer('list-product.ts', [
    JSON.stringify({ ...store, rooms: stored, members: 100, fill: true }),
  ])
  const asker = await openAsker()
  const asking = { url: product.origin + product.path, perSecond: PER_SECOND }
  try {
    await hearDuring(() => pause(Math.min(WARM_UP_MS, aloneMs)), asker, asking)
    const measured: Round[] = []
    for (let round = 0; round < rounds; round++) {
      const wecom = await openChild<{ endpoint: string; bots: { token: string }[] }>('simulated-wecom.ts', {
        rooms,
        members,
      })
      const alone = await hearDuring(() => pause(aloneMs), asker, asking)
      const { endpoint, bots } = wecom.opened
      const sync = () => {
        product.child.send({ endpoint, token: bots[0]!.token })
        return next<{ ms: number }>(product.child)
      }
      const syncing = await hearDuring(sync, asker, asking)
      if (alone.others + syncing.others > 0) throw new Error('a list was not answered')
      measured.push({ aloneP99: p99(alone.took), syncingP99: p99(syncing.took), syncMs: syncing.result.ms })
      await wecom.end()
    }
    return {
      p99Ratio: median(measured.map(({ aloneP99, syncingP99 }) => syncingP99 / aloneP99)),
      aloneP99Ms: median(measured.map(({ aloneP99 }) => aloneP99)),
      syncingP99Ms: median(measured.map(({ syncingP99 }) => syncingP99)),
      syncMs: median(measured.map(({ syncMs }) => syncMs)),
    }
  } finally {
    await asker.end()
    await closePeers([product])
  }
}
