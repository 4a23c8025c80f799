/**
 * P4: `listByMember` for a contact in 20 rooms of 50 members, in a store of 10,000 rooms of 100 on PostgreSQL, against the same
 * endpoint written the usual way (usual-peer.ts: Fastify and TypeORM on the same server), each in a process of its own.
 *
 * TypeORM comes from a directory outside of this repository, and brings its driver along:
 *     npm install --ignore-scripts --prefix /tmp/peers typeorm@1.1.1 pg@8.23.1
 *     QUNHUB_BENCH_PEERS=/tmp/peers npm run bench -- usual
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { openPostgres } from './open-postgres.ts'
import { closePeers, median, openPeer, type Peer, type Round, run } from './peer.ts'
import { findPeer, LEFT_OUT } from './peers.ts'

const SIZES = {
  full: { rooms: 10_000, members: 100, rounds: 7, requests: 4000, ofPeer: 100 },
  tiny: { rooms: 50, members: 10, rounds: 1, requests: 20, ofPeer: 5 },
} as const

export async function usual(size: keyof typeof SIZES): Promise<object> {
  const what = 'listByMember, 20 rooms × 50 members, against the same by Fastify and TypeORM; limit: 50'
  const orm = findPeer('typeorm')
  if (!orm) return { what, typeorm: LEFT_OUT }
  const { rooms, members, rounds, requests, ofPeer } = SIZES[size]
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size)
  const databases = [await openFreshDatabase(server.url), await openFreshDatabase(server.url)]
  const opened: Peer[] = []
  const open = async (file: string, given: object, database: number) => {
    const databaseUrl = databases[database]!.url
    const peer = await openPeer(file, [JSON.stringify({ ...given, rooms, members, databaseUrl })])
    opened.push(peer)
    return peer
  }
  try {
    const product = await open('list-product.ts', { dataDir, fill: true }, 0)
    const typeorm = await open('usual-peer.ts', { peers: orm.peers }, 1)
    await sameList(product, typeorm)
    await run([product], requests)
    await run([typeorm], ofPeer)
    const measured: { product: Round; typeorm: Round }[] = []
    for (let round = 0; round < rounds; round++)
      measured.push({ product: await run([product], requests), typeorm: await run([typeorm], ofPeer) })
    const cpuOf = (name: 'product' | 'typeorm') => measured.map(each => each[name].cpuUsPerRequest)
    return {
      what,
      typeorm: orm.version,
      ...{ rooms, members, rounds },
      timesByCpu: median(measured.map(each => each.typeorm.cpuUsPerRequest / each.product.cpuUsPerRequest)),
      timesByThroughput: median(
        measured.map(each => each.product.requestsPerSecond / each.typeorm.requestsPerSecond),
      ),
      cpuUsPerRequest: { product: median(cpuOf('product')), typeorm: median(cpuOf('typeorm')) },
    }
  } finally {
    await closePeers(opened)
    for (const { drop } of databases) await drop()
    await server.remove()
    await rm(dataDir, { recursive: true, force: true })
  }
}

interface List {
  readonly data: readonly { wxid: string; members: readonly { wxid: string }[] }[]
}

/** The comparison is fair only while both find the same rooms with the same people in them. */
async function sameList(...peers: readonly Peer[]): Promise<void> {
  const lists = await Promise.all(
    peers.map(async ({ origin, path }) => (await (await fetch(origin + path)).json()) as List),
  )
  const seen = lists.map(({ data }) =>
    JSON.stringify(data.map(({ wxid, members }) => [wxid, members.map(member => member.wxid)])),
  )
  if (new Set(seen).size > 1 || seen[0] === '[]') throw new Error('the servers do not find the same rooms')
}
