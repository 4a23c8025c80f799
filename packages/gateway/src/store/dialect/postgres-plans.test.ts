/**
 * Plans on data as they are when it hurts: one workspace with nine tenths of everything, one tag on every room of it. The
 * statements are those that really run; each is planned as PostgreSQL plans what it has prepared for any parameters
 * (generic), and for these ones (custom). None may walk through a big table.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChatId, TagId, WorkspaceId, BotId, RoomWxid } from '@qunhub/wire'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type FreshDatabase, openFreshDatabase } from '../../../testing/postgres/fresh-database.ts'
import { findCallback } from '../callbacks.ts'
import { keyring, NOON, owed, room, contact } from '../contract/scene.contract.ts'
import type { Database, Queryable, Statement, Transaction } from '../database.ts'
import { claimBots, countBots } from '../claim-bots.ts'
import { enqueueCallback } from '../callbacks.ts'
import { findBotsByUserId } from '../find-bots.ts'
import { findContacts } from '../contacts.ts'
import { claimLanes, lookIntoLane, nextLaneDueAt, releaseLane, waitingAddresses } from '../lanes.ts'
import { enterNode, freeOrphanedLanes, listNodes } from '../nodes.ts'
import { openStore, type Store } from '../open-store.ts'
import { pruneCallbacks } from '../prune-callbacks.ts'
import {
  chatsOfMember,
  listChatsOfBot,
  pageOfChats,
  readChats,
  saveRoom,
  leaveRoom,
  whoKnowsRoom,
} from '../rooms.ts'
import { settleAttempt } from '../settle-attempt.ts'
import { assignTag } from '../tags.ts'
import { findToken } from '../tokens.ts'

const CHATS = 60_000
const BIG = ['chat', 'chat_member', 'contact', 'chat_tag', 'callback', 'callback_body', 'attempt']

let database: FreshDatabase
let store: Store
let client: pg.Client
let dataDir: string
const workspaceId = 'a'.repeat(24) as WorkspaceId
const small = 'b'.repeat(24) as WorkspaceId
const botId = 'c'.repeat(24) as BotId
const everyRoom = 'd'.repeat(24) as TagId
const noted = new Map<string, readonly unknown[]>()

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'qunhub-plans-'))
  database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  store = await openStore({ dataDir, databaseUrl: database.url })
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  for (const sql of skewedData) await client.query(sql)
  await runEverything(noting(store.db))
}, 120_000)
afterAll(async () => {
  await client.end()
  await store.close()
  await database.drop()
  await rm(dataDir, { recursive: true })
})

const chatId = (n: string) => `lpad(to_hex(${n}), 24, '0')`

const skewedData = [
  `insert into workspace (id, name, created_at) values ('${workspaceId}', 'big', 0), ('${small}', 'small', 0)`,
  `insert into bot (workspace_id, id, endpoint, token_sealed, tls, wxid, user_id, nick_name, created_at, state_since)
    select w, b, 'x:1', '', 0, '1688', 'xiaobei', '小北', 0, 0
    from (select '${workspaceId}', '${botId}' union all select '${small}', 'small-' || n from generate_series(0, 49) n) as v (w, b)`,
  `insert into chat (workspace_id, chat_id, bot_id, room_wxid, topic, avatar_url, owner_id, external, ordinal, created_at, member_count)
    select case when n % 10 = 0 then '${small}' else '${workspaceId}' end, ${chatId('n')},
      case when n % 10 = 0 then 'small-' || (n / 10 % 50) else '${botId}' end, 'R:' || n, 't', '', '', 1, n, 0, 5
    from generate_series(1, ${CHATS}) n`,
  `insert into contact (workspace_id, bot_id, wxid, name, avatar_url, gender, type, is_friend, coworker, handle, union_id)
    select '${workspaceId}', '${botId}', 'w' || n, 'n', '', 0, 1, 1, 0, 'h' || n, 'u' || n from generate_series(1, ${CHATS}) n`,
  `insert into chat_member (workspace_id, chat_id, wxid, position)
    select workspace_id, chat_id, 'w' || ((ordinal * 7 + m * 13) % ${CHATS} + 1), m from chat, generate_series(1, 4) m
    on conflict do nothing`,
  `insert into tag (workspace_id, id, name, ordinal) values ('${workspaceId}', '${everyRoom}', 'all', 1), ('${small}', 'rare', 'rare', 1)`,
  `insert into chat_tag (workspace_id, tag_id, chat_id, ordinal, chat_ordinal)
    select workspace_id, '${everyRoom}', chat_id, 1, ordinal from chat where workspace_id = '${workspaceId}'`,
  `insert into list_block (workspace_id, list, block, chats)
    select workspace_id, list, ordinal / 1000, count(*) from chat, (values (''), ('${everyRoom}')) as l (list)
    group by 1, 2, 3`,
  `insert into callback_address (workspace_id, id, base_url, secrets_sealed, created_at)
    values ('${workspaceId}', 'address', 'http://127.0.0.1:1', '', 0), ('${small}', 'other', 'http://127.0.0.1:1', '', 0)`,
  `insert into lane (workspace_id, address_id, lane_key, due_at)
    select '${workspaceId}', 'address', 'R:' || n, case when n % 1000 = 0 then 5 end from generate_series(1, ${CHATS}) n`,
  `insert into callback_body (workspace_id, id, bytes) select '${workspaceId}', n, '{}' from generate_series(1, ${CHATS}) n`,
  `insert into callback (workspace_id, id, webhook_id, address_id, lane_key, kind, state, due_at, body_id, owed_at, settled_at)
    select '${workspaceId}', n, 'msg' || n, 'address', 'R:' || n, 'chatroom/joined',
      case when n % 1000 = 0 then 'due' else 'delivered' end, 5, n, 5, case when n % 1000 = 0 then null else 5 end
    from generate_series(1, ${CHATS}) n`,
  `insert into attempt (workspace_id, callback_id, n, started_at, ms, outcome)
    select '${workspaceId}', n, 1, 0, 1, 'answered' from generate_series(1, ${CHATS}) n`,
  `select setval('callback_id', ${CHATS + 1})`,
  'analyze',
]

/** Notes each statement, by its text, with the first parameters that it came with. */
function noting(db: Database): Database {
  const note = <Q extends Queryable>(on: Q): Q =>
    new Proxy(on, {
      get(target, name) {
        const value = Reflect.get(target, name, target)
        if (name === 'write')
          return (work: (tx: Transaction) => Promise<unknown>, options: never) =>
            (target as unknown as Database).write(tx => work(note(tx)), options)
        if (name !== 'all' && name !== 'first' && name !== 'run') return value
        return (statement: Statement) => {
          if (!noted.has(statement.sql)) noted.set(statement.sql, statement.parameters)
          return (value as (statement: Statement) => unknown).call(target, statement)
        }
      },
    })
  return note(db)
}

/** What requests, bots and the courier ask, once each. */
async function runEverything(db: Database): Promise<void> {
  const some = 'R:4242' as RoomWxid
  const tenure = { workspaceId, botId, fence: 0 }
  await findToken(db, keyring, 'nobody')
  await chatsOfMember(db, workspaceId, 'w77')
  const { rows } = await pageOfChats(db, workspaceId, everyRoom, { offset: 40_000, limit: 20 })
  await pageOfChats(db, workspaceId, null, { offset: 0, limit: 20 })
  await readChats(
    db,
    workspaceId,
    rows.map(row => row.chatId as ChatId),
  )
  await whoKnowsRoom(db, workspaceId, some)
  await listChatsOfBot(db, small, 'small-7' as BotId)
  await findContacts(db, workspaceId, botId, { wxids: ['w1'], handles: ['h1'], unionIds: ['u1'] })
  await findBotsByUserId(db, keyring, workspaceId, 'nobody' as never)
  await saveRoom(db, { tenure, room: room('新', [contact('w1'), contact('neu')]), at: NOON }, () =>
    owed('x', 'R:new'),
  )
  await saveRoom(db, { tenure, room: room('新', [contact('w1', { name: '改' })]), at: NOON }, () => null)
  await leaveRoom(db, tenure, 'R:777' as RoomWxid, NOON)
  await assignTag(db, workspaceId, everyRoom, rows[0]!.chatId)
  await waitingAddresses(db, NOON)
  await nextLaneDueAt(db, NOON)
  await db.write(async tx => {
    await enqueueCallback(tx, workspaceId, owed('y', 'R:lane'), NOON)
    const claim = { owner: 'node', now: NOON, leaseUntil: NOON, limit: 2, inFlightMax: 4 }
    for (const lane of await claimLanes(tx, { workspaceId, addressId: 'address' }, claim)) {
      const { head, gen } = (await lookIntoLane(tx, lane))!
      const attempt = {
        startedAt: 0,
        ms: 1,
        outcome: 'answered',
        status: 200,
        errorClass: null,
        snippet: null,
      } as const
      await settleAttempt(tx, lane, head!, {
        attempt,
        settlement: { settle: 'delivered', at: NOON },
        leaseUntil: NOON,
      })
      await releaseLane(tx, lane, { gen, dueAt: null })
    }
    await freeOrphanedLanes(tx)
  })
  await findCallback(db, workspaceId, 77)
  await findCallback(db, workspaceId, 'msg77')
  await pruneCallbacks(db, { deliveredBefore: 6, parkedBefore: 6 }, 5)
  await enterNode(db, 'node', null)
  await listNodes(db)
  await countBots(db, 'node')
  await claimBots(db, keyring, 'none', 1)
}

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Plan Rows': number
  readonly Plans?: readonly Plan[]
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]

async function planOf(
  sql: string,
  parameters: readonly unknown[],
  mode: 'generic' | 'custom',
): Promise<Plan> {
  const literals = parameters.map(literal).join(', ')
  await client.query(`set plan_cache_mode = force_${mode}_plan`)
  await client.query(`prepare asked as ${sql}`)
  try {
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `explain (format json) execute asked${literals ? ` (${literals})` : ''}`,
    )
    return rows[0]!['QUERY PLAN'][0].Plan
  } finally {
    await client.query('deallocate asked')
  }
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'`
  if (Array.isArray(value))
    return `array[${value.map(literal).join(', ')}]${value.length === 0 || value.every(each => each === null) ? '::text[]' : ''}`
  return typeof value === 'number' || typeof value === 'boolean'
    ? String(Number(value))
    : pg.escapeLiteral(String(value))
}

const isStatement = (sql: string) => /^\s*(select|insert|update|delete|with)\b/i.test(sql)

test.each(['generic', 'custom'] as const)(
  'ST-110 no statement of a hot path walks through a big table (%s plans)',
  async mode => {
    const asked = [...noted].filter(([sql]) => isStatement(sql))
    expect(asked.length).toBeGreaterThan(35)
    const walks: string[] = []
    for (const [sql, parameters] of asked) {
      for (const node of nodesOf(await planOf(sql, parameters, mode))) {
        const table = node['Relation Name'] ?? ''
        if (node['Node Type'] === 'Seq Scan' && BIG.includes(table))
          walks.push(`${table}: ${sql.trim().slice(0, 120)}`)
      }
    }
    expect(walks).toEqual([])
  },
)

test('ST-111 a page reads as many chats as it shows and passes over, wherever it lies', async () => {
  const page = [...noted].find(([sql, parameters]) => sql.includes('as page') && parameters.length === 5)!
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Plan & Record<string, number> }] }>(
    `explain (analyze, buffers, format json) ${inline(page[0], page[1])}`,
  )
  const { Plan: plan } = rows[0]!['QUERY PLAN'][0]
  // Twenty chats with bot and workspace, behind at most a thousand index entries: some pages of 8 KiB each.
  expect((plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)).toBeLessThan(400)
  expect(plan['Actual Rows']).toBe(20)
})

const inline = (sql: string, parameters: readonly unknown[]): string =>
  sql.replace(/\$(\d+)/g, (_, n: string) => literal(parameters[Number(n) - 1]))

test('ST-112 a broken statement would be noticed', async () => {
  const plan = await planOf('select * from chat where topic = $1', ['t'], 'generic')
  expect(
    nodesOf(plan).some(node => node['Node Type'] === 'Seq Scan' && node['Relation Name'] === 'chat'),
  ).toBe(true)
})
