/**
 * Plans on data as they are when it hurts: one workspace with nine tenths of everything, one tag on every room of it. What
 * requests, bots and the courier ask is carried out; on its way each statement is explained twice, as PostgreSQL plans
 * what it has prepared for any parameters (generic) and for these ones (custom).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AskPlain,
  blocksOf,
  explain,
  type PlanMode,
  type PlanStep,
  rowsReadBy,
  stepsOf,
} from '@qunhub/testing/postgres/explain.ts'
import { type FreshDatabase, openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { big, skewedData } from '@qunhub/testing/postgres/skewed-data.ts'
import { type ContactWxid, PAGE_SIZE_MAX, type RoomWxid, type TagId, type UserId } from '@qunhub/wire'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Contact } from '../../model/contact.ts'
import { SECOND_MS } from '../../system/clock.ts'
import { systemRandom } from '../../system/random.ts'
import { claimBots, finishStart, releaseBot } from '../bots/claim-bots.ts'
import { findBotsByUserId } from '../bots/find-bots.ts'
import { countRooms } from '../bots/glance-at-bots.ts'
import { enterNode, listNodes } from '../bots/nodes.ts'
import { beatNode, contact, enqueueCallback, keyring, NOON, owed, room } from '../contract/scene.contract.ts'
import type { Database, Queryable, Statement, Transaction } from '../database/database.ts'
import type { HotStatements } from '../database/hot-statements.ts'
import { openStore, type Store } from '../database/open-store.ts'
import { describeAddress } from '../outbox/callback-addresses.ts'
import { findCallback, listCallbacks } from '../outbox/callbacks.ts'
import { claimAddresses, countAddresses } from '../outbox/claim-addresses.ts'
import { countStates, hasDelivered, oldestWaiting } from '../outbox/count-states.ts'
import { idOfWebhook } from '../outbox/find-webhook.ts'
import { measureOutbox } from '../outbox/measure-outbox.ts'
import { pruneCallbacks } from '../outbox/prune-callbacks.ts'
import type { ReplayFilter } from '../outbox/replay-rows.ts'
import { countReplayable, startReplay, steerReplay } from '../outbox/replays.ts'
import { readAddresses, readBodies, readNews, readOwed, readRooms } from '../outbox/run-address.ts'
import { countByState, searchCallbacks } from '../outbox/search-callbacks.ts'
import { type Settled, settleCallbacks } from '../outbox/settle-callbacks.ts'
import { stepReplay } from '../outbox/step-replay.ts'
import { idBefore, newestCallback, tailCallbacks } from '../outbox/tail-callbacks.ts'
import { crowdedAddresses, thinOut } from '../outbox/thin-out.ts'
import { chatsOfRoom } from '../rooms/chats-of-room.ts'
import { listedContactsOf, pageOfContacts } from '../rooms/contact-pages.ts'
import { findContacts } from '../rooms/find-contacts.ts'
import { chatIdsOfMembers, membersOfId, membersOfName } from '../rooms/find-members.ts'
import { BEFORE_ALL, findUnresolved } from '../rooms/find-unresolved.ts'
import { importContacts } from '../rooms/import-contacts.ts'
import { ORDINALS_PER_BLOCK } from '../rooms/list-blocks.ts'
import { roomsNamed } from '../rooms/name-chats.ts'
import { chatsOfMember, leaveRoom, pageOfChats, readChats, saveRoom, whoKnowsRoom } from '../rooms/rooms.ts'
import { ROOMS_TOGETHER } from '../rooms/save-room.ts'
import { searchRooms } from '../rooms/search-rooms.ts'
import { assignTag } from '../rooms/tags.ts'
import { grantPermits } from '../workspaces/token-permits.ts'
import { findCallers, findToken } from '../workspaces/tokens.ts'
import { findWorkspace, setSwitches } from '../workspaces/workspaces.ts'

/** Which indexes of the big tables may serve what is asked. Where there are two, both find a row by its whole key. */
const INDEXES: Readonly<Record<string, readonly string[]>> = {
  'hot.chatsOfMember': ['chat_member_wxid', 'chat_pkey'],
  'hot.chatsFrom': ['chat_tag_chats', 'chat_left', 'chat_listed', 'chat_pkey'],
  'hot.chatsOfRoom': ['chat_room'],
  'hot.lastListedContact': ['contact_listed'],
  'hot.listedContacts': ['contact_listed'],
  'hot.chats': ['chat_pkey'],
  'hot.labels': ['chat_tag_ordinal'],
  'hot.contacts': ['contact_pkey'],
  'hot.members': ['chat_member_pkey'],
  'hot.writeSighting': ['chat_member_wxid', 'chat_member_pkey', 'chat_pkey'],
  'hot.newsOf': ['callback_state', 'callback_replayed'],
  'hot.firstOfRooms': ['callback_lane', 'callback_body_pkey'],
  readBodies: ['callback_body_pkey'],
  'hot.settleAtOnce': ['callback_pkey', 'callback_state', 'attempt_pkey'],
  'hot.settle': ['callback_pkey', 'callback_state', 'attempt_pkey'],
  settleCallbacks: ['callback_pkey', 'callback_state'],
  'hot.chatsWithBots': ['chat_pkey'],
  'hot.membersWithContacts': ['chat_pkey', 'chat_member_pkey', 'contact_pkey'],
  'hot.contactsNamed': ['contact_handle', 'contact_union_id'],
  'hot.coworkersOfKeys': ['contact_user_id'],
  'hot.contactsOfBots': ['contact_pkey', 'contact_handle', 'contact_union_id'],
  assignTag: ['chat_tag_pkey', 'chat_tag_ordinal', 'chat_pkey'],
  leaveRoom: ['chat_bot', 'chat_room'],
  findCallback: ['callback_pkey', 'callback_webhook_id', 'callback_body_pkey', 'attempt_pkey'],
  measureOutbox: ['callback_lane', 'callback_state', 'callback_body_pkey'],
  crowdedAddresses: ['callback_lane', 'callback_state', 'callback_body_pkey'],
  thinOut: ['callback_lane', 'callback_state', 'callback_pkey', 'callback_body_pkey', 'attempt_pkey'],
  describeAddress: ['callback_lane', 'callback_state', 'callback_body_pkey'],
  overview: ['callback_state', 'callback_lane'],
  roomsNamed: ['chat_pkey'],
  tailCallbacks: ['callback_pkey', 'callback_webhook_id', 'callback_body_pkey', 'attempt_pkey'],
  listCallbacks: ['callback_pkey', 'callback_state', 'callback_room', 'attempt_pkey'],
  searchCallbacks: [
    'callback_pkey',
    'callback_state',
    'callback_room',
    'attempt_pkey',
    'chat_room',
    'chat_bot',
    'chat_left',
  ],
  countByState: ['callback_pkey', 'callback_state'],
  searchRooms: ['chat_listed', 'chat_pkey', 'chat_member_pkey', 'chat_tag_chats', 'chat_tag_pkey'],
  countRooms: ['chat_bot'],
  findMembers: ['contact_name', 'chat_member_wxid'],
  countReplayable: ['callback_pkey', 'callback_state', 'callback_room'],
  stepReplay: ['callback_replayed', 'callback_pkey', 'callback_state', 'callback_room', 'lane_pkey'],
  pruneCallbacks: ['callback_state', 'callback_pkey', 'callback_body_pkey', 'attempt_pkey'],
  findUnresolved: ['contact_pkey'],
}

/** Tables that grow with what customers do; of the others there are few rows. */
const BIG_TABLES = ['chat', 'chat_member', 'contact', 'chat_tag', 'callback', 'callback_body', 'attempt']

/** Offsets of two pages that pass over nearly as many chats of their blocks as there can be: 980 in a block are listed. */
const [NEAR, FAR] = [978, 40 * 980 + 978]
/** The offset of the page that ends the list: of its chats, one in fifty was left. */
const LAST = big.chats * 0.98 - 20
/** Of what the worst page reads in an index, a block and a page behind it, twice as much: near its end a list is sorted. */
const ROWS_READ_MAX = 2 * (ORDINALS_PER_BLOCK + PAGE_SIZE_MAX)

/** Who asks, or, of a statement written by hand, its name. */
interface Explained {
  readonly name: string
  readonly sql: string
  readonly parameters: readonly unknown[]
  readonly mode: PlanMode
  readonly plan: PlanStep
}

const explained: Explained[] = []
const hotAsked = new Set<keyof HotStatements>()
let database: FreshDatabase
let store: Store
let client: pg.Client
let dataDir: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'qunhub-plans-'))
  database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  store = await openStore({ dataDir, databaseUrl: database.url })
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  for (const sql of skewedData(keyring.seal('puppet_token'))) await client.query(sql)
  await askEverything()
}, 300_000)
afterAll(async () => {
  await client.end()
  await store.close()
  await database.drop()
  await rm(dataDir, { recursive: true })
})

test('ST-110 every statement that is written by hand has been explained', () => {
  expect([...hotAsked].toSorted()).toEqual(Object.keys(store.db.hot).toSorted())
})

describe.each(['generic', 'custom'] as const)('%s plans', mode => {
  const ofMode = () => explained.filter(each => each.mode === mode)

  test('ST-111 no big table, no whole workspace and no whole list is walked through', () => {
    expect(ofMode().length).toBeGreaterThan(100)
    expect(ofMode().flatMap(walksOf)).toEqual([])
  })

  test('ST-112 no more is sorted, or put into a hash, than a block of a list and a page', () => {
    expect(ofMode().flatMap(heapsOf)).toEqual([])
  })

  test('ST-113 each question goes through the indexes that are meant for it', () => {
    const used = Map.groupBy(ofMode(), ({ name }) => name)
    expect(ofMode().flatMap(straysOf)).toEqual([])
    const idle = Object.keys(INDEXES).filter(
      name => !used.get(name)?.some(({ plan }) => indexesOf(plan).length > 0),
    )
    expect(idle).toEqual([])
  })

  test('ST-114 a page is limited first and joined then, and costs the same wherever it lies', () => {
    const pages = ofMode().filter(({ name }) => name === 'hot.chatsFrom')
    const full = pages.filter(({ plan }) => plan['Actual Rows'] === PAGE_SIZE_MAX)
    // Of a tag and of all: one at the beginning of the list of the tag, one near its beginning and one far behind.
    expect(full.length).toBe(5)
    for (const { plan } of full) {
      const joined = stepsOf(plan).filter(step => step['Index Name'] === 'chat_pkey')
      expect(joined.map(rowsReadBy)).toEqual([PAGE_SIZE_MAX])
    }
    const [, nearOfTag, nearOfAll, farOfTag, farOfAll] = full.map(({ plan }) => blocksOf(plan))
    expect(farOfTag).toBeLessThan(nearOfTag! * 1.1)
    expect(farOfAll).toBeLessThan(nearOfAll! * 1.1)
  })
})

// So that nobody need trust the rules above: each of these was wrong once, or would be.
test.each([
  ['without its index a page is a walk', 'drop index chat_tag_chats', 'hot.chatsFrom'],
  [
    'without its index a contact is searched in all rooms',
    'drop index chat_member_wxid',
    'hot.chatsOfMember',
  ],
  [
    'without its index what stands first in a room is searched in others',
    'drop index callback_lane',
    'hot.firstOfRooms',
  ],
])('ST-115 %s, and that is noticed', async (_why, breaking, name) => {
  const { sql, parameters } = explained.find(each => each.name === name)!
  const ask: AskPlain = async text => (await client.query(text)).rows
  await ask('begin')
  await ask(breaking)
  const plan = await explain(ask, { sql, parameters }, 'generic')
  await ask('rollback')
  const broken: Explained = { name, sql, parameters, mode: 'generic', plan }
  expect([...walksOf(broken), ...heapsOf(broken), ...straysOf(broken)]).not.toEqual([])
})

/** Where a plan reads more of a big table than was asked for. */
function walksOf({ name, sql, plan }: Explained): string[] {
  return stepsOf(plan).flatMap(step => {
    const { 'Node Type': type, 'Relation Name': table, 'Index Name': index, 'Index Cond': condition } = step
    const what = index ?? table
    if (!isOfBigTable(step)) return []
    const isWalk =
      type === 'Seq Scan' ||
      rowsReadBy(step) > ROWS_READ_MAX ||
      // The key's first column alone would find a whole workspace.
      /^\(workspace_id = [^()]*(\(\$\d+\)[^()]*)?\)$/.test(condition ?? '')
    return isWalk ? [`${name}: ${type} of ${what} (${condition}), ${rowsReadBy(step)} rows: ${sql}`] : []
  })
}

/** Where a plan heaps up more rows than a page needs. */
const heapsOf = ({ name, sql, plan }: Explained): string[] =>
  stepsOf(plan)
    .filter(step => ['Sort', 'Incremental Sort', 'Hash', 'Materialize'].includes(step['Node Type']))
    .filter(step => rowsReadBy(step) > ROWS_READ_MAX)
    .map(step => `${name}: ${step['Node Type']} of ${rowsReadBy(step)} rows: ${sql}`)

/** What a plan goes through without being meant to. */
const straysOf = ({ name, plan }: Explained): string[] =>
  indexesOf(plan)
    .filter(index => !INDEXES[name]?.includes(index))
    .map(index => `${name}: ${index}`)

const indexesOf = (plan: PlanStep): string[] =>
  stepsOf(plan).flatMap(step => (isOfBigTable(step) ? (step['Index Name'] ?? []) : []))

// A bitmap of an index names no table.
const isOfBigTable = ({ 'Relation Name': table, 'Index Name': index = '' }: PlanStep): boolean =>
  BIG_TABLES.some(big => (table === undefined ? index.startsWith(`${big}_`) : table === big))

const ASKS = new Set<string | symbol>(['all', 'first', 'run', 'writeAtOnce'])

/** Answers like `on`, but explains each statement before. `ask` is a connection's, or the transaction's own. */
function explaining<Q extends Queryable>(name: string, on: Q, ask: AskPlain | null): Q {
  const nameOf = new Map<string, string>()
  const hot = new Proxy(on.hot, {
    get:
      (target, key: keyof HotStatements) =>
      (...given: never[]) => {
        const worded = (target[key] as (...given: never[]) => Statement | Statement[] | null)(...given)
        for (const { sql } of [worded ?? []].flat()) nameOf.set(sql, `hot.${key}`)
        hotAsked.add(key)
        return worded
      },
  })
  // One after another, because each has several steps on one connection.
  let before: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = before.then(work)
    before = turn.catch(() => {})
    return turn
  }
  const explainBoth = async (statement: Statement) => {
    for (const mode of ['generic', 'custom'] as const) {
      const asked = { ...statement, name: nameOf.get(statement.sql) ?? name, mode }
      explained.push({
        ...asked,
        plan: await (ask ? explain(ask, statement, mode) : explainApart(statement, mode)),
      })
    }
  }
  return new Proxy(on, {
    get(target, key) {
      if (key === 'hot') return hot
      const value = Reflect.get(target, key, target)
      if (key === 'write')
        return (work: (tx: Transaction) => Promise<unknown>, options: never) =>
          (target as unknown as Database).write(
            tx => work(explaining(name, tx, sql => tx.all({ sql, parameters: [] }))),
            options,
          )
      if (!ASKS.has(key)) return value
      return (statement: Statement) =>
        inTurn(async () => {
          await explainBoth(statement)
          return (value as (statement: Statement) => unknown).call(target, statement)
        })
    },
  })
}

async function explainApart(statement: Statement, mode: PlanMode): Promise<PlanStep> {
  const ask: AskPlain = async sql => (await client.query(sql)).rows
  await ask('begin')
  const plan = await explain(ask, statement, mode)
  await ask('rollback')
  return plan
}

/** What requests, bots, the courier and the nodes ask, once each. */
async function askEverything(): Promise<void> {
  await askAsCustomers()
  await askAsBots()
  await askAsCourier()
  await askAsOperator()
  await askAsNodes()
}

const as = (name: string): Database => explaining(name, store.db, null)
const { workspaceId, botId, addressId } = big

async function askAsCustomers(): Promise<void> {
  await findToken(as('findToken'), keyring, 'nobody')
  await findCallers(as('findCallers'), keyring, ['nobody', 'somebody'])
  await chatsOfMember(as('chatsOfMember'), workspaceId, 'w0')
  await chatsOfMember(as('chatsOfMember'), workspaceId, 'w7')
  expect(await chatsOfMember(as('chatsOfMember'), workspaceId, 'hw7')).not.toEqual([])
  const page = (tagId: TagId | null, offset: number, limit: number) =>
    pageOfChats(as('pageOfChats'), workspaceId, tagId, { offset, limit })
  const { rows } = await page(big.everyTagId, 0, PAGE_SIZE_MAX)
  await page(big.rareTagId, 0, PAGE_SIZE_MAX)
  for (const offset of [NEAR, FAR]) {
    await page(big.everyTagId, offset, PAGE_SIZE_MAX)
    await page(null, offset, PAGE_SIZE_MAX)
  }
  await page(big.everyTagId, LAST, PAGE_SIZE_MAX)
  await page(null, LAST, PAGE_SIZE_MAX)
  await readChats(as('readChats'), workspaceId, rows.map(row => row.chatId).slice(0, 20))
  await whoKnowsRoom(as('whoKnowsRoom'), workspaceId, 'R:4242' as RoomWxid)
  const contacts = (offset: number) =>
    pageOfContacts(
      as('pageOfContacts'),
      workspaceId,
      { offset, limit: PAGE_SIZE_MAX },
      { async giveWay() {} },
    )
  const { total } = await contacts(0)
  expect((await contacts(total - PAGE_SIZE_MAX)).rows).toHaveLength(PAGE_SIZE_MAX)
  expect(await listedContactsOf(as('listedContactsOf'), workspaceId, 'w7')).not.toEqual([])
  expect(await chatsOfRoom(as('chatsOfRoom'), workspaceId, 'R:4242')).toHaveLength(1)
  const names = { wxids: ['w1'], handles: ['hw1'], unionIds: ['uw1'], userIds: ['LinLing'] }
  await findContacts(as('findContacts'), workspaceId, botId, names)
  await findWorkspace(as('findWorkspace'), workspaceId)
  await findBotsByUserId(as('findBotsByUserId'), keyring, workspaceId, big.userId as UserId)
  await grantPermits(
    as('grantPermits'),
    { workspaceId, tokenId: '1' },
    { want: 9, at: NOON, unused: null },
    { permitsMax: 500, windowMs: 30 * SECOND_MS, useWithinMs: SECOND_MS },
  )
}

async function askAsBots(): Promise<void> {
  const tenure = { workspaceId, botId, fence: 0 }
  const known = (wxid: string, name: string) => contact(name, { wxid: wxid as ContactWxid })
  const save = (members: Contact[]) =>
    saveRoom(as('saveRoom'), { tenure, room: room('新', members), at: NOON }, () => owed('x', 'R:11'))
  const { chat } = await save([known('w0', 'w0'), known('w2', 'w2'), contact('neu')])
  // One has another name now, in all its rooms; two are gone.
  await save([known('w0', '改名')])
  // Rooms that are saved together: one is new, one has lost a member, and each owes something.
  const together = ['新', '更新'].map((name, n) => ({
    ...{ tenure, room: room(name, n === 0 ? [known('w2', 'w2')] : [known('w0', 'w0')]), at: NOON },
    owe: () => owed('x', `R:1${n}`),
  }))
  await as('saveRooms').write(tx => ROOMS_TOGETHER.work(tx, together))
  await assignTag(as('assignTag'), workspaceId, big.rareTagId, chat.chatId)
  await setSwitches(as('setSwitches'), workspaceId, { showWecomChatId: false })
  await leaveRoom(as('leaveRoom'), tenure, 'R:777' as RoomWxid, NOON)
  const imported = { wxid: 'w3', externalUserId: 'hw3', unionId: 'new' }
  await importContacts(as('importContacts'), workspaceId, [imported], { dryRun: false })
  for (const behind of [BEFORE_ALL, { botId, wxid: 'w15' }])
    await findUnresolved(as('findUnresolved'), workspaceId, behind, 1000)
}

async function askAsCourier(): Promise<void> {
  const db = as('courier')
  await db.write(tx => enqueueCallback(tx, workspaceId, owed('y', 'R:12'), NOON))
  await enterNode(store.db, 'courier', null)
  await claimAddresses(as('claimAddresses'), 'courier', 9)
  await countAddresses(as('countAddresses'), 'courier')
  const address = (await readAddresses(as('readAddresses'), 'courier')).find(
    each => each.addressId === addressId,
  )!
  for (const after of [0, 30_000, 60_000]) await readNews(as('readNews'), [{ ...address, after }], 20)
  await readAddresses(as('readAddresses'), 'courier', [workspaceId])
  // Says nothing here, and asks nothing.
  expect(await readOwed(as('readOwed'), address, 0, 20)).toBeNull()
  const [callback] = await readRooms(
    as('readRooms'),
    ['R:12', 'R:1001', 'R:2001'].map(laneKey => ({ ...address, laneKey })),
    { ofRoom: 16, bytesMax: 8192 },
  )
  await readBodies(as('readBodies'), workspaceId, [callback!.bodyId, 77])
  const failed = {
    outcome: 'failed',
    status: null,
    errorClass: 'reset',
    snippet: null,
    reason: null,
  } as const
  const settled: Settled = {
    address,
    callback: callback!,
    to: { state: 'due', attempt: 1, dueAt: NOON + 1, faults: 0, settledAt: null },
    attempt: { startedAt: 0, ms: 1, ...failed },
    tells: null,
    accepted: null,
  }
  await settleCallbacks(as('settleCallbacks'), [settled], async () => NOON)
  const again = { ...callback!, attempt: 1, dueAt: NOON + 1 }
  const tells = { what: 'exhausted', callbackId: again.id } as const
  await settleCallbacks(as('settleCallbacks'), [{ ...settled, callback: again, tells }], async () => NOON)
  await findCallback(as('findCallback'), workspaceId, 77)
  await findCallback(as('findCallback'), workspaceId, 'msg77')
  await roomsNamed(as('roomsNamed'), workspaceId, 'nowhere')
  const newest = await newestCallback(as('tailCallbacks'), workspaceId)
  await tailCallbacks(as('tailCallbacks'), workspaceId, { after: newest - 50, limit: 20 })
  await idOfWebhook(as('tailCallbacks'), workspaceId, 'msg77')
  await idBefore(as('tailCallbacks'), workspaceId, NOON)

  await measureOutbox(as('measureOutbox'))
  await crowdedAddresses(as('crowdedAddresses'), { callbacks: 100, bytes: 1 })
  await thinOut(as('thinOut'), { workspaceId, addressId }, 0, 200)
  for (const state of ['delivered', 'parked', 'quarantined'] as const)
    await pruneCallbacks(as('pruneCallbacks'), { workspaceId, state }, { before: 90_000, now: NOON }, 20)
}

async function askAsOperator(): Promise<void> {
  const begin = (filter: ReplayFilter) => startReplay(store.db, systemRandom, workspaceId, filter, NOON)
  await describeAddress(as('describeAddress'), workspaceId)
  await countStates(as('overview'), workspaceId, ['due', 'parked', 'quarantined'])
  await oldestWaiting(as('overview'), workspaceId)
  await hasDelivered(as('overview'), workspaceId)
  for (const filter of [
    {},
    { roomWxid: 'R:nowhere' },
    { botId },
    { botId: 'nobody' },
    { status: '5xx' },
  ] as const)
    await searchCallbacks(as('searchCallbacks'), workspaceId, { ...filter, limit: 50 })
  await countByState(as('countByState'), workspaceId, { kind: 'chatroom/joined' })
  for (const filter of [{}, { topic: '7' }, { botId }, { tagId: big.everyTagId }] as const)
    await searchRooms(as('searchRooms'), workspaceId, filter, { limit: 50 })
  await searchRooms(as('searchRooms'), workspaceId, { chatIds: [big.chatId(7)] }, { limit: 50 })
  await searchRooms(as('searchRooms'), workspaceId, { memberOf: ['w7'] }, { limit: 50 })
  await countRooms(as('countRooms'), workspaceId, [botId])
  await membersOfId(as('findMembers'), workspaceId, 'w7')
  await membersOfName(as('findMembers'), workspaceId, 'w77')
  await chatIdsOfMembers(as('findMembers'), workspaceId, ['w7', 'w8'])
  for (const filter of [{}, { roomWxid: 'R:nowhere' }, { state: 'parked' }, { owedFrom: NOON }] as const) {
    await listCallbacks(as('listCallbacks'), workspaceId, { ...filter, limit: 50 })
    await countReplayable(as('countReplayable'), workspaceId, filter)
    const { id } = (await begin(filter))!
    await stepReplay(as('stepReplay'), workspaceId, id, NOON)
    await stepReplay(as('stepReplay'), workspaceId, id, NOON)
    await steerReplay(store.db, workspaceId, id, 'cancelled', NOON)
  }
}

async function askAsNodes(): Promise<void> {
  await enterNode(as('enterNode'), 'node', null)
  await beatNode(as('beatNode'), 'node')
  await listNodes(as('listNodes'))
  const [claimed] = await claimBots(as('claimBots'), keyring, 'node', 1)
  const tenure = { workspaceId: claimed!.bot.workspaceId, botId: claimed!.bot.id, fence: claimed!.fence }
  await finishStart(as('finishStart'), tenure)
  await releaseBot(as('releaseBot'), tenure)
}
