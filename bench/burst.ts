/**
 * P12: a bot starts with 5,000 rooms of 100 members, and each is owed as `loaded` (31 KB) to one address whose receiver
 * answers at once. How soon does the first arrive after its commit, how soon have all, over how many sockets, and what
 * does the process hold meanwhile? On SQLite and on PostgreSQL. Receiver and outbox have processes of their own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openChild } from './child.ts'
import { openPostgres } from './open-postgres.ts'
import type { Counted } from './receiver.ts'

const SIZES = {
  full: { rooms: 5000, bytes: 31_000 },
  tiny: { rooms: 20, bytes: 1000 },
} as const
/** As many as a sync keeps under way. */
const HANDS = 8
const LOOK_EVERY_MS = 100
const GIVE_UP_AFTER_MS = 120_000

export async function burst(size: keyof typeof SIZES): Promise<object> {
  const home = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size)
  try {
    return {
      what: 'a burst of loaded for one address; limits: first 250 ms, all 10,000 ms, 4 sockets',
      ...SIZES[size],
      sqlite: await measure({ dataDir: join(home, 'sqlite') }, SIZES[size]),
      postgres: await measure({ dataDir: join(home, 'postgres'), databaseUrl: server.url }, SIZES[size]),
    }
  } finally {
    await server.remove()
    await rm(home, { recursive: true, force: true })
  }
}

async function measure(
  store: { dataDir: string; databaseUrl?: string },
  { rooms, bytes }: (typeof SIZES)[keyof typeof SIZES],
): Promise<object> {
  const receiver = await openChild<{ url: string }>('receiver.ts', null)
  const product = await openChild('outbox-product.ts', { ...store, urls: [receiver.opened.url] })
  try {
    const memory = async () => (await product.ask<{ rssMib: number }>('memory')).rssMib
    const before = await memory()
    const { beganAt, committedAt } = await product.ask<{ beganAt: number; committedAt: number }>({
      callbacks: rooms,
      rooms,
      bytes,
      hands: HANDS,
    })
    const rss = [await memory()]
    const giveUpAt = performance.now() + GIVE_UP_AFTER_MS
    let counted = await receiver.ask<Counted>('count')
    while (counted.heard < rooms && performance.now() < giveUpAt) {
      await pause(LOOK_EVERY_MS)
      rss.push(await memory())
      counted = await receiver.ask<Counted>('count')
    }
    return {
      heard: counted.heard,
      firstMs: Math.round(counted.firstAt - committedAt),
      allMs: Math.round(counted.lastAt - beganAt),
      socketsMax: counted.socketsMax,
      rssMib: { before, max: Math.max(...rss), after: rss.at(-1) },
    }
  } finally {
    await product.end()
    await receiver.end()
  }
}
