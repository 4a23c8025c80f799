/**
 * Processes that owe and deliver callbacks (outbox-process.ts) are killed with `kill -9` and started again, many times,
 * at moments that chance chooses: most while they work, some while they start, and of two nodes sometimes both at once. Of two
 * nodes one also stands still now and then (SIGSTOP), for so long that the other is to take over what it ran, and goes on then.
 * The customer, who outlives them all, notes everything that arrives and asks now and then for a retry. In the end the
 * processes fall quiet, and what arrived is judged by what was committed.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { Keyring } from '../../../gateway/src/model/keyring.ts'
import { seededRandom } from '../../../gateway/src/store/contract/scene.contract.ts'
import type { Database } from '../../../gateway/src/store/database/database.ts'
import { openStore } from '../../../gateway/src/store/database/open-store.ts'
import { setCallbackUrl } from '../../../gateway/src/store/outbox/callback-addresses.ts'
import { addWorkspace } from '../../../gateway/src/store/workspaces/workspaces.ts'
import { type Random, systemRandom } from '../../../gateway/src/system/random.ts'
import { eventually } from '../eventually.ts'
import type { OutboxTask, TrialBody } from '../processes/outbox-process.ts'
import { type OutboxWorker, openOutboxWorker } from '../processes/outbox-worker.ts'
import { openCustomer } from '../receivers/customer.ts'
import { type Arrival, type ArrivalVerdict, type Committed, judgeArrivals } from './judge-arrivals.ts'
import { watchRecovery } from './watch-recovery.ts'

export interface KillOptions {
  readonly callbacks: number
  readonly kills: number
  /** More than one needs a database that they share. */
  readonly nodes: 1 | 2
  /** The embedded store, unless it names a PostgreSQL database. */
  readonly databaseUrl?: string
  /** Times that one of two nodes stands still while the other is killed, each for so long. */
  readonly freezesMs?: readonly number[]
  readonly seed: number
}

export interface KillReport {
  /** Written down by the writes that owed them. */
  readonly committed: number
  readonly verdict: ArrivalVerdict
  /** Rows of the outbox that are not delivered, or more than were committed. */
  readonly undelivered: number
  /** From a kill to the first arrival of something that was acknowledged and unheard at that moment. */
  readonly recoveredMs: readonly number[]
  /** The same, counted from when the killed process was started again. */
  readonly recoveredSinceStartMs: readonly number[]
  /** From a kill to the last of them. */
  readonly caughtUpMs: readonly number[]
  /** Of these, what the start of a process takes: from its start until its store is open and its courier works. */
  readonly startMs: readonly number[]
  readonly tookMs: number
}

const WORKSPACES = 1
const ROOMS_PER_WORKSPACE = 32
/** Long enough for a node to notice, now and then, that its former self is dead (node/membership.ts). */
const LIFE_MAX_MS = 4000
/** Of the kills, those that fall into a start, and those of two nodes that hit both. */
const IN_START_PART = 0.2
const START_MS = 600
const BOTH_PART = 0.2
const REFUSED_PART = 0.02
/** The customer takes so long, so that a kill finds something in flight. */
const ANSWER_MAX_MS = 4
const DRAINED_WITHIN_MS = 60_000

export async function tryKills(options: KillOptions): Promise<KillReport> {
  const opened: (() => Promise<unknown>)[] = []
  const startedAt = performance.now()
  try {
    const home = await mkdtemp(join(tmpdir(), 'qunhub-kill-'))
    opened.push(() => rm(home, { recursive: true, force: true }))
    const random = seededRandom(options.seed)
    const arrivals: Arrival[] = []
    const recovery = watchRecovery(arrivals)
    const customer = await openCustomer(async ({ headers, json }) => {
      const refused = random.fraction() < REFUSED_PART
      arrivals.push({ ...(json as TrialBody), webhookId: headers['webhook-id'], refused })
      recovery.heard((json as TrialBody).mark)
      await pause(random.fraction() * ANSWER_MAX_MS)
      return refused ? 503 : 200
    })
    opened.push(() => customer.close())

    // The embedded store is the one node's own, and has to be free when it starts.
    const storeAt = { dataDir: join(home, 'node-0'), databaseUrl: options.databaseUrl }
    const task = await withStore(storeAt, db => prepare(db, options, customer.url))
    const workers = Array.from({ length: options.nodes }, (_, node) => {
      const worker = openOutboxWorker({ ...task, dataDir: join(home, `node-${node}`) })
      opened.push(() => worker.kill9())
      return worker
    })
    await Promise.all(workers.map(worker => worker.start()))
    await killAgainAndAgain(workers, options, random, recovery)
    await drain(workers, options.callbacks)

    const { committed, undelivered } = await withStore(storeAt, readOutcome)
    const acknowledged = workers.flatMap(worker => worker.acknowledged.map(({ mark }) => mark))
    return {
      committed: committed.length,
      verdict: judgeArrivals(committed, acknowledged, arrivals),
      undelivered,
      ...recovery.times,
      startMs: workers.flatMap(worker => worker.startMs),
      tookMs: performance.now() - startedAt,
    }
  } finally {
    for (const end of opened.toReversed()) await end()
  }
}

/** Tables for the truth, and addresses of the one customer. */
async function prepare(
  db: Database,
  { callbacks, kills, nodes, databaseUrl, freezesMs = [] }: KillOptions,
  url: string,
): Promise<Omit<OutboxTask, 'dataDir'>> {
  const master = systemRandom.bytes(32)
  const workspaceIds: OutboxTask['workspaceIds'][number][] = []
  for (let n = 0; n < WORKSPACES; n++) {
    const { id } = await addWorkspace(db, systemRandom, { name: `${n}`, at: Date.now() })
    await setCallbackUrl(db, new Keyring(master), systemRandom, id, url, Date.now())
    workspaceIds.push(id)
  }
  await db.write(async tx => {
    await tx.run(
      sql`create table trial_room (room text primary key, last integer not null)`.compile(tx.query),
    )
    await tx.run(
      sql`create table trial_commit (mark text primary key, room text not null, n integer not null)`.compile(
        tx.query,
      ),
    )
  })
  const secondsAtWork = (kills * (1 - IN_START_PART) * LIFE_MAX_MS) / 2 / 1000
  return {
    masterKeyHex: Buffer.from(master).toString('hex'),
    workspaceIds,
    roomsPerWorkspace: ROOMS_PER_WORKSPACE,
    standsStill: freezesMs.length > 0,
    perSecond: Math.ceil(callbacks / secondsAtWork / nodes),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  }
}

async function killAgainAndAgain(
  workers: readonly OutboxWorker[],
  { kills, freezesMs = [] }: KillOptions,
  random: Random,
  recovery: ReturnType<typeof watchRecovery>,
): Promise<void> {
  const freezing = freezeAgainAndAgain(workers, freezesMs, random)
  for (let killed = 0; killed < kills; ) {
    const inStart = random.fraction() < IN_START_PART
    const first = Math.floor(random.fraction() * workers.length)
    const both = workers.length > 1 && kills - killed > 1 && random.fraction() < BOTH_PART
    const awake = workers.filter(worker => worker !== freezing.frozen)
    const hit = both ? awake : [awake[first % awake.length]!]
    // Whoever is to be killed in its start is started; the others have come up by then.
    const waited = inStart ? random.fraction() * START_MS : random.fraction() * LIFE_MAX_MS
    if (!inStart) await Promise.all(workers.map(worker => worker.open()))
    await pause(waited)
    // Somebody may have been frozen meanwhile: that one is left alone.
    if (hit.some(worker => worker === freezing.frozen)) continue
    await Promise.all(hit.map(worker => worker.kill9()))
    killed += hit.length
    recovery.killed(hit.flatMap(worker => worker.acknowledged))
    for (const worker of hit) worker.begin()
    recovery.startedAgain()
  }
  await freezing.ended
  await Promise.all(workers.map(worker => worker.open()))
}

/** One after another: a node that is open stands still and goes on, and then the other has as much time to be killed. */
function freezeAgainAndAgain(workers: readonly OutboxWorker[], freezesMs: readonly number[], random: Random) {
  const state: { frozen: OutboxWorker | null; ended: Promise<void> } = {
    frozen: null,
    ended: Promise.resolve(),
  }
  const freezeAll = async () => {
    for (const ms of freezesMs) {
      await pause(LIFE_MAX_MS * random.fraction())
      const worker = workers[Math.floor(random.fraction() * workers.length)]!
      await eventually('a node to be open that shall stand still', () => worker.isOpen)
      state.frozen = worker
      worker.freeze()
      await pause(ms)
      worker.thaw()
      state.frozen = null
    }
  }
  state.ended = freezeAll()
  return state
}

/** Lets them owe what is missing, then deliver what is due. */
async function drain(workers: readonly OutboxWorker[], callbacks: number): Promise<void> {
  const owed = () => workers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0)
  await eventually('everything to be owed', () => owed() >= callbacks, DRAINED_WITHIN_MS)
  await Promise.all(workers.map(worker => worker.drain(DRAINED_WITHIN_MS)))
  await Promise.all(workers.map(worker => worker.kill9()))
}

async function readOutcome(db: Database): Promise<{ committed: Committed[]; undelivered: number }> {
  const committed = await db.all(sql<Committed>`select mark, room, n from trial_commit`.compile(db.query))
  const owed = await db.first(
    sql<{ delivered: number; rows: number }>`select count(*) as rows,
      count(case when state = 'delivered' then 1 end) as delivered from callback`.compile(db.query),
  )
  const { delivered, rows } = { delivered: Number(owed!.delivered), rows: Number(owed!.rows) }
  return { committed, undelivered: rows - delivered + Math.abs(rows - committed.length) }
}

async function withStore<T>(
  at: { dataDir: string; databaseUrl: string | undefined },
  use: (db: Database) => Promise<T>,
): Promise<T> {
  const store = await openStore(at)
  try {
    return await use(store.db)
  } finally {
    await store.close()
  }
}
