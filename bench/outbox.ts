/**
 * P6: callbacks of 2 KB, written durably and delivered. The product on SQLite and on PostgreSQL, against a bare undici loop
 * that keeps nothing (the limit), against BullMQ on a Redis that syncs every write, against pg-boss and graphile-worker on the
 * same PostgreSQL (the peers), and beside the least that a durable outbox can do on either store (outbox-least.ts), in turn, round
 * after round. All post to the same receiver; it and each of them have processes of their own.
 *
 * Redis comes from Debian, the peers from a directory outside of this repository:
 *     npm install --ignore-scripts --prefix /tmp/peers bullmq@6.7.0 ioredis@5 pg-boss@12.38.0 graphile-worker@0.17.3
 *     QUNHUB_BENCH_PEERS=/tmp/peers npm run bench -- outbox
 * What is not there is left out, and the result says so.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Child, openChild } from './child.ts'
import { openDurableRedis } from './durable-redis.ts'
import { openPostgres } from './open-postgres.ts'
import { median } from './peer.ts'
import { findPeer, LEFT_OUT } from './peers.ts'
import type { Counted } from './receiver.ts'

const SIZES = {
  full: { rounds: 7, callbacks: 3000 },
  tiny: { rounds: 1, callbacks: 60 },
} as const
const BYTES = 2000
/** So many are written, and so many are in flight, at once: what the product may have in flight over all addresses. */
const HANDS = 64
/** At four in flight each, all the product's slots. */
const ADDRESSES = 16
const LOOK_EVERY_MS = 5
const GIVE_UP_AFTER_MS = 60_000

interface Round {
  readonly perSecond: number
  readonly cpuUs: number
}

export async function outbox(size: keyof typeof SIZES): Promise<object> {
  const { rounds, callbacks } = SIZES[size]
  const home = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size)
  const receiver = await openChild<{ url: string }>('receiver.ts', null)
  const redis = await openDurableRedis(home)
  const pgboss = findPeer('pg-boss')
  const graphile = findPeer('graphile-worker')
  const children: Child[] = []
  const open = async (file: string, given: object) => {
    const child = await openChild(file, given)
    children.push(child)
    return child
  }
  try {
    const { url } = receiver.opened
    const urls = Array.from({ length: ADDRESSES }, (_, n) => `${url}/${n}`)
    const contenders: Record<string, Child> = {
      bare: await open('outbox-bare.ts', { urls }),
      sqlite: await open('outbox-product.ts', { dataDir: join(home, 'sqlite'), urls }),
      postgres: await open('outbox-product.ts', { dataDir: join(home, 'pg'), databaseUrl: server.url, urls }),
      leastSqlite: await open('outbox-least.ts', { dataDir: home, urls }),
      leastPostgres: await open('outbox-least.ts', { dataDir: home, databaseUrl: server.url, urls }),
      ...(redis && { bullmq: await open('outbox-bullmq.ts', { ...redis.where, urls }) }),
      ...(pgboss && { pgboss: await open('outbox-pgboss.ts', { ...pgboss, databaseUrl: server.url, urls }) }),
      ...(graphile && {
        graphile: await open('outbox-graphile.ts', { ...graphile, databaseUrl: server.url, urls }),
      }),
    }
    const measured = new Map<string, Round[]>(Object.keys(contenders).map(name => [name, []]))
    // The first round warms everybody up and does not count.
    for (let round = 0; round <= rounds; round++) {
      for (const [name, child] of Object.entries(contenders)) {
        const one = await deliver(child, receiver, callbacks)
        if (round > 0) measured.get(name)!.push(one)
      }
    }
    return {
      what: 'callbacks of 2 KB written durably and delivered, against a bare undici loop, the least, and peers; limits on SQLite: 1.8 × BullMQ, 0.8 of the least; on PostgreSQL: the least, 0.7 × BullMQ, 3 × pg-boss and graphile-worker',
      rounds,
      callbacks,
      bytes: BYTES,
      addresses: ADDRESSES,
      hands: HANDS,
      bullmq: redis ? redis.versions : 'left out: no Redis, or no QUNHUB_BENCH_PEERS',
      pgboss: pgboss?.version ?? LEFT_OUT,
      graphile: graphile?.version ?? LEFT_OUT,
      ...ratios(measured),
    }
  } finally {
    for (const child of children) await child.end()
    await receiver.end()
    await redis?.close()
    await server.remove()
    await rm(home, { recursive: true, force: true })
  }
}

async function deliver(child: Child, receiver: Child, callbacks: number): Promise<Round> {
  await receiver.ask('forget')
  const before = await child.ask<{ cpuUs: number }>('cpu')
  const asked = { callbacks, rooms: callbacks, bytes: BYTES, hands: HANDS }
  const { beganAt } = await child.ask<{ beganAt: number }>(asked)
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS
  let counted = await receiver.ask<Counted>('count')
  while (counted.heard < callbacks) {
    if (performance.now() > giveUpAt) throw new Error(`heard ${counted.heard} of ${callbacks}`)
    await pause(LOOK_EVERY_MS)
    counted = await receiver.ask<Counted>('count')
  }
  const { cpuUs } = await child.ask<{ cpuUs: number }>('cpu')
  return {
    perSecond: Math.round((callbacks * 1000) / (counted.lastAt - beganAt)),
    cpuUs: (cpuUs - before.cpuUs) / callbacks,
  }
}

function ratios(measured: ReadonlyMap<string, readonly Round[]>): object {
  const bare = measured.get('bare')!
  const over = (ours: readonly Round[], theirs: readonly Round[]) =>
    median(ours.map(({ perSecond }, round) => perSecond / theirs[round]!.perSecond))
  const of = (name: string, least: string) => {
    const ours = measured.get(name)!
    const times = (peer: string) => measured.has(peer) && over(ours, measured.get(peer)!)
    return {
      ofBare: over(ours, bare),
      ofLeast: over(ours, measured.get(least)!),
      timesBullmq: times('bullmq'),
      timesPgboss: times('pgboss'),
      timesGraphile: times('graphile'),
    }
  }
  return {
    sqlite: of('sqlite', 'leastSqlite'),
    postgres: of('postgres', 'leastPostgres'),
    // The most that any durable outbox can have of bare here: see outbox-least.ts.
    leastSqlite: of('leastSqlite', 'leastSqlite'),
    leastPostgres: of('leastPostgres', 'leastPostgres'),
    perSecond: medians(measured, ({ perSecond }) => perSecond),
    // Of the sending process alone, without the database's or Redis's.
    cpuUsPerCallback: medians(measured, ({ cpuUs }) => cpuUs),
  }
}

const medians = (measured: ReadonlyMap<string, readonly Round[]>, of: (round: Round) => number) =>
  Object.fromEntries([...measured].map(([name, rounds]) => [name, median(rounds.map(of))]))
