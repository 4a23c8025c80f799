/**
 * P3: `listByMember` for random contacts, each in some 25 rooms, in a store of 50,000 rooms of 100 members, of whose rows memory holds a
 * twentieth; against a few of the same contacts over and over, whose rows are all in memory; and against a raw node:http server
 * that writes the bytes of one such list. On SQLite and on PostgreSQL.
 *
 * Before that every row has been asked for once since the process began, which is when it is rendered (`first`).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { next } from './child.ts'
import { openPostgres } from './open-postgres.ts'
import { closePeers, median, openPeer, type Peer, type Round, run } from './peer.ts'

const SIZES = {
  full: { rooms: 50_000, members: 100, rounds: 5, requests: 1500, hot: 20 },
  tiny: { rooms: 60, members: 5, rounds: 1, requests: 30, hot: 3 },
} as const
type Size = (typeof SIZES)[keyof typeof SIZES]
const ROOMS_OF_ONE = 25
const PAGE_SIZE = 20
/** On a busy machine more of them would have to wait for so long that they are refused. */
const COLD_AT_ONCE = 4

export async function random(size: keyof typeof SIZES): Promise<object> {
  const home = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size)
  try {
    return {
      what: 'listByMember of random contacts, against the same when their rows are in memory, and against raw node:http; limits: 3 and 0.2',
      ...SIZES[size],
      sqlite: await measure({ dataDir: join(home, 's') }, SIZES[size]),
      postgres: await measure({ dataDir: join(home, 'p'), databaseUrl: server.url }, SIZES[size]),
    }
  } finally {
    await server.remove()
    await rm(home, { recursive: true, force: true })
  }
}

async function measure(
  store: { dataDir: string; databaseUrl?: string },
  { rooms, members, rounds, requests, hot }: Size,
): Promise<object> {
  const people = (rooms * members) / ROOMS_OF_ONE
  const opened: Peer[] = []
  try {
    const product = await openPeer('random-product.ts', [
      JSON.stringify({ ...store, rooms, members, people }),
    ])
    opened.push(product)
    const of = (person: number) =>
      `/room/listByMember${product.path}&contactWxid=788${String(person).padStart(13, '0')}`
    const anybody = () => of(Math.floor(Math.random() * people))
    const oneOf = (few: number) => of(Math.floor(Math.random() * few) * Math.floor(people / few))
    const asking = (path: () => string) => ({ ...product, path })

    const first = await run([asking(anybody)], Math.ceil(requests / 10), COLD_AT_ONCE)
    const pages = Math.ceil(rooms / PAGE_SIZE)
    let page = 0
    const everything = () =>
      `/room/listByMHTag${product.path}&pageSize=${PAGE_SIZE}&current=${1 + (page++ % pages)}`
    // Twice, for what comes faster than it can be kept is not kept.
    await run([asking(everything)], 2 * pages, COLD_AT_ONCE)

    const raw = await openPeer('list-raw.ts', [product.origin + of(1)])
    opened.push(raw)
    const asked = { hot: asking(() => oneOf(hot)), random: asking(anybody), raw }
    type Name = keyof typeof asked
    const measured: Record<Name, Round>[] = []
    await run([asked.hot], requests)
    for (let round = 0; round < rounds; round++) {
      const results: [Name, Round][] = []
      const names = Object.keys(asked) as Name[]
      for (const name of round % 2 === 0 ? names : names.toReversed()) {
        // What came meanwhile has taken their place in memory.
        if (name === 'hot') await run([asked.hot], requests / 3)
        results.push([name, await run([asked[name]], requests)])
      }
      measured.push(Object.fromEntries(results) as Record<Name, Round>)
    }
    return {
      randomToHotByCpu: median(measured.map(each => each.random.cpuUsPerRequest / each.hot.cpuUsPerRequest)),
      randomToRawByCpu: median(measured.map(each => each.raw.cpuUsPerRequest / each.random.cpuUsPerRequest)),
      cpuUsPerRequest: {
        first: first.cpuUsPerRequest,
        random: median(measured.map(each => each.random.cpuUsPerRequest)),
        hot: median(measured.map(each => each.hot.cpuUsPerRequest)),
        raw: median(measured.map(each => each.raw.cpuUsPerRequest)),
      },
      requestsPerSecond: {
        random: median(measured.map(each => each.random.requestsPerSecond)),
        hot: median(measured.map(each => each.hot.requestsPerSecond)),
      },
      memoryMiB: await rssMiB(product),
    }
  } finally {
    await closePeers(opened)
  }
}

async function rssMiB({ child }: Peer): Promise<number> {
  const answer = next<number>(child)
  child.send('rss')
  return Math.round((await answer) / 2 ** 20)
}
