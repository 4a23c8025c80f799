/**
 * What people ask of callbacks with a management token, and what tidies up behind them: SQLite answers on the event loop, so
 * no statement may walk through all that is kept. Each is explained on its way, on data where a walk would hurt.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BotId, RoomWxid, WorkspaceId } from '@qunhub/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newWebhookId } from '../../model/webhook-id.ts'
import { systemRandom } from '../../system/random.ts'
import { addBot } from '../bots/bots.ts'
import { countRooms, nodesOfBots } from '../bots/glance-at-bots.ts'
import { keyring, NOON } from '../contract/scene.contract.ts'
import type { Database, Queryable, Statement } from '../database/database.ts'
import { openStore, type Store } from '../database/open-store.ts'
import { describeAddress, setCallbackUrl } from '../outbox/callback-addresses.ts'
import { findCallback, listCallbacks } from '../outbox/callbacks.ts'
import { countStates, hasDelivered, oldestWaiting } from '../outbox/count-states.ts'
import { idOfWebhook } from '../outbox/find-webhook.ts'
import { measureOutbox } from '../outbox/measure-outbox.ts'
import { pruneCallbacks, READ_AT_ONCE_MAX } from '../outbox/prune-callbacks.ts'
import type { ReplayFilter } from '../outbox/replay-rows.ts'
import { countReplayable, startReplay } from '../outbox/replays.ts'
import { countByState, searchCallbacks } from '../outbox/search-callbacks.ts'
import { CALLBACKS_PER_DEAR_SLICE, CALLBACKS_PER_SLICE } from '../outbox/slices.ts'
import { stepReplay } from '../outbox/step-replay.ts'
import { idBefore, tailCallbacks } from '../outbox/tail-callbacks.ts'
import { crowdedAddresses, thinOut } from '../outbox/thin-out.ts'
import { chatsOfRoom } from '../rooms/chats-of-room.ts'
import { chatIdsOfMembers, membersOfId, membersOfName } from '../rooms/find-members.ts'
import { listContacts } from '../rooms/list-contacts.ts'
import { chatsOfTopics, roomsNamed } from '../rooms/name-chats.ts'
import { listChatsOfBot, whoKnowsRoom } from '../rooms/rooms.ts'
import { searchRooms } from '../rooms/search-rooms.ts'
import { addWorkspace } from '../workspaces/workspaces.ts'

/** In this order; every hundredth is due. */
const [PARKED, CALLBACKS] = [4 * CALLBACKS_PER_SLICE, 12 * CALLBACKS_PER_SLICE]

let store: Store
let dataDir: string
let workspaceId: WorkspaceId
let addressId: string

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'qunhub-plans-'))
  store = await openStore({ dataDir })
  const { db } = store
  ;({ id: workspaceId } = await addWorkspace(db, systemRandom, { name: '小组', at: NOON }))
  const ones = { ...systemRandom, bytes: (count: number) => Buffer.alloc(count, 0xff) }
  for (const [token, random] of [
    ['puppet_one', systemRandom],
    ['puppet_two', ones],
  ] as const)
    await addBot(db, keyring, random, workspaceId, {
      ...{ address: { endpoint: '127.0.0.1:1', token, tls: false }, expectedUserId: null, at: NOON },
    })
  const url = 'http://127.0.0.1:1'
  ;({ addressId } = await setCallbackUrl(db, keyring, systemRandom, workspaceId, url, NOON))
  const numbers = `with recursive n(n) as (select 1 union all select n + 1 from n where n < ${CALLBACKS})`
  const state = `case when n % 100 = 0 then 'due' when n <= ${PARKED} then 'parked' else 'delivered' end`
  for (const sql of [
    `insert into callback_body (workspace_id, id, bytes) ${numbers} select ?, n, x'7b7d' from n`,
    `insert into callback (workspace_id, id, webhook_id, address_id, lane_key, kind, state, due_at, body_id, owed_at, settled_at)
      ${numbers} select ?, n, 'msg' || n, '${addressId}', 'R:' || n % 50, 'chatroom/joined', ${state}, n, n, n,
      case when n % 100 <> 0 then n end from n`,
    `insert into chat (workspace_id, chat_id, bot_id, room_wxid, topic, avatar_url, owner_id, external, ordinal, created_at, member_count)
      values (?, 'c', '${'f'.repeat(24)}', 'R:7', '群', '', '', 1, 0, 0, 0)`,
  ])
    await db.write(tx => tx.run({ sql, parameters: [workspaceId] }))
})
afterAll(async () => {
  await store.close()
  await rm(dataDir, { recursive: true })
})

const FILTERS: readonly ReplayFilter[] = [
  {},
  { roomWxid: 'R:nowhere' },
  { kind: 'chatroom/none' },
  { state: 'parked', roomWxid: 'R:nowhere' },
  { state: 'delivered', owedUntil: 5 },
  { owedFrom: CALLBACKS + 1 },
  { botId: 'f'.repeat(24) },
  { botId: 'nobody' },
  { status: '5xx' },
  { status: '2xx', state: 'parked' },
]

const stateless = ({ state: _, ...filter }: ReplayFilter) => filter

const asking: readonly (readonly [string, (db: Database) => Promise<unknown>])[] = [
  ['how many are in a state', db => countStates(db, workspaceId, ['due', 'parked', 'quarantined'])],
  ['the first that waits', db => oldestWaiting(db, workspaceId)],
  ['whether any was delivered', db => hasDelivered(db, workspaceId)],
  ['how an address is doing', db => describeAddress(db, workspaceId)],
  ['following callbacks', db => tailCallbacks(db, workspaceId, { after: CALLBACKS - 50, limit: 20 })],
  ['where to follow them from', db => idBefore(db, workspaceId, CALLBACKS + 1)],
  ['one callback by its webhook-id', db => idOfWebhook(db, workspaceId, newWebhookId(7, systemRandom))],
  ['one callback', db => findCallback(db, workspaceId, 7)],
  ...FILTERS.flatMap(
    filter =>
      [
        [
          `a list of ${JSON.stringify(filter)}`,
          (db: Database) => listCallbacks(db, workspaceId, { ...filter, limit: 51 }),
        ],
        [
          `a page of ${JSON.stringify(filter)}`,
          (db: Database) => searchCallbacks(db, workspaceId, { ...filter, limit: 50 }),
        ],
        [
          `how many there are of ${JSON.stringify(filter)}`,
          (db: Database) => countByState(db, workspaceId, { kind: 'chatroom/joined', ...stateless(filter) }),
        ],
        [
          `how many may be replayed of ${JSON.stringify(filter)}`,
          (db: Database) => countReplayable(db, workspaceId, filter),
        ],
        [
          `a step of a replay of ${JSON.stringify(filter)}`,
          async (db: Database) => {
            const { id } = (await startReplay(store.db, systemRandom, workspaceId, filter, NOON))!
            await stepReplay(db, workspaceId, id, NOON)
          },
        ],
      ] as const,
  ),
  ['the chats of a room', db => chatsOfRoom(db, workspaceId, 'R:7')],
  ['the chats of a bot', db => listChatsOfBot(db, workspaceId, 'f'.repeat(24) as BotId)],
  ['the chats of a topic', db => chatsOfTopics(db, workspaceId, ['nowhere', '大街小巷'])],
  ['the rooms of a topic', db => roomsNamed(db, workspaceId, 'nowhere')],
  ['whose id this is', db => membersOfId(db, workspaceId, 'x')],
  ['whose name begins like this', db => membersOfName(db, workspaceId, '林')],
  ['the chats of members', db => chatIdsOfMembers(db, workspaceId, ['x'])],
  ...(
    [{}, { topic: '群' }, { botId: 'b' }, { tagId: 't' }, { chatIds: ['c'] }, { memberOf: ['x'] }] as const
  ).map(
    filter =>
      [
        `a page of rooms of ${JSON.stringify(filter)}`,
        (db: Database) => searchRooms(db, workspaceId, filter as never, { limit: 50 }),
      ] as const,
  ),
  ['a page of contacts', db => listContacts(db, workspaceId, { after: 'x', limit: 50 })],
  ['who knows a room', db => whoKnowsRoom(db, workspaceId, 'R:7' as RoomWxid)],
  ['which nodes run the bots', db => nodesOfBots(db, workspaceId)],
  ['the rooms of bots', db => countRooms(db, workspaceId, ['f'.repeat(24) as BotId])],
  ['what waits for all', db => measureOutbox(db)],
  ['what is crowded', db => crowdedAddresses(db, { callbacks: CALLBACKS, bytes: 1 })],
  ['thinning out', db => thinOut(db, { workspaceId, addressId }, 0, 200)],
  ...(['delivered', 'parked'] as const).map(
    state =>
      [
        `forgetting ${state} ones`,
        (db: Database) =>
          pruneCallbacks(db, { workspaceId, state }, { before: CALLBACKS / 3, now: CALLBACKS }, 20),
      ] as const,
  ),
]

test.each(asking)('ST-107 %s: no statement walks through a workspace, or sorts one', async (_what, ask) => {
  const statements: Statement[] = []
  await ask(noting(store.db, statements))
  expect(statements.length).toBeGreaterThan(0)
  const walks = []
  for (const { sql, parameters } of statements) {
    const steps = await store.db.all<{ detail: string }>({ sql: `explain query plan ${sql}`, parameters })
    walks.push(
      ...steps
        .map(({ detail }) => detail)
        .filter(detail => isWalk(detail) || (isRange(detail) && !isSlice({ sql, parameters })))
        .map(detail => `${detail}: ${sql}`),
    )
  }
  expect(walks).toEqual([])
})

/** A slice is bounded by its limit, and so is a list that is a parameter. Of addresses, replays and bots there are few. */
const isWalk = (detail: string): boolean =>
  /^SCAN (?!slice|json_each|address|counted|weighed|oldest|CONSTANT ROW)|TEMP B-TREE/.test(detail) ||
  (/\(workspace_id=\?\)/.test(detail) && !/ (callback_address|replay|accepted_kind|bot) /.test(detail))

/** What lies between two ids, or two moments, may be all that is kept; so the statement that goes there ends by its limit. */
const isRange = (detail: string): boolean => /PRIMARY KEY \(workspace_id=\? AND (id|chat_id)[<>]/.test(detail)
const isSlice = ({ sql, parameters }: Statement): boolean =>
  [CALLBACKS_PER_SLICE, CALLBACKS_PER_DEAR_SLICE].some(
    size => sql.includes(`limit ${size}\n`) || sql.includes(`limit ${size})`),
  ) ||
  sql.endsWith('order by id desc limit 1') ||
  (sql.endsWith('limit ?') && parameters.at(-1) === READ_AT_ONCE_MAX)

/** Answers like `db`, and notes what it was asked, inside of writes too. */
function noting<Q extends Queryable>(on: Q, statements: Statement[]): Q {
  return new Proxy(on, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (name === 'write')
        return (work: (tx: Queryable) => Promise<unknown>) =>
          (target as unknown as Database).write(tx => work(noting(tx, statements)))
      if (name !== 'all' && name !== 'first' && name !== 'run') return member
      return (statement: Statement) => {
        statements.push(statement)
        return (member as (statement: Statement) => unknown).call(target, statement)
      }
    },
  })
}
