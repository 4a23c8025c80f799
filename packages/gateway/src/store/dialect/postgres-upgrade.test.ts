import { eventually } from '@qunhub/testing/eventually.ts'
import { type FreshDatabase, openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { beatOf, enterNode, listNodes } from '../bots/nodes.ts'
import type { Database } from '../database/database.ts'
import { migrate } from '../schema/migrate.ts'
import { migrations } from '../schema/migrations/all.ts'
import { ATTENDANCE_CLASS } from './postgres/attendance-class.ts'
import { openPostgres } from './postgres.ts'

let database: FreshDatabase
let db: Database
const others: pg.Client[] = []

beforeEach(async () => {
  database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  db = openPostgres({ url: database.url, connectionsMax: 4, onLoss() {} })
})
afterEach(async () => {
  for (const other of others.splice(0)) await other.end()
  await db.close()
  await database.drop()
})

/** Somebody else on the same database. */
async function openOther(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  others.push(client)
  return client
}

const everything = { sql: 'select * from workspace', parameters: [] }
const addColumn = { version: migrations.length + 1, name: 'one-more', sqlite: [], postgres: [] as string[] }
const newer = [
  ...migrations,
  { ...addColumn, postgres: ['alter table workspace add column motto text', 'create table motto (id text)'] },
]

test('ST-130 a node that still runs while a newer one adds a column goes on reading and writing', async () => {
  await db.all(everything)
  await db.write(tx => tx.all(everything))
  await migrate(db, { migrations: newer })
  expect(await db.all(everything)).toEqual([])
  const written = await db.write(async tx => {
    await tx.run({ sql: `insert into motto values ('学而时习之')`, parameters: [] })
    return tx.all(everything)
  })
  expect(written).toEqual([])
  expect(await db.all({ sql: 'select * from motto', parameters: [] })).toHaveLength(1)
})

test('ST-130 a node that still runs while a newer one drops a column that nobody names goes on likewise', async () => {
  await migrate(db, { migrations: newer })
  const readAndWrite = async () => [
    await db.all(everything),
    await db.write(tx =>
      tx.all({ sql: 'update workspace set revision = revision + 1 returning *', parameters: [] }),
    ),
  ]
  await readAndWrite()
  const dropped = { ...addColumn, version: newer.length + 1, name: 'one-less' }
  await migrate(db, {
    migrations: [...newer, { ...dropped, postgres: ['alter table workspace drop column motto'] }],
  })
  expect(await readAndWrite()).toEqual([[], []])
})

test('ST-131 a migration that a long reader holds up holds up nobody else, and goes on when the reader has ended', async () => {
  const reader = await openOther()
  await reader.query('begin')
  await reader.query('select * from workspace')
  const migrated = migrate(db, { migrations: newer })
  const watcher = await openOther()
  await eventually('it waits for the table', async () => {
    const { rows } = await watcher.query(`select 1 from pg_locks where locktype = 'relation' and not granted`)
    return rows.length > 0
  })
  // Queued behind it, and all the same answered within the time that a statement has.
  expect(await db.all(everything)).toEqual([])
  await reader.query('commit')
  expect((await migrated).steps).toEqual(['one-more'])
})

test('ST-131 a migration that collides with a running write lets it go on, and is tried again', async () => {
  const exclusive = {
    ...addColumn,
    postgres: [
      // In the order in which every write of a running node takes them.
      'lock table callback_address, callback in access exclusive mode',
      'alter table callback add column motto text',
    ],
  }
  const old = await openOther()
  await old.query('begin')
  await old.query('update callback_address set created_at = 1')
  const migrated = migrate(db, { migrations: [...migrations, exclusive] })
  const watcher = await openOther()
  await eventually('it waits for a table', async () => {
    const { rows } = await watcher.query(`select 1 from pg_locks where locktype = 'relation' and not granted`)
    return rows.length > 0
  })
  expect((await old.query('select id from callback')).rows).toEqual([])
  await old.query('commit')
  expect((await migrated).steps).toEqual(['one-more'])
})

test('NODE-17 a node whose former session still holds its lock beats at once, and takes the lock when it is free', async () => {
  const former = await openOther()
  const key = await enterNode(db, 'me', null)
  await former.query('select pg_advisory_lock($1, $2)', [ATTENDANCE_CLASS, key])
  const attendance = await db.attend(key)
  try {
    expect(await attendance.run(beatOf(db, 'me'))).toBe(1)
    expect(await listNodes(db)).toMatchObject([{ id: 'me', attending: true }])
    await former.query('select pg_advisory_unlock($1, $2)', [ATTENDANCE_CLASS, key])
    await eventually('the lock is its own', async () => (await listNodes(db))[0]!.attending)
    expect(attendance.isLost).toBe(false)
  } finally {
    await attendance.leave()
  }
})
