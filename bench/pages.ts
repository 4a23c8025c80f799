/**
 * P5: `listByMHTag`, its first page against its last one, a tag on 1,000,000 rooms; and `/contact/list` (NB-4) with 1,000,000 contacts
 * of ten accounts: on SQLite and on PostgreSQL. The same server answers both in turn, so each page is the other's peer.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openPostgres } from './open-postgres.ts'
import { closePeers, median, openPeer, type Peer, type Round, run } from './peer.ts'

const SIZES = {
  full: { rooms: 1_000_000, rounds: 9, requests: 1500, warmUp: 500 },
  tiny: { rooms: 3000, rounds: 1, requests: 30, warmUp: 10 },
} as const
const PAGE_SIZE = 20

export async function pages(size: keyof typeof SIZES): Promise<object> {
  const { rooms, rounds, requests, warmUp } = SIZES[size]
  const home = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size)
  try {
    const ratios: Record<string, object> = {}
    for (const [name, where] of [
      ['sqlite', {}],
      ['postgres', { databaseUrl: server.url }],
    ] as const) {
      const peer = await openPeer('pages-product.ts', [
        JSON.stringify({ dataDir: join(home, name), rooms, ...where }),
      ])
      try {
        const measure = { rounds, requests, warmUp }
        ratios[name] = {
          ...(await compare(peer, { first: 1, last: rooms / PAGE_SIZE }, measure)),
          contacts: await compare(
            { ...peer, path: peer.path.replace('/room/listByMHTag', '/contact/list') },
            { first: 0, last: rooms / PAGE_SIZE - 1 },
            measure,
          ),
        }
      } finally {
        await closePeers([peer])
      }
    }
    return {
      what: 'listByMHTag, the last page against the first, one tag on every room; and /contact/list with as many contacts',
      rooms,
      rounds,
      requestsPerRound: requests,
      ...ratios,
    }
  } finally {
    await server.remove()
    await rm(home, { recursive: true, force: true })
  }
}

async function compare(
  peer: Peer,
  pages: { first: number; last: number },
  { rounds, requests, warmUp }: { rounds: number; requests: number; warmUp: number },
): Promise<object> {
  const at = (current: number) => ({ ...peer, path: `${peer.path}&current=${current}&pageSize=${PAGE_SIZE}` })
  const [first, last] = [at(pages.first), at(pages.last)]
  for (const page of [first, last]) await run([page], warmUp)
  const measured: { first: Round; last: Round }[] = []
  for (let round = 0; round < rounds; round++) {
    const [one, other] = round % 2 === 0 ? [first, last] : [last, first]
    const [a, b] = [await run([one], requests), await run([other], requests)]
    measured.push(one === first ? { first: a, last: b } : { first: b, last: a })
  }
  return {
    lastToFirstByCpu: median(measured.map(each => each.last.cpuUsPerRequest / each.first.cpuUsPerRequest)),
    lastToFirstByTime: median(
      measured.map(each => each.first.requestsPerSecond / each.last.requestsPerSecond),
    ),
    firstPagesPerSecond: median(measured.map(each => each.first.requestsPerSecond)),
  }
}
