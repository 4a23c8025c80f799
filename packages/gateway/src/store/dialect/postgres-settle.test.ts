import { eventually } from '@qunhub/testing/eventually.ts'
import { type FreshDatabase, openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { systemRandom } from '../../system/random.ts'
import { enqueueCallback, keyring, NOON, owed } from '../contract/scene.contract.ts'
import type { Database } from '../database/database.ts'
import { setCallbackUrl } from '../outbox/callback-addresses.ts'
import { listCallbacks } from '../outbox/callbacks.ts'
import type { Following, Head, Lane } from '../outbox/lane.ts'
import { claimLanes, readLane, releaseLane } from '../outbox/lanes.ts'
import { settleAttempt, settleDelivered } from '../outbox/settle-attempt.ts'
import { addWorkspace } from '../workspaces/workspaces.ts'
import { openPostgres } from './postgres.ts'

let database: FreshDatabase
let db: Database
let workspaceId: Awaited<ReturnType<typeof addWorkspace>>['id']
let addressId: string
let other: pg.Client

beforeEach(async () => {
  database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  db = openPostgres({ url: database.url, connectionsMax: 8, onLoss() {} })
  workspaceId = (await addWorkspace(db, systemRandom, { name: '小组', at: NOON })).id
  await setCallbackUrl(db, keyring, systemRandom, workspaceId, 'https://shop.example/', NOON)
  addressId = (await db.first(db.hot.callbackAddress(workspaceId)))!.id
  other = new pg.Client({ connectionString: database.url })
  await other.connect()
})
afterEach(async () => {
  await other.end()
  await db.close()
  await database.drop()
})

const answered = {
  startedAt: NOON,
  ms: 3,
  outcome: 'answered',
  status: 200,
  errorClass: null,
  snippet: 'ok',
  reason: null,
} as const
const delivered = { attempt: answered, settlement: { settle: 'delivered', at: NOON } } as const
const usual: Following = {
  nodeId: 'us',
  now: NOON,
  leaseUntil: NOON + 30_000,
  mayStay: true,
  mayPassOn: true,
}

const owe = (room: string, text: string) =>
  db.write(tx => enqueueCallback(tx, workspaceId, owed(text, room), NOON))
const settle = (lane: Lane, head: Head, following: Partial<Following> = {}) =>
  settleDelivered(db, lane, head, delivered, { ...usual, ...following })
const headOf = async (lane: Lane) => (await readLane(db, lane))!.head!
const textOf = (head: Head | null | undefined) => head && Buffer.from(head.body).toString()
const lanes = () =>
  db.all<{ lane_key: string; owner: string | null; due_at: number | null }>({
    sql: 'select lane_key, owner, due_at from lane order by lane_key',
    parameters: [],
  })
const isWaiting = async () =>
  (await db.all({ sql: 'select 1 from pg_locks where not granted', parameters: [] })).length > 0

async function claim(room: string, nodeId = 'us'): Promise<{ lane: Lane; head: Head }> {
  const asked = { nodeId, now: NOON, leaseUntil: NOON + 30_000, limit: 10, inFlightMax: 10 }
  const claimed = await db.write(tx => claimLanes(tx, { workspaceId, addressId }, asked))
  const lane = claimed.find(({ laneKey }) => laneKey === room)!
  return { lane, head: await headOf(lane) }
}

test('CB-8 a delivery, its attempt and the lane’s next callback are one statement', async () => {
  await owe('R:1', 'a')
  await owe('R:1', 'b')
  const { lane, head } = await claim('R:1')
  const { next } = (await settle(lane, head))!
  expect(next!.lane).toBe(lane)
  expect(textOf(next!.head)).toBe('b')
  expect(await listCallbacks(db, workspaceId, { limit: 9 })).toMatchObject([
    { state: 'due', attempt: 0 },
    { state: 'delivered', attempt: 1 },
  ])
  expect(await db.all({ sql: 'select n, status, snippet from attempt', parameters: [] })).toEqual([
    { n: 1, status: 200, snippet: 'ok' },
  ])
})

test('CB-10 a lane with nothing left is given back, and the one that has waited longest takes its slot', async () => {
  await owe('R:1', 'a')
  const { lane, head } = await claim('R:1')
  await owe('R:2', 'b')
  const { next } = (await settle(lane, head))!
  expect(next!.lane).toMatchObject({ laneKey: 'R:2' })
  expect(textOf(next!.head)).toBe('b')
  expect(await lanes()).toMatchObject([
    { lane_key: 'R:1', owner: null, due_at: null },
    { lane_key: 'R:2', owner: 'us' },
  ])
})

test.each([
  ['others wait for a slot', { mayPassOn: false }, null],
  ['the turn is over, and it may be passed on', { mayStay: false }, 'R:2'],
])('CB-10 whether it stays or goes, where %s', async (_what, following, goesTo) => {
  await owe('R:1', 'a')
  if (goesTo) await owe('R:1', 'again')
  const { lane, head } = await claim('R:1')
  await owe('R:2', 'b')
  const settled = await settle(lane, head, following)
  expect(settled!.next?.lane.laneKey ?? null).toBe(goesTo)
})

test.each([
  ['open', `state = 'open'`],
  ['recovering', 'ramp = 1'],
  ['taken away', 'base_url = null'],
])('CB-7 an address that is %s is none of the usual cases, and nothing is written', async (_what, change) => {
  await owe('R:1', 'a')
  const { lane, head } = await claim('R:1')
  await db.write(tx => tx.run({ sql: `update callback_address set ${change}`, parameters: [] }))
  expect(await settle(lane, head)).toBeNull()
  expect(await listCallbacks(db, workspaceId, { limit: 9 })).toMatchObject([{ state: 'due', attempt: 0 }])
})

test('CB-12 whoever lost the lane writes nothing', async () => {
  await owe('R:1', 'a')
  const { lane, head } = await claim('R:1')
  await db.write(tx => tx.run({ sql: `update lane set token = token + 1, owner = 'them'`, parameters: [] }))
  expect(await settle(lane, head)).toBeNull()
  expect(await listCallbacks(db, workspaceId, { limit: 9 })).toMatchObject([{ state: 'due', attempt: 0 }])
})

test('CB-4 a callback that comes while the lane is being given back is not overlooked', async () => {
  await owe('R:1', 'a')
  const { lane, head } = await claim('R:1')
  await other.query('begin')
  await other.query(`update lane set gen = gen + 1, due_at = ${NOON} where lane_key = 'R:1'`)
  const settled = settle(lane, head)
  await eventually('the settlement waits for the producer', isWaiting)
  await other.query('commit')
  // Nothing was written: what was seen is not true any more, so it is gone step by step.
  expect(await settled).toBeNull()
  expect((await lanes())[0]).toMatchObject({ owner: 'us' })
})

test('CB-9 a lane that somebody worked on meanwhile is not taken with a head that is delivered already', async () => {
  await owe('R:1', 'a')
  const { lane, head } = await claim('R:1')
  await owe('R:2', 'first')
  await owe('R:2', 'second')
  await other.query('begin')
  await other.query(`select 1 from lane where lane_key = 'R:1' for update`)
  const settled = settle(lane, head)
  await eventually('the settlement has seen the store, and waits', isWaiting)
  const theirs = await claim('R:2', 'them')
  await db.write(async tx => {
    await settleAttempt(tx, theirs.lane, theirs.head, { ...delivered, leaseUntil: NOON + 30_000 })
    const { gen } = (await readLane(tx, theirs.lane))!
    await releaseLane(tx, theirs.lane, { gen, dueAt: NOON })
  })
  await other.query('rollback')
  expect(await settled).toEqual({ next: null })
  expect(await lanes()).toMatchObject([
    { lane_key: 'R:1', owner: null },
    { lane_key: 'R:2', owner: null, due_at: NOON },
  ])
})
