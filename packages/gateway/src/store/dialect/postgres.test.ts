import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { lendDatabase } from '@qunhub/testing/postgres/lent-database.ts'
import { lendStore } from '@qunhub/testing/postgres/lent-store.ts'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { Semaphore } from '../../system/semaphore.ts'
import { requireTenure } from '../bots/tenure.ts'
import { breakerContract } from '../contract/breaker.contract.ts'
import { outboxContract } from '../contract/outbox.contract.ts'
import { replaysContract } from '../contract/replays.contract.ts'
import {
  account,
  contact,
  keyring,
  NOON,
  type OpenStore,
  room,
  Scene,
  tenureOf,
  wxidOf,
} from '../contract/scene.contract.ts'
import { storeContract } from '../contract/store.contract.ts'
import type { Transaction } from '../database/database.ts'
import { openStore, type Store } from '../database/open-store.ts'
import { StoreBusy, StoreUnwritable, WriteMisused } from '../database/store-error.ts'
import { importContacts } from '../rooms/import-contacts.ts'
import { findCallers, issueToken } from '../workspaces/tokens.ts'
import { inTurnOf } from './postgres/turns.ts'
import { openPostgres } from './postgres.ts'

const openFresh: OpenStore = async () => {
  const { store, giveBack } = await lendStore()
  onTestFinished(giveBack)
  return store
}

/** With connections of its own. */
async function openApart(connectionsMax: number): Promise<Store> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-store-'))
  const database = await lendDatabase()
  const store = await openStore({ dataDir, databaseUrl: database.url, connectionsMax })
  onTestFinished(async () => {
    await store.close()
    await database.giveBack()
    await rm(dataDir, { recursive: true, force: true })
  })
  return store
}

storeContract('the store on PostgreSQL', openFresh)
describe('the outbox on PostgreSQL', () => outboxContract(openFresh))
describe('the breaker on PostgreSQL', () => breakerContract(openFresh))
describe('replays on PostgreSQL', () => replaysContract(openFresh))

describe('connections to PostgreSQL', () => {
  test('ST-120 a busy database is not an absent one: whoever waits for a connection is served in turn', async () => {
    const { db } = await openApart(4)
    const asked = Array.from({ length: 6 }, (_, n) =>
      db.first<{ n: number }>({ sql: 'select $1::integer as n from pg_sleep(0.9)', parameters: [n] }),
    )
    expect(db.load().waiting).toBe(4)
    expect((await Promise.all(asked)).map(row => row?.n)).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('ST-121 who waits too long for a turn is told that the store is busy, and takes nobody else’s', async () => {
    const turns = new Semaphore(1)
    const nothing = async () => {}
    await turns.take()
    await expect(inTurnOf([turns], 10, nothing)).rejects.toThrow(StoreBusy)
    const patient = turns.take()
    expect(turns.waiting).toBe(1)
    turns.giveBack()
    await patient
    turns.giveBack()
    await inTurnOf([turns], 10, nothing)
  })

  test('ST-122 a write whose process stood still is run again, once', async () => {
    const { db } = await openApart(10)
    const standStill = async (tx: Transaction) => {
      await tx.run({ sql: 'set local idle_in_transaction_session_timeout = 20', parameters: [] })
      await new Promise(() => {})
    }
    let runs = 0
    const kept = await db.write(async tx => {
      if (++runs === 1) await standStill(tx)
      return tx.first<{ n: number }>({ sql: 'select 1 as n', parameters: [] })
    })
    expect({ kept, runs }).toEqual({ kept: { n: 1 }, runs: 2 })

    await expect(
      db.write(tx => {
        runs++
        return standStill(tx)
      }),
    ).rejects.toThrow(WriteMisused)
    expect(runs).toBe(4)
  })
})

test('ST-126 revisions and editions are told with the timeline that every connection tells first', async () => {
  const scene = await Scene.open(openFresh)
  const { db, workspaceId, random } = scene
  await scene.save(room('街', ['lin']))
  const { token } = await issueToken(db, keyring, random, workspaceId, { label: '', at: NOON })
  expect(db.timeline()).toMatch(/^[\dA-F]{8}$/)
  const [chat] = await scene.list()
  expect(chat!.revision.split('.')).toEqual([db.timeline(), '1', '2', '1'])
  const { edition } = (await findCallers(db, keyring, [token])).get(token)!
  expect(edition).toMatch(new RegExp(`^${db.timeline()} \\d+$`))
})

test('ST-128 rooms of a bot that wait for one another share a transaction', async () => {
  const scene = await Scene.open(openFresh)
  const names = Array.from({ length: 20 }, (_, n) => `街${n}`)
  await Promise.all(names.map(name => scene.save(room(name, ['lin', name]))))
  expect(await scene.topics()).toEqual(names.map(name => `${name}群`))
  const transactions = { sql: 'select count(distinct xmin::text) as n from chat', parameters: [] }
  expect((await scene.db.first<{ n: number }>(transactions))!.n).toBeLessThanOrEqual(2)
})

test('ST-123 a role that may write our tables and nothing else is found writable again', async () => {
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  onTestFinished(() => database.drop())
  const owner = openPostgres({ url: database.url, connectionsMax: 4, onLoss() {} })
  onTestFinished(() => owner.close())
  const { pathname } = new URL(database.url)
  const role = `writer_${pathname.slice(1)}`
  for (const sql of [
    `create role ${role} login password 'w'`,
    `revoke temporary on database ${pathname.slice(1)} from public`,
    `grant connect on database ${pathname.slice(1)} to ${role}`,
    `grant usage on schema public to ${role}`,
    `grant select, insert, update, delete on all tables in schema public to ${role}`,
  ])
    await owner.writeAtOnce({ sql, parameters: [] })
  const url = Object.assign(new URL(database.url), { username: role, password: 'w' }).href
  const db = openPostgres({ url, connectionsMax: 4, onLoss() {} })
  onTestFinished(() => db.close())

  const fillDisk = { sql: `do $$ begin raise 'full' using errcode = '53100'; end $$`, parameters: [] }
  await expect(db.writeAtOnce(fillDisk)).rejects.toThrow(StoreUnwritable)
  await db.requireWritable()
  await Promise.all([db.requireWritable(), db.requireWritable()])
  expect(await db.all({ sql: 'select id from node', parameters: [] })).toEqual([])
})

test('BOT-145 an import waits for no bot that knows nobody of it', async () => {
  const scene = await Scene.open(openFresh)
  const { db, workspaceId } = scene
  const busy = await scene.hostBot(account('nan'))
  await scene.meet(contact('lin'))
  const { promise: imported, resolve } = Promise.withResolvers()
  const line = { wxid: wxidOf('lin'), externalUserId: null, unionId: `o${'u'.repeat(27)}` }
  await db.write(async tx => {
    await requireTenure(tx, tenureOf(workspaceId, busy))
    resolve(importContacts(db, workspaceId, [line], { dryRun: false }))
    // Were the import to wait for this write, it would never be seen in it.
    let seen: string | null = null
    for (let looks = 0; looks < 3000 && seen === null; looks++) {
      const row = await tx.first<{ union_id: string | null }>(
        tx.query.selectFrom('contact').selectAll().compile(),
      )
      seen = row!.union_id
    }
    expect(seen).toBe(line.unionId)
  })
  expect(await imported).toEqual([{ outcome: 'updated', bots: 1 }])
})
