/**
 * P16: what a membership costs in the first save of a bot's rooms, in a store that has 5 million memberships already, against one
 * that has 0.1 million. On SQLite and on PostgreSQL, whose commits reach the disk.
 *
 * The stores were filled by the same saves. In each round another bot comes to both of them, one after the other, with 200 rooms of
 * 100: as much is new in either. People's ids lie scattered, as real ones do, and some people are known to several bots. `ms` and CPU are
 * those of the process that saves; what PostgreSQL works for it is only in the time.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import pg from 'pg'
import { type Child, openChild } from './child.ts'
import { openPostgres } from './open-postgres.ts'
import { median } from './peer.ts'

const SIZES = {
  // The small one has its 0.1 million in the middle of the rounds.
  full: { small: 500, large: 50_000, ofBot: 200, members: 100, rounds: 7 },
  tiny: { small: 3, large: 10, ofBot: 2, members: 5, rounds: 1 },
} as const
type Size = (typeof SIZES)[keyof typeof SIZES]
const ROOMS_OF_BOT_MAX = 1000

interface Round {
  readonly ms: number
  readonly cpuUs: number
}
type Filled = Child & { readonly fillMs: number }

export async function growth(size: keyof typeof SIZES): Promise<object> {
  const home = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size)
  const databases = [await openFreshDatabase(server.url), await openFreshDatabase(server.url)] as const
  const store = (name: string, databaseUrl?: string) => ({ dataDir: join(home, name), databaseUrl })
  try {
    return {
      what: 'a membership in the first save of a bot, at 5 million memberships, of the same at 0.1 million; limit: 1.3 times',
      ...SIZES[size],
      sqlite: await compare(store('small'), store('large'), SIZES[size]),
      postgres: await compare(
        store('pg-small', databases[0].url),
        store('pg-large', databases[1].url),
        SIZES[size],
      ),
    }
  } finally {
    for (const { drop } of databases) await drop()
    await server.remove()
    await rm(home, { recursive: true, force: true })
  }
}

interface At {
  readonly dataDir: string
  readonly databaseUrl?: string | undefined
}

async function compare(smallAt: At, largeAt: At, size: Size): Promise<object> {
  const opened: Child[] = []
  const open = async (at: At, rooms: number) => {
    const store = await openChild('growth-product.ts', { ...at, members: size.members })
    opened.push(store)
    return fill(store, at, rooms)
  }
  try {
    const large = await open(largeAt, size.large)
    const small = await open(smallAt, size.small)
    const measured: { small: Round; large: Round }[] = []
    for (let round = 0; round < size.rounds; round++) {
      const inLarge = () => large.ask<Round>(size.ofBot)
      const before = round % 2 === 0 ? null : await inLarge()
      const inSmall = await small.ask<Round>(size.ofBot)
      measured.push({ small: inSmall, large: before ?? (await inLarge()) })
    }
    const memberships = size.ofBot * size.members
    const usOf = (rounds: readonly Round[]) => ({
      us: median(rounds.map(({ ms }) => (ms * 1000) / memberships)),
      cpuUs: median(rounds.map(({ cpuUs }) => cpuUs / memberships)),
    })
    return {
      ratioByTime: median(measured.map(({ small: few, large: many }) => many.ms / few.ms)),
      ratioByCpu: median(measured.map(({ small: few, large: many }) => many.cpuUs / few.cpuUs)),
      small: usOf(measured.map(each => each.small)),
      large: usOf(measured.map(each => each.large)),
      fillSeconds: Math.round(large.fillMs / 1000),
    }
  } finally {
    for (const store of opened) await store.end()
  }
}

async function fill(store: Child, { databaseUrl }: At, rooms: number): Promise<Filled> {
  let fillMs = 0
  for (let saved = 0; saved < rooms; saved += ROOMS_OF_BOT_MAX)
    fillMs += (await store.ask<Round>(Math.min(ROOMS_OF_BOT_MAX, rooms - saved))).ms
  if (databaseUrl) await settle(databaseUrl)
  return { ...store, fillMs }
}

/** What PostgreSQL would do by itself some time later, in the midst of a round. */
async function settle(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('vacuum analyze')
    await client.query('checkpoint')
  } finally {
    await client.end()
  }
}
