/**
 * Throughput of `listByMember` with 1, 2 and 3 gateways on one PostgreSQL, as ratios to one. Client, gateways and database
 * share the machine, so the throughput ends where its cores do; what must not grow with the number of nodes is the CPU time
 * of the gateways per request.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgresServer } from '../packages/gateway/testing/postgres/server.ts'
import { closePeers, median, openPeer, type Peer, type Round, run } from './peer.ts'

const SIZES = {
  full: { rooms: 2000, members: 100, rounds: 7, requests: 3000, warmUp: 1500 },
  tiny: { rooms: 50, members: 10, rounds: 1, requests: 50, warmUp: 20 },
} as const
const NODES_MAX = 3

export async function nodes(size: keyof typeof SIZES): Promise<object> {
  const { rooms, members, rounds, requests, warmUp } = SIZES[size]
  const home = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgresServer({ fsync: true })
  const peers: Peer[] = []
  try {
    for (let n = 0; n < NODES_MAX; n++) {
      const given = { dataDir: join(home, String(n)), rooms, members, databaseUrl: server.url, fill: n === 0 }
      peers.push(await openPeer('list-product.ts', [JSON.stringify(given)]))
    }
    const counts = Array.from({ length: NODES_MAX }, (_, n) => n + 1)
    for (const count of counts) await run(peers.slice(0, count), warmUp)
    const measured: Round[][] = []
    for (let round = 0; round < rounds; round++) {
      const results: Round[] = []
      for (const count of round % 2 === 0 ? counts : counts.toReversed())
        results[count - 1] = await run(peers.slice(0, count), requests)
      measured.push(results)
    }
    const ratio = (of: keyof Round, count: number) =>
      median(measured.map(results => results[count - 1]![of] / results[0]![of]))
    return {
      what: 'listByMember with 1, 2 and 3 gateways on one PostgreSQL, all on this machine, against one gateway',
      rooms,
      members,
      rounds,
      requestsPerRound: requests,
      coresForAll: cpus().length,
      ratioByThroughput: counts.map(count => ratio('requestsPerSecond', count)),
      ratioOfCpuPerRequest: counts.map(count => ratio('cpuUsPerRequest', count)),
    }
  } finally {
    await closePeers(peers)
    await server.remove()
    await rm(home, { recursive: true, force: true })
  }
}
