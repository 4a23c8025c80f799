/**
 * P1, P2 and P15: `listByMember` for a contact in 20 rooms of 50 members, in a store of 10,000 rooms of 100, on SQLite and on
 * PostgreSQL (its commits synced), against a raw node:http server that writes the same bytes from one Buffer.
 *
 * `unchanged`: how many times less CPU a request costs whose sender has the list already (ETag, 304).
 *
 * `packed`: the raw server's CPU a request, against that of a request whose sender accepts gzip (P2).
 *
 * All servers run in processes of their own; one client in this process asks them in turn, round by round. What counts
 * is the CPU time that each server's process spent per request (its own report; PostgreSQL's is not in it), and the
 * throughput.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgres } from './open-postgres.ts'
import { closePeers, median, openPeer, type Peer, type Round, run } from './peer.ts'

const SIZES = {
  full: { rooms: 10_000, members: 100, rounds: 7, requests: 4000, warmUp: 2000 },
  tiny: { rooms: 50, members: 10, rounds: 1, requests: 50, warmUp: 20 },
} as const

export async function list(size: keyof typeof SIZES): Promise<object> {
  const { rooms, members, rounds, requests, warmUp } = SIZES[size]
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size)
  const opened: Peer[] = []
  const open = async (file: string, given: string) => {
    const peer = await openPeer(file, [given])
    opened.push(peer)
    return peer
  }
  const given = { rooms, members, fill: true }
  try {
    const sqlite = await open('list-product.ts', JSON.stringify({ ...given, dataDir: join(dataDir, 's') }))
    const onPostgres = { ...given, dataDir: join(dataDir, 'p'), databaseUrl: server.url }
    const postgres = await open('list-product.ts', JSON.stringify(onPostgres))
    const raw = await open('list-raw.ts', sqlite.origin + sqlite.path)
    const bytes = await sameBytes([sqlite, postgres, raw])
    const peers = {
      ...{ sqlite, postgres, raw },
      sqlitePacked: { ...sqlite, isPacked: true },
      postgresPacked: { ...postgres, isPacked: true },
      sqliteUnchanged: { ...sqlite, etag: await etagOf(sqlite) },
      postgresUnchanged: { ...postgres, etag: await etagOf(postgres) },
    }
    for (const peer of Object.values(peers)) await run([peer], warmUp)

    const measured: Record<keyof typeof peers, Round>[] = []
    for (let round = 0; round < rounds; round++) {
      // In turn, and in another order every other time, so that none always meets a warmer machine.
      const names = Object.keys(peers) as (keyof typeof peers)[]
      const results = new Map<string, Round>()
      for (const name of round % 2 === 0 ? names : names.toReversed())
        results.set(name, await run([peers[name]], requests))
      measured.push(Object.fromEntries(results) as Record<keyof typeof peers, Round>)
    }
    const ratios = (name: 'sqlite' | 'postgres') => ({
      unchanged: median(
        measured.map(each => each[name].cpuUsPerRequest / each[`${name}Unchanged`].cpuUsPerRequest),
      ),
      packed: median(measured.map(each => each.raw.cpuUsPerRequest / each[`${name}Packed`].cpuUsPerRequest)),
      ratioByCpu: median(measured.map(each => each.raw.cpuUsPerRequest / each[name].cpuUsPerRequest)),
      ratioByThroughput: median(
        measured.map(each => each[name].requestsPerSecond / each.raw.requestsPerSecond),
      ),
    })
    return {
      what: 'listByMember, 20 rooms × 50 members, against raw node:http with the same bytes',
      rooms,
      members,
      bytes,
      rounds,
      requestsPerRound: requests,
      ...ratios('sqlite'),
      postgres: ratios('postgres'),
      cpuUsPerRequest: {
        product: median(measured.map(each => each.sqlite.cpuUsPerRequest)),
        productOnPostgres: median(measured.map(each => each.postgres.cpuUsPerRequest)),
        raw: median(measured.map(each => each.raw.cpuUsPerRequest)),
      },
    }
  } finally {
    await closePeers(opened)
    await server.remove()
    await rm(dataDir, { recursive: true, force: true })
  }
}

const etagOf = async ({ origin, path }: Peer): Promise<string> =>
  (await fetch(origin + path)).headers.get('etag')!

/** The comparison is fair only while all say the same but for ids; returns how many bytes that is. */
async function sameBytes(peers: readonly Peer[]): Promise<number> {
  const texts = await Promise.all(peers.map(async ({ origin, path }) => (await fetch(origin + path)).text()))
  // Chats' ids hang on the workspace's, which each store makes for itself.
  const bodies = texts.map(text => text!.replaceAll(/"chatId":"[0-9a-f]{24}"/g, ''))
  if (new Set(bodies).size > 1) throw new Error('the servers do not write the same bytes')
  return Buffer.byteLength(texts[0]!)
}
