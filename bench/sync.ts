/**
 * P8: the first sync of a bot with 1,000 rooms of 100 members over gRPC, until all of it is in the store, against reading the
 * same from the puppet and dropping it: each room with all who are in it, of whom a sync asks once (BOT-283); what is read once and
 * dropped is told beside it. On SQLite and on PostgreSQL; simulator, gateway and reader have processes of their own. Time counts
 * from when the bot is claimed, so connecting and logging in are in it for the product.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { openChild } from './child.ts'
import { openPostgres } from './open-postgres.ts'
import { median } from './peer.ts'
import type { Usage } from './usage.ts'

const SIZES = {
  full: { rooms: 1000, members: 100, rounds: 5 },
  tiny: { rooms: 10, members: 5, rounds: 1 },
} as const
const LOOK_EVERY_MS = 25
const GIVE_UP_AFTER_MS = 120_000

interface Round {
  readonly ms: number
  readonly cpuUs: number
}
type Wecom = { endpoint: string; bots: { wxid: string; token: string }[] }

export async function sync(size: keyof typeof SIZES): Promise<object> {
  const { rooms, members, rounds } = SIZES[size]
  const server = await openPostgres(size)
  const measured = { raw: [] as Round[], once: [] as Round[], sqlite: [] as Round[], postgres: [] as Round[] }
  try {
    for (let round = 0; round < rounds; round++) {
      const wecom = await openChild<Wecom>('simulated-wecom.ts', { rooms, members })
      const database = await openFreshDatabase(server.url)
      try {
        for (const [how, rounds] of [
          ['read', measured.raw],
          ['once', measured.once],
        ] as const) {
          const raw = await openChild('sync-raw.ts', wecom.opened)
          rounds.push(await raw.ask<Round>(how))
          await raw.end()
        }
        measured.sqlite.push(await syncOnce(wecom.opened, rooms))
        measured.postgres.push(await syncOnce(wecom.opened, rooms, database.url))
      } finally {
        await wecom.end()
        await database.drop()
      }
    }
  } finally {
    await server.remove()
  }
  const against = (ours: readonly Round[]) => ({
    ratioByTime: median(ours.map(({ ms }, round) => ms / measured.raw[round]!.ms)),
    ratioByCpu: median(ours.map(({ cpuUs }, round) => cpuUs / measured.raw[round]!.cpuUs)),
    ms: Math.round(median(ours.map(({ ms }) => ms))),
  })
  return {
    what: 'first sync into the store against reading the same and dropping it; limits: 1.5 on SQLite, 2 on PostgreSQL',
    rooms,
    members,
    rounds,
    rawMs: Math.round(median(measured.raw.map(({ ms }) => ms))),
    rawOnceMs: Math.round(median(measured.once.map(({ ms }) => ms))),
    sqlite: against(measured.sqlite),
    postgres: against(measured.postgres),
  }
}

async function syncOnce(wecom: Wecom, rooms: number, databaseUrl?: string): Promise<Round> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const product = await openChild('bots-product.ts', {
    dataDir,
    ...wecom,
    ...(databaseUrl ? { databaseUrl } : {}),
  })
  try {
    const before = await product.ask<Usage>('usage')
    const beganAt = performance.now()
    await product.ask('begin')
    for (;;) {
      const known = await product.ask<{ rooms: number; isSynced: boolean }>('rooms')
      if (known.rooms === rooms && known.isSynced) break
      if (performance.now() - beganAt > GIVE_UP_AFTER_MS)
        throw new Error(`only ${known.rooms} rooms were synced`)
      await pause(LOOK_EVERY_MS)
    }
    const ms = performance.now() - beganAt
    const { cpuUs } = await product.ask<Usage>('usage')
    return { ms, cpuUs: cpuUs - before.cpuUs }
  } finally {
    await product.end()
    await rm(dataDir, { recursive: true, force: true })
  }
}
