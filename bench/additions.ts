/**
 * P7: `addMember` through HTTP, against the bare calls of a puppet that an addition takes: is the room as it should be, is the
 * contact a friend, add it, is it inside. Each adds the same contacts to the same rooms of 20, in a simulated WeCom of its own, one
 * after another with a pause between them. On SQLite and on PostgreSQL, whose commits reach the disk.
 *
 * `addsMs` is what an addition takes longer through the product, of the medians. The CPU is that of the whole process, so what the
 * product does after its answer is in it: the puppet tells of the new member, and the room is read again. `calls` says how many
 * calls an addition takes with that. No callback address is set. The limit of additions a token and the log are out of the way.
 *
 * `far` is how long an addition takes, through the product on SQLite, where the way to the puppet takes 40 ms there and back: how often it waits for it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { type Child, openChild } from './child.ts'
import { openPostgres } from './open-postgres.ts'
import { median } from './peer.ts'
import type { Usage } from './usage.ts'

const SIZES = {
  full: { additions: 60, rounds: 7, far: 15 },
  tiny: { additions: 2, rounds: 1, far: 1 },
} as const
const FAR_EACH_WAY_MS = 20
const ROOM_MEMBERS = 20
/** By then the product has followed the addition before. */
const PAUSE_MS = 40
const LOOK_EVERY_MS = 25
const GIVE_UP_AFTER_MS = 60_000

export interface Addition {
  readonly room: string
  /** Who is in it before. */
  readonly members: readonly string[]
  readonly contact: string
}

interface Round {
  readonly medianMs: number
  readonly cpuUs: number
  /** Of the puppet, for an addition. */
  readonly calls: number
}

/** Somebody who adds contacts to the rooms of one bot. */
interface Adder {
  add(addition: Addition): Promise<{ ms: number }>
  cpuUs(): Promise<number>
  end(): Promise<void>
}

type Wecom = Child & { readonly opened: { endpoint: string; bots: { wxid: string; token: string }[] } }
type Open = (wecom: Wecom) => Promise<Adder>

export async function additions(size: keyof typeof SIZES): Promise<object> {
  const { rounds, additions: perRound, far } = SIZES[size]
  const home = await mkdtemp(join(tmpdir(), 'qunhub-bench-'))
  const server = await openPostgres(size)
  const opened: { wecom: Wecom; adder?: Adder }[] = []
  const start = async (open: Open, eachWayMs = 0) => {
    // One round to warm up.
    const given = { rooms: perRound * (rounds + 1), members: ROOM_MEMBERS, eachWayMs }
    const mine: (typeof opened)[number] = { wecom: await openChild('simulated-wecom.ts', given) }
    opened.push(mine)
    const left = await mine.wecom.ask<Addition[]>('additions')
    mine.adder = await open(mine.wecom)
    const round = (many: number = perRound) => addAll(mine.adder!, mine.wecom, left.splice(0, many))
    await round(eachWayMs > 0 ? 1 : perRound)
    return round
  }
  try {
    const adders = {
      raw: await start(openRaw),
      sqlite: await start(wecom => openProduct(wecom, { dataDir: join(home, 's') })),
      postgres: await start(wecom =>
        openProduct(wecom, { dataDir: join(home, 'p'), databaseUrl: server.url }),
      ),
    }
    const measured: Record<keyof typeof adders, Round>[] = []
    for (let round = 0; round < rounds; round++) {
      const names = Object.keys(adders) as (keyof typeof adders)[]
      const results = new Map<string, Round>()
      for (const name of round % 2 === 0 ? names : names.toReversed()) results.set(name, await adders[name]())
      measured.push(Object.fromEntries(results) as Record<keyof typeof adders, Round>)
    }
    const farAway = await start(wecom => openProduct(wecom, { dataDir: join(home, 'f') }), FAR_EACH_WAY_MS)
    const of = (name: keyof typeof adders) => ({
      medianMs: median(measured.map(each => each[name].medianMs)),
      cpuUs: Math.round(median(measured.map(each => each[name].cpuUs))),
      calls: median(measured.map(each => each[name].calls)),
    })
    const against = (name: 'sqlite' | 'postgres') => ({
      addsMs: median(measured.map(each => each[name].medianMs - each.raw.medianMs)),
      ratioByCpu: median(measured.map(each => each[name].cpuUs / each.raw.cpuUs)),
      ...of(name),
    })
    return {
      what: 'addMember through HTTP against the bare calls of the puppet; limits: adds 1.5 ms, 2.5 times the CPU',
      roomMembers: ROOM_MEMBERS,
      additionsPerRound: perRound,
      rounds,
      sqlite: against('sqlite'),
      postgres: against('postgres'),
      raw: of('raw'),
      far: { eachWayMs: FAR_EACH_WAY_MS, medianMs: (await farAway(far)).medianMs },
    }
  } finally {
    for (const { adder, wecom } of opened) {
      await adder?.end()
      await wecom.end()
    }
    await server.remove()
    await rm(home, { recursive: true, force: true })
  }
}

async function addAll(adder: Adder, wecom: Wecom, all: readonly Addition[]): Promise<Round> {
  const callsBefore = await wecom.ask<number>('calls')
  const cpuBefore = await adder.cpuUs()
  const took: number[] = []
  for (const addition of all) {
    took.push((await adder.add(addition)).ms)
    await pause(PAUSE_MS)
  }
  return {
    medianMs: median(took),
    cpuUs: ((await adder.cpuUs()) - cpuBefore) / all.length,
    calls: ((await wecom.ask<number>('calls')) - callsBefore) / all.length,
  }
}

async function openRaw({ opened }: Wecom): Promise<Adder> {
  const child = await openChild('additions-raw.ts', opened)
  return {
    add: addition => child.ask(addition),
    cpuUs: async () => (await child.ask<Usage>('usage')).cpuUs,
    end: () => child.end(),
  }
}

async function openProduct(
  { opened }: Wecom,
  store: { dataDir: string; databaseUrl?: string },
): Promise<Adder> {
  const child = await openChild<{ origin: string; token: string }>('bots-product.ts', { ...store, ...opened })
  await child.ask('begin')
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS
  while (!(await child.ask<{ isSynced: boolean }>('rooms')).isSynced) {
    if (performance.now() > giveUpAt) throw new Error('the rooms were not synced')
    await pause(LOOK_EVERY_MS)
  }
  const pool = new Pool(child.opened.origin, { connections: 1 })
  return {
    async add({ room, contact }) {
      const ask = { token: child.opened.token, botUserId: 'xiaobei', contactWxid: contact, roomWxid: room }
      const beganAt = performance.now()
      const { body } = await pool.request({
        ...{ method: 'POST', path: '/room/addMember', body: JSON.stringify(ask) },
        headers: { 'content-type': 'application/json' },
      })
      const answer = (await body.json()) as { code: number; message: string }
      const ms = performance.now() - beganAt
      if (answer.code !== 0) throw new Error(`addMember: ${answer.code} ${answer.message}`)
      return { ms }
    },
    cpuUs: async () => (await child.ask<Usage>('usage')).cpuUs,
    async end() {
      await pool.destroy()
      await child.end()
    },
  }
}
