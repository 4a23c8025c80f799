/**
 * PostgreSQL keeps the plan of a prepared statement for as long as the connection lives, or until the table is analyzed: a
 * minute after a burst at the earliest. What was planned while the tables were small has to serve when they are not.
 */

import { type AskPlain, blocksOf, explainPrepared, prepare } from '@qunhub/testing/postgres/explain.ts'
import { type FreshDatabase, openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import type { ChatId } from '@qunhub/wire'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { systemRandom } from '../../system/random.ts'
import {
  contact,
  enqueueCallback,
  keyring,
  NOON,
  owed,
  room,
  Scene,
  wxidOf,
} from '../contract/scene.contract.ts'
import type { Database, Statement } from '../database/database.ts'
import type { Sighting } from '../database/hot-rows.ts'
import { setCallbackUrl } from '../outbox/callback-addresses.ts'
import type { Settled } from '../outbox/settle-callbacks.ts'
import { addWorkspace } from '../workspaces/workspaces.ts'
import { openPostgres } from './postgres.ts'

let database: FreshDatabase
let db: Database
let client: pg.Client
let workspaceId: Awaited<ReturnType<typeof addWorkspace>>['id']
let addressId: string

beforeEach(async () => {
  database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  db = openPostgres({ url: database.url, connectionsMax: 8, onLoss() {} })
  workspaceId = (await addWorkspace(db, systemRandom, { name: '小组', at: NOON })).id
  await setCallbackUrl(db, keyring, systemRandom, workspaceId, 'https://shop.example/', NOON)
  addressId = (await db.first(db.query.selectFrom('callback_address').select('id').compile()))!.id
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query('set plan_cache_mode = force_generic_plan')
})
afterEach(async () => {
  await client.end()
  await db.close()
  await database.drop()
})

const owe = async (from: number, until: number) => {
  for (let n = from; n < until; n++)
    await db.write(tx => enqueueCallback(tx, workspaceId, owed('a', `${ROOM}${n}`), NOON))
}

/** As long as room ids are: the wider the index the sooner it grows a level, and looks dearer than others. */
const ROOM = 'R:1234567890123456'

/** A walk through the two thousand takes several hundred. */
const BLOCKS_MAX = 120

/** Of each room one member is gone. */
const everybodyLeft = ({ workspaceId, botId }: Scene, chatIds: readonly string[]): Sighting => ({
  ...{ workspaceId, botId, contacts: [], shown: [], counts: [], owed: [] },
  chats: chatIds.map((chatId, n) => ({
    row: {
      ...{ workspace_id: workspaceId, chat_id: chatId, bot_id: botId, room_wxid: `R:${n}`, topic: '' },
      ...{ avatar_url: '', owner_id: '', external: 1, wecom_chat_id: null, ordinal: n, created_at: NOON },
      member_count: 19,
    },
    put: [],
    gone: [wxidOf('m7')],
  })),
})

const ask: AskPlain = async sql => (await client.query(sql)).rows

/** Carries each out and undoes it, and says how many blocks it looked at. */
async function blocksReadBy(
  statements: Readonly<Record<string, Statement>>,
): Promise<Record<string, number>> {
  const read: Record<string, number> = {}
  for (const [name, statement] of Object.entries(statements)) {
    await ask('begin')
    read[name] = blocksOf(await explainPrepared(ask, name, statement))
    await ask('rollback')
  }
  return read
}

test.each([0, 30, 120, 300])(
  'ST-116 what the courier asks was planned with %d callbacks, and costs the same with thousands',
  async before => {
    await owe(0, before)
    const address = { workspaceId, addressId, fence: 0 }
    const settled: Settled = {
      address,
      callback: { id: 8, attempt: 0, dueAt: NOON },
      to: { state: 'delivered', attempt: 1, dueAt: NOON, faults: 0, settledAt: NOON },
      attempt: {
        ...{ startedAt: NOON, ms: 1, outcome: 'answered', status: 200 },
        ...{ errorClass: null, snippet: 'ok', reason: null },
      },
      tells: null,
      accepted: null,
    }
    const asked: Record<string, Statement> = {
      addresses: db.hot.addressesOf('us', null),
      addressesOfSome: db.hot.addressesOf('us', [address.workspaceId]),
      news: db.hot.newsOf([{ ...address, after: before }], 20)[0]!,
      first: db.hot.firstOfRooms(
        [{ ...address, laneKey: `${ROOM}7` }],
        { ofRoom: 16, bytesMax: 8192 },
        6,
      )[0]!,
      settle: db.hot.settleAtOnce([settled])!,
    }
    for (const [name, statement] of Object.entries(asked)) await prepare(ask, name, statement)
    await blocksReadBy(asked)

    await owe(before, 2000)
    const read = await blocksReadBy(asked)
    expect(Object.entries(read).filter(([, blocks]) => blocks > BLOCKS_MAX)).toEqual([])
  },
  60_000,
)

/** A page of rooms of twenty, read whole: 150 people are looked up, in the one index that has them. */
const PAGE_BLOCKS_MAX = 1000

test.each([0, 3, 60])(
  'ST-118 what a list asks was planned with %d rooms, and costs no more with hundreds',
  async before => {
    const scene = await Scene.open(async () => ({ db, migrated: null, close: async () => {} }))
    const enter = async (from: number, until: number) => {
      for (let n = from; n < until; n++) {
        const members = Array.from({ length: 20 }, (_, m) => `m${(n * 7 + m) % 500}`)
        const { chat } = await scene.save(room(`${n}`, members))
        chatIds.push(chat.chatId)
      }
    }
    const chatIds: ChatId[] = []
    await enter(0, before)
    const page = { fromOrdinal: 0, skip: 0, limit: 20 }
    const asked = (ids: readonly ChatId[]): Record<string, Statement> => ({
      page: db.hot.chatsFrom(scene.workspaceId, null, page),
      of_member: db.hot.chatsOfMember(scene.workspaceId, wxidOf('m7')),
      chats: db.hot.chatsWithBots(scene.workspaceId, ids),
      members: db.hot.membersWithContacts(scene.workspaceId, ids),
      labels: db.hot.labels(scene.workspaceId, ids),
      contacts_to_save: db.hot.contacts(scene.workspaceId, scene.botId, seen.slice(0, 1 + ids.length)),
      chats_to_save: db.hot.chats(scene.workspaceId, ids),
      members_to_save: db.hot.members(scene.workspaceId, ids),
      members_who_left: db.hot.writeSighting(everybodyLeft(scene, ids.length > 0 ? ids : ['nowhere']))[0]!,
    })
    const seen = Array.from({ length: 500 }, (_, m) => wxidOf(`m${m}`))
    const early = asked(chatIds.slice(0, 20))
    for (const [name, statement] of Object.entries(early)) await prepare(ask, name, statement)
    await blocksReadBy(early)

    await enter(before, 400)
    // Whoever the bot knows besides, in no order: to walk through all of them takes a block for each.
    await scene.meet(...Array.from({ length: 6000 }, (_, n) => contact(`k${(n * 4799) % 6000}`)))
    const read = await blocksReadBy(asked(chatIds.slice(200, 220)))
    expect(Object.entries(read).filter(([, blocks]) => blocks > PAGE_BLOCKS_MAX)).toEqual([])
  },
  60_000,
)

/** After the first five, which it always plans for what they are given, PostgreSQL keeps a plan, or makes a new one for ever. */
const PLANNED_MAX = 6

test('ST-150 what is asked again and again is planned once for each connection, of however many it asks', async () => {
  await owe(0, 300)
  const scene = await Scene.open(async () => ({ db, migrated: null, close: async () => {} }))
  const chatIds: ChatId[] = []
  for (let n = 0; n < 60; n++) {
    const { chat } = await scene.save(room(`${n}`, [`m${n}`, `m${n + 1}`]))
    chatIds.push(chat.chatId)
  }
  await ask('analyze')
  await ask('set plan_cache_mode = auto')
  const address = { workspaceId, addressId, fence: 0 }
  const some = (most: number, n: number) => Array.from({ length: 1 + (n % most) }, (_, at) => at)
  const asked = (n: number): Record<string, Statement> => {
    const chats = some(3, n).map(at => chatIds[at]!)
    const rooms = some(3, n).map(at => ({ ...address, laneKey: `${ROOM}${at}` }))
    return {
      addresses_of_some: db.hot.addressesOf('us', [workspaceId]),
      news: db.hot.newsOf([{ ...address, after: 200 + n }], 2000)[0]!,
      first: db.hot.firstOfRooms(rooms, { ofRoom: 16, bytesMax: 8192 }, 6)[0]!,
      page: db.hot.chatsFrom(scene.workspaceId, null, { fromOrdinal: 0, skip: n, limit: 20 }),
      of_member: db.hot.chatsOfMember(scene.workspaceId, wxidOf(`m${n}`)),
      chats: db.hot.chatsWithBots(scene.workspaceId, chats),
      members: db.hot.membersWithContacts(scene.workspaceId, chats),
      labels: db.hot.labels(scene.workspaceId, chats),
      chats_to_save: db.hot.chats(scene.workspaceId, chats),
      members_to_save: db.hot.members(scene.workspaceId, chats),
      contacts_to_save: db.hot.contacts(
        scene.workspaceId,
        scene.botId,
        some(9, n).map(at => wxidOf(`m${at}`)),
      ),
    }
  }
  for (let n = 0; n < 30; n++)
    for (const [name, { sql, parameters }] of Object.entries(asked(n)))
      await client.query({ name, text: sql, values: [...parameters] })
  const kept = await client.query<{ name: string; custom_plans: number }>(
    'select name, custom_plans::integer from pg_prepared_statements',
  )
  expect(kept.rows.length).toBeGreaterThan(10)
  expect(kept.rows.filter(({ custom_plans }) => custom_plans > PLANNED_MAX)).toEqual([])
})
