/**
 * Plans on data as they are when it hurts: one workspace with nine tenths of everything, one tag on every room of it. What
 * requests, bots and the courier ask is carried out; on its way each statement is explained twice, as PostgreSQL plans
 * what it has prepared for any parameters (generic) and for these ones (custom).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ContactWxid, RoomWxid, UserId } from '@qunhub/wire'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import {
  type AskPlain,
  blocksOf,
  explain,
  type PlanMode,
  type PlanStep,
  rowsReadBy,
  stepsOf,
} from '../../../testing/postgres/explain.ts'
import { type FreshDatabase, openFreshDatabase } from '../../../testing/postgres/fresh-database.ts'
import { big, skewedData } from '../../../testing/postgres/skewed-data.ts'
import { enqueueCallback, findCallback, listCallbacks } from '../callbacks.ts'
import { claimBots, finishStart, releaseBot } from '../claim-bots.ts'
import { findContacts } from '../contacts.ts'
import { contact, keyring, NOON, owed, room } from '../contract/scene.contract.ts'
import type { Database, Queryable, Statement, Transaction } from '../database.ts'
import { findBotsByUserId } from '../find-bots.ts'
import type { HotStatements } from '../hot-statements.ts'
import {
  claimLanes,
  freeLanesOf,
  keepLane,
  lookIntoLane,
  nextLaneDueAt,
  releaseLane,
  stirLane,
  waitingAddresses,
} from '../lanes.ts'
import { beatNode, enterNode, freeOrphanedLanes, listNodes, reapNode } from '../nodes.ts'
import { openStore, type Store } from '../open-store.ts'
import { pruneCallbacks } from '../prune-callbacks.ts'
import { chatsOfMember, leaveRoom, pageOfChats, readChats, saveRoom, whoKnowsRoom } from '../rooms.ts'
import { putOffCallback, settleAttempt } from '../settle-attempt.ts'
import { assignTag } from '../tags.ts'
import { grantPermits } from '../token-permits.ts'
import { findToken } from '../tokens.ts'

/** Tables that grow with what customers do; of the others there are few rows. */
const BIG_TABLES = [
  'chat',
  'chat_member',
  'contact',
  'chat_tag',
  'callback',
  'callback_body',
  'attempt',
  'lane',
]

/** Who asks, or, of a statement written by hand, its name. */
interface Explained {
  readonly name: string
  readonly sql: string
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
  for (const sql of skewedData) await client.query(sql)
  await askEverything()
}, 120_000)
afterAll(async () => {
  await client.end()
  await store.close()
  await database.drop()
  await rm(dataDir, { recursive: true })
})

/** Answers like `on`, but explains each statement before. `ask` is a connection's, or the transaction's own. */
function explaining<Q extends Queryable>(name: string, on: Q, ask: AskPlain | null): Q {
  const nameOf = new Map<string, string>()
  const hot = new Proxy(on.hot, {
    get: (target, key: keyof HotStatements) => (...given: never[]) => {
      const worded = (target[key] as (...given: never[]) => Statement | Statement[])(...given)
      for (const { sql } of [worded].flat()) nameOf.set(sql, `hot.${key}`)
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
      const asked = { name: nameOf.get(statement.sql) ?? name, sql: statement.sql, mode }
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
      if (key !== 'all' && key !== 'first' && key !== 'run') return value
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
  const { workspaceId, botId } = big
  const tenure = { workspaceId, botId, fence: 0 }
  const as = (name: string) => explaining(name, store.db, null)

  await findToken(as('findToken'), keyring, 'nobody')
  await chatsOfMember(as('chatsOfMember'), workspaceId, 'w0')
  await chatsOfMember(as('chatsOfMember'), workspaceId, 'w7')
  // So that as many are passed over as ever are, and so that it is the last page.
  const page = await pageOfChats(as('pageOfChats'), workspaceId, big.everyTagId, { offset: 41_159, limit: 100 })
  await pageOfChats(as('pageOfChats'), workspaceId, big.everyTagId, { offset: 88_180, limit: 20 })
  await pageOfChats(as('pageOfChats'), workspaceId, big.rareTagId, { offset: 0, limit: 20 })
  await pageOfChats(as('pageOfChats'), workspaceId, null, { offset: 41_159, limit: 100 })
  await pageOfChats(as('pageOfChats'), workspaceId, null, { offset: 0, limit: 100 })
  const chatIds = page.rows.map(row => row.chatId).slice(0, 20)
  await readChats(as('readChats'), workspaceId, chatIds)
  await whoKnowsRoom(as('whoKnowsRoom'), workspaceId, 'R:4242' as RoomWxid)
  await findContacts(as('findContacts'), workspaceId, botId, { wxids: ['w1'], handles: ['hw1'], unionIds: ['uw1'] })
  await findBotsByUserId(as('findBotsByUserId'), keyring, workspaceId, big.userId as UserId)
  await grantPermits(
    as('grantPermits'),
    { workspaceId, tokenId: '1' },
    { want: 9, at: NOON, unused: null },
    { permitsMax: 500, windowMs: 30_000, useWithinMs: 1000 },
  )

  const known = (number: number, name: string) => contact(`w${number}`, { wxid: `w${number}` as ContactWxid, name })
  const save = (members: ReturnType<typeof known>[], owe = true) =>
    saveRoom(as('saveRoom'), { tenure, room: room('新', members), at: NOON }, () => (owe ? owed('x', 'R:11') : null))
  await save([known(0, 'w0'), known(2, 'w2'), contact('neu')])
  await save([known(0, '改名')])
  await assignTag(as('assignTag'), workspaceId, big.rareTagId, chatIds[0]!)
  await leaveRoom(as('leaveRoom'), tenure, 'R:777' as RoomWxid, NOON)

  await waitingAddresses(as('waitingAddresses'), NOON)
  await nextLaneDueAt(as('nextLaneDueAt'), 0)
  await askOutbox()
  await findCallback(as('findCallback'), workspaceId, 77)
  await findCallback(as('findCallback'), workspaceId, 'msg77')
  await listCallbacks(as('listCallbacks'), workspaceId, { state: 'parked', limit: 50 })
  await pruneCallbacks(as('pruneCallbacks'), { deliveredBefore: 90_000, parkedBefore: 90_000 }, 20)

  const beat = await enterNode(as('enterNode'), 'node', null)
  await beatNode(as('beatNode'), 'node')
  await listNodes(as('listNodes'))
  await store.db.write(tx => freeOrphanedLanes(explaining('freeOrphanedLanes', tx, sql => tx.all({ sql, parameters: [] }))))
  const claimed = await claimBots(as('claimBots'), keyring, 'node', 1).catch(() => [])
  expect(beat).toBeGreaterThan(0)
}
