/**
 * One small story on a database with one fault: callbacks are owed in two rooms, one of them meets a 500 and is tried
 * again, one is parked by a 410, the others are delivered. The clock goes on by steps, and stands still for what crosses
 * a socket; a database that was cut off is back after a while. The story is over when the fault has struck and nothing
 * is due any more, or when it has waited for longer than anything may wait. Then it is judged.
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { WorkspaceId } from '@qunhub/wire'
import { openCourier, STOP_MS } from '../../../gateway/src/callback/courier.ts'
import { Keyring } from '../../../gateway/src/model/keyring.ts'
import { openMembership } from '../../../gateway/src/node/membership.ts'
import { runAddresses } from '../../../gateway/src/node/run-addresses.ts'
import { enqueueCallback } from '../../../gateway/src/store/contract/scene.contract.ts'
import type { Database } from '../../../gateway/src/store/database/database.ts'
import { openStore } from '../../../gateway/src/store/database/open-store.ts'
import { StoreError } from '../../../gateway/src/store/database/store-error.ts'
import { setCallbackUrl } from '../../../gateway/src/store/outbox/callback-addresses.ts'
import {
  type CallbackRecord,
  findCallback,
  listCallbacks,
} from '../../../gateway/src/store/outbox/callbacks.ts'
import { addWorkspace } from '../../../gateway/src/store/workspaces/workspaces.ts'
import { silentLog } from '../../../gateway/src/system/log.ts'
import { systemRandom } from '../../../gateway/src/system/random.ts'
import { owed, steadyRandom } from '../grounds/open-outbox.ts'
import { ManualClock } from '../manual-clock.ts'
import { openCustomer } from '../receivers/customer.ts'
import { loopbackGuard } from '../receivers/loopback.ts'
import { type FaultPlan, type FaultyDatabase, openFaultyDatabase } from './faulty-database.ts'

/** What is owed, in this order, and how often each is heard when all is well. */
const STORY = [
  { name: 'a 1', answers: [200], state: 'delivered' },
  { name: 'a 2', answers: [500, 200], state: 'delivered' },
  { name: 'b 1', answers: [410], state: 'parked' },
  { name: 'a 3', answers: [200], state: 'delivered' },
  { name: 'b 2', answers: [200], state: 'delivered' },
] as const
const CUT_MS = 2000
/** Whatever still waits by then, waits for ever: a fault of ours puts a callback off by a minute. */
const SETTLED_WITHIN_MS = 10 * 60_000
const STEP_MS = 500
/**
 * So long the clock stands still; whatever takes longer waits for it. Counted in ticks of the event loop, in which both
 * ends of the socket live: a slow machine must not look like a slow receiver.
 */
const STILL_TICKS = 8

export interface FaultRun {
  /** Statements that the story took. */
  readonly asked: number
  /** What a customer or an operator could complain of. */
  readonly problems: string[]
}

export interface FaultTrial {
  /** Tells the story once, without a plan on a database that is well. */
  run(plan: FaultPlan | null): Promise<FaultRun>
  close(): Promise<void>
}

/** On an embedded store of its own, or on a PostgreSQL database that is its own. */
export async function openFaultTrial(databaseUrl: string | undefined): Promise<FaultTrial> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-faults-'))
  const { db, close } = await openStore({ dataDir, databaseUrl })
  const clock = new ManualClock()
  const deps = { clock, random: steadyRandom, log: silentLog, keyring: new Keyring(systemRandom.bytes(32)) }
  const membership = await openMembership({ ...deps, random: systemRandom, db, address: null })
  const heard: string[] = []
  const customer = await openCustomer(({ json }) => {
    const name = nameOf(json)
    heard.push(name)
    return STORY.find(each => each.name === name)?.answers[triesOf(heard, name) - 1] ?? 200
  })

  return {
    async run(plan) {
      heard.length = 0
      const { id } = await addWorkspace(db, systemRandom, { name: '故障', at: clock.now() })
      await setCallbackUrl(db, deps.keyring, systemRandom, id, customer.url, clock.now())
      const faulty = openFaultyDatabase(db, clock, plan)
      const courier = openCourier({
        ...deps,
        guard: loopbackGuard,
        db: faulty.db,
        nodeId: () => membership.id,
      })
      // Nobody beats here, and nobody is there who could take it for dead.
      const here = { id: membership.id, isIn: true, nodes: membership.nodes }
      await runAddresses({ ...deps, db, membership: here, courier }).round()
      courier.start()
      const owing = oweStory(faulty.db, id, clock, () => courier.wake(id))
      const isOver = async () =>
        owing.isOver && (plan === null || faulty.struck !== null) && !(await isAnythingDue(db, id))
      await letTimePass(clock, faulty, isOver, () => courier.idle())
      const { asked } = faulty
      faulty.mend()
      const stopped = courier.stop()
      clock.advance(STOP_MS)
      await stopped

      const problems = await judge(db, id, heard, owing.acknowledged)
      if (!owing.isOver) problems.push('whoever owes still waits for the database')
      if (plan && faulty.struck === null) problems.push('the fault never struck')
      const where = plan ? `${plan.fault} at ${plan.at} (${faulty.struck}): ` : ''
      return { asked, problems: problems.map(problem => where + problem) }
    },
    async close() {
      await customer.close()
      await membership.leave()
      await close()
      await rm(dataDir, { recursive: true })
    },
  }
}

/** One write a callback. What the database refuses to write is not owed, or perhaps it is: nobody knows until he looks. */
function oweStory(db: Database, workspaceId: WorkspaceId, clock: ManualClock, wake: () => void) {
  const owing = { isOver: false, acknowledged: [] as string[] }
  const oweAll = async () => {
    for (const { name } of STORY) {
      const [room, n] = name.split(' ') as [string, string]
      try {
        await db.write(tx => enqueueCallback(tx, workspaceId, owed(room, Number(n)), clock.now()))
        owing.acknowledged.push(name)
      } catch (fault) {
        if (!(fault instanceof StoreError)) throw fault
      }
      wake()
    }
    owing.isOver = true
  }
  void oweAll()
  return owing
}

async function letTimePass(
  clock: ManualClock,
  faulty: FaultyDatabase,
  isOver: () => Promise<boolean>,
  idle: () => Promise<void>,
): Promise<void> {
  const until = clock.now() + SETTLED_WITHIN_MS
  let struckAt: number | null = null
  while (clock.now() < until && !(await isOver())) {
    if (faulty.struck !== null) struckAt ??= clock.now()
    if (struckAt !== null && clock.now() >= struckAt + CUT_MS) faulty.mend()
    await stillness(idle())
    clock.advance(STEP_MS)
  }
}

/** Waits for it, but not longer than anything takes that does not wait for the clock; for one tick in any case. */
async function stillness(event: Promise<unknown>): Promise<void> {
  let isOver = false
  event.then(() => {
    isOver = true
  })
  for (let tick = 0; tick < STILL_TICKS && (tick === 0 || !isOver); tick++) await pause(1)
}

async function judge(
  db: Database,
  workspaceId: WorkspaceId,
  heard: readonly string[],
  acknowledged: readonly string[],
): Promise<string[]> {
  const kept = await keptCallbacks(db, workspaceId)
  const names = kept.map(({ name }) => name)
  const problems: string[] = []
  for (const { name, state, attempt, attempts } of kept) {
    const expected = STORY.find(each => each.name === name)!
    const tries = triesOf(heard, name)
    if (tries === 0) problems.push(`${name} was lost`)
    if (state !== expected.state) problems.push(`${name} is ${state}`)
    // Nobody died: whatever the database did, each answer was asked for once, kept once and counted once.
    if ([tries, attempts, attempt].some(count => count !== expected.answers.length))
      problems.push(`${name} was heard ${tries} times, kept ${attempts} times and counted ${attempt} times`)
  }
  for (const name of acknowledged) if (!names.includes(name)) problems.push(`${name} was not kept`)
  for (const name of heard) if (!names.includes(name)) problems.push(`${name} was invented`)
  for (const room of ['a', 'b']) {
    const inRoom = (all: readonly string[]) => [...new Set(all)].filter(name => name.startsWith(room)).join()
    if (inRoom(heard) !== inRoom(names)) problems.push(`heard ${inRoom(heard)}, owed ${inRoom(names)}`)
  }
  return problems
}

/** In the order of their commits. */
async function keptCallbacks(
  db: Database,
  workspaceId: WorkspaceId,
): Promise<(Pick<CallbackRecord, 'state' | 'attempt'> & { name: string; attempts: number })[]> {
  const records = (await listCallbacks(db, workspaceId, { limit: 100 })).toReversed()
  const found = await Promise.all(records.map(({ id }) => findCallback(db, workspaceId, id)))
  return found.map(callback => {
    const { state, attempt, attempts, body } = callback!
    return { name: nameOf(JSON.parse(body)), state, attempt, attempts: attempts.length }
  })
}

const isAnythingDue = async (db: Database, workspaceId: WorkspaceId): Promise<boolean> =>
  (await listCallbacks(db, workspaceId, { state: 'due', limit: 1 })).length > 0

const triesOf = (heard: readonly string[], name: string): number => heard.filter(each => each === name).length

const nameOf = (json: unknown): string => {
  const { room, n } = json as { room: string; n: number }
  return `${room} ${n}`
}
