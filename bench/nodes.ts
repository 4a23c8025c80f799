/**
 * `listByMember` with 1, 2 and 3 gateways on one PostgreSQL, as ratios to one: the throughput of as many requests as they
 * can take, and the CPU time of the gateways per request while each is asked equally often.
 *
 * Client, gateways and database share the machine, so the throughput ends where its cores do, and a gateway that is asked
 * less often pays more for each request (fewer of them share a tick of its loop). Only with an equal load on each node do
 * the CPU times tell whether a further node makes the work of the others more.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgres } from './open-postgres.ts'
import { closePeers, median, openPeer, type Peer, type Round, run, runPaced } from './peer.ts'

const SIZES = {
  full: { rooms: 2000, members: 100, rounds: 7, requests: 3000, warmUp: 1500, seconds: 3 },
  tiny: { rooms: 50, members: 10, rounds: 1, requests: 50, warmUp: 20, seconds: 1 },
} as const
const NODES_MAX = 3
/** Of each node; three of them leave cores free for the client and the database. */
const PER_SECOND = 100

export async function nodes(size: keyof typeof SIZES): Promise<object> {
  const { rooms, members, rounds, requests, warmUp, seconds } = SIZES[size]
  const home = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size)
  const peers: Peer[] = []
  try {
    for (let n = 0; n < NODES_MAX; n++) {
      const given = { dataDir: join(home, String(n)), rooms, members, databaseUrl: server.url, fill: n === 0 }
      peers.push(await openPeer('list-product.ts', [JSON.stringify(given)]))
    }
    const counts = Array.from({ length: NODES_MAX }, (_, n) => n + 1)
    // Each alone, so that the third one is as warm as the first; and once before many ask at once, for then each of them
    // would have the rows read anew.
    for (const peer of peers) {
      await fetch(peer.origin + peer.path)
      await run([peer], warmUp)
    }
    const measured: Round[][] = []
    const paced: number[][] = []
    for (let round = 0; round < rounds; round++) {
      const results: Round[] = []
      for (const count of round % 2 === 0 ? counts : counts.toReversed())
        results[count - 1] = await run(peers.slice(0, count), requests)
      measured.push(results)
      const cpu: number[] = []
      for (const count of round % 2 === 0 ? counts : counts.toReversed())
        cpu[count - 1] = await runPaced(peers.slice(0, count), { perSecond: PER_SECOND, seconds })
      paced.push(cpu)
    }
    return {
      what: 'listByMember with 1, 2 and 3 gateways on one PostgreSQL, all on this machine, against one gateway',
      rooms,
      members,
      rounds,
      requestsPerRound: requests,
      coresForAll: cpus().length,
      limitedBy:
        'client, gateways and PostgreSQL share these cores: throughput cannot grow once they are busy',
      ratioByThroughput: counts.map(count =>
        median(measured.map(each => each[count - 1]!.requestsPerSecond / each[0]!.requestsPerSecond)),
      ),
      requestsPerNodeAndSecond: PER_SECOND,
      ratioOfCpuPerRequest: counts.map(count => median(paced.map(cpu => cpu[count - 1]! / cpu[0]!))),
      cpuUsPerRequest: counts.map(count => median(paced.map(cpu => cpu[count - 1]!))),
      cpuUsPerRequestAtFullLoad: counts.map(count =>
        median(measured.map(each => each[count - 1]!.cpuUsPerRequest)),
      ),
    }
  } finally {
    await closePeers(peers)
    await server.remove()
    await rm(home, { recursive: true, force: true })
  }
}
