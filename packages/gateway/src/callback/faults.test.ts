import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Customer, openCustomer } from '../../testing/customer.ts'
import { FAULTS, type Fault, openFaultyDatabase } from '../../testing/faulty-database.ts'
import { MovedClock } from '../../testing/moved-clock.ts'
import { owed, steadyRandom } from '../../testing/open-outbox.ts'
import { type FreshDatabase, openFreshDatabase } from '../../testing/postgres/fresh-database.ts'
import { Keyring } from '../model/keyring.ts'
import { silentLog } from '../model/log.ts'
import { systemRandom } from '../model/random.ts'
import { type Membership, openMembership } from '../node/membership.ts'
import { setCallbackUrl } from '../store/callback-addresses.ts'
import { enqueueCallback, findCallback, listCallbacks } from '../store/callbacks.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { StoreError } from '../store/store-error.ts'
import { addWorkspace } from '../store/workspaces.ts'
import { openCourier, STOP_MS } from './courier.ts'

const clock = new MovedClock()
const keyring = new Keyring(systemRandom.bytes(32))
/** A database that was cut off is back after so long. */
const CUT_MS = 2000
/** Whatever still waits by then, waits for ever: a fault of ours puts a callback off by a minute. */
const SETTLED_WITHIN_MS = 10 * 60_000
const STEP_MS = 500
/**
 * So long the clock stands still for what crosses a socket; whatever takes longer waits for the clock. Counted in turns
 * of the event loop, in which both ends of the socket live: a slow machine must not look like a slow receiver.
 */
const STILL_TURNS = 8

/** What the receiver answers to the tries of a callback, `room n`; 200 where nothing is said. */
const ANSWERS: Readonly<Record<string, readonly number[]>> = { 'a 2': [500], 'b 1': [404] }
const OWED = [
  ['a', 1],
  ['a', 2],
  ['b', 1],
  ['a', 3],
  ['b', 2],
] as const
const TRIES: Readonly<Record<string, number>> = { 'a 2': 2 }

describe.each(['sqlite', 'postgres'] as const)('the courier on %s', dialect => {
  let store: Store
  let database: FreshDatabase | undefined
  let dataDir: string
  let membership: Membership
  let customer: Customer
  let statements: number

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'qunhub-faults-'))
    if (dialect === 'postgres')
      database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
    store = await openStore({ dataDir, databaseUrl: database?.url })
    membership = await openMembership({
      db: store.db,
      clock,
      random: systemRandom,
      log: silentLog,
      address: null,
    })
    customer = await openCustomer()
    const dry = await run(null)
    expect(dry.problems).toEqual([])
    statements = dry.asked
  })
  afterAll(async () => {
    await customer.close()
    await membership.leave()
    await store.close()
    await database?.drop()
    await rm(dataDir, { recursive: true })
  })

  test.each(FAULTS)(
    'CB-12 whichever statement is the one that meets the fault "%s": all that is committed arrives, in order, once, and nothing sticks',
    {
      timeout: 120_000,
    },
    async fault => {
      const problems: string[] = []
      for (let at = 1; at <= statements; at++) {
        const { struck, problems: found } = await run({ fault, at })
        problems.push(...found.map(problem => `${fault} at ${at} (${struck}): ${problem}`))
      }
      console.log(`${dialect}: ${statements} statements, each ${fault}: ${problems.length} problems`)
      expect(statements).toBeGreaterThan(OWED.length)
      expect(problems).toEqual([])
    },
  )

  /** Owes in two rooms and delivers, with one fault on the way; says what a customer could complain of. */
  async function run(plan: { fault: Fault; at: number } | null) {
    const heard: { name: string; answer: number }[] = []
    customer.answerWith(({ json }) => {
      const { room, n } = json as { room: string; n: number }
      const name = `${room} ${n}`
      const answer = ANSWERS[name]?.[heard.filter(each => each.name === name).length] ?? 200
      heard.push({ name, answer })
      return answer
    })
    const { id: workspaceId } = await addWorkspace(store.db, systemRandom, { name: '故障', at: clock.now() })
    await setCallbackUrl(store.db, keyring, systemRandom, workspaceId, customer.url, clock.now())

    const faulty = openFaultyDatabase(store.db, clock, plan)
    const courier = openCourier({
      db: faulty.db,
      keyring,
      clock,
      random: steadyRandom,
      log: silentLog,
      owner: () => membership.id,
    })
    courier.start()
    const acknowledged: string[] = []
    const owing = (async () => {
      for (const [room, n] of OWED) {
        const owe = faulty.db.write(tx => enqueueCallback(tx, workspaceId, owed(room, n), clock.now()))
        await owe.then(() => acknowledged.push(`${room} ${n}`), ignoreStoreError)
        courier.wake()
      }
    })()
    let isOwed = false
    owing.finally(() => {
      isOwed = true
    })

    const until = clock.now() + SETTLED_WITHIN_MS
    let cutSince: number | null = null
    const isOver = async () => {
      if (!isOwed || (plan && faulty.struck === null)) return false
      return (await listCallbacks(store.db, workspaceId, { state: 'due', limit: 1 })).length === 0
    }
    while (clock.now() < until && !(await isOver())) {
      if (faulty.struck !== null) cutSince ??= clock.now()
      if (cutSince !== null && clock.now() >= cutSince + CUT_MS) faulty.mend()
      await stillness(courier.idle())
      clock.advance(STEP_MS)
    }
    const { asked } = faulty
    faulty.mend()
    await stillness(owing)
    const stopped = courier.stop()
    clock.advance(STOP_MS)
    await stopped

    const records = (await listCallbacks(store.db, workspaceId, { limit: 100 })).toReversed()
    const attempts: number[] = []
    const names: string[] = []
    for (const { id } of records) {
      const { body, attempts: made } = (await findCallback(store.db, workspaceId, id))!
      const { room, n } = JSON.parse(body) as { room: string; n: number }
      names.push(`${room} ${n}`)
      attempts.push(made.length)
    }
    const problems: string[] = []
    const complainUnless = (fine: boolean, problem: string) => fine || problems.push(problem)
    for (const [at, { state, attempt }] of records.entries()) {
      const name = names[at]!
      const tries = heard.filter(each => each.name === name)
      complainUnless(tries.length > 0, `${name} was lost`)
      complainUnless(state === (name === 'b 1' ? 'parked' : 'delivered'), `${name} is ${state}`)
      complainUnless(tries.length <= 6 && attempt <= 6, `${name} was tried ${tries.length} times`)
      // Nothing died: whatever the database did, an answer was heard once and kept once.
      complainUnless(
        tries.length === (TRIES[name] ?? 1) && attempts[at] === tries.length && attempt === tries.length,
        `${name} was heard ${tries.length} times, kept ${attempts[at]} times and counted ${attempt} times`,
      )
    }
    for (const name of acknowledged)
      complainUnless(names.includes(name), `${name} was acknowledged and is not there`)
    for (const { name } of heard) complainUnless(names.includes(name), `${name} was invented`)
    for (const room of ['a', 'b']) {
      const firsts = [...new Set(heard.map(({ name }) => name))].filter(name => name.startsWith(room))
      const owedThere = names.filter(name => name.startsWith(room))
      complainUnless(firsts.join() === owedThere.join(), `heard as ${firsts}, owed as ${owedThere}`)
    }
    if (plan) complainUnless(faulty.struck !== null, 'the fault never struck')
    const held = await store.db.all(
      store.db.query
        .selectFrom('lane')
        .selectAll()
        .where('workspace_id', '=', workspaceId)
        .where('owner', 'is not', null)
        .compile(),
    )
    complainUnless(held.length === 0, `${held.length} lanes are held by nobody who works on them`)
    return { asked, struck: faulty.struck, problems }
  }
})

const ignoreStoreError = (fault: unknown): void => {
  if (!(fault instanceof StoreError)) throw fault
}

/** Waits for it, but not longer than anything takes that does not wait for the clock; for one turn in any case. */
async function stillness(event: Promise<unknown>): Promise<void> {
  let isOver = false
  const over = () => {
    isOver = true
  }
  event.then(over, over)
  for (let turn = 0; turn < STILL_TURNS && (turn === 0 || !isOver); turn++) await pause(1)
}
