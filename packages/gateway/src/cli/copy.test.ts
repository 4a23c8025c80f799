import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { type Desk, openDesk } from '../../testing/open-desk.ts'
import { type FreshDatabase, openFreshDatabase } from '../../testing/postgres/fresh-database.ts'
import { setCallbackUrl } from '../store/callback-addresses.ts'
import { enqueueCallback, findCallback, listCallbacks } from '../store/callbacks.ts'
import { claimBots } from '../store/claim-bots.ts'
import { contact, keyring, NOON, owed, room, Scene, seededRandom } from '../store/contract/scene.contract.ts'
import { COPIED, NOT_COPIED } from '../store/copy-store.ts'
import type { Database } from '../store/database.ts'
import { saveAnswer } from '../store/idempotency.ts'
import { claimLanes, lookIntoLane } from '../store/lanes.ts'
import { enterNode } from '../store/nodes.ts'
import { openStore } from '../store/open-store.ts'
import { settleAttempt } from '../store/settle-attempt.ts'
import { assignTag } from '../store/tags.ts'
import { issueToken } from '../store/tokens.ts'

const KEY = '7'.repeat(64)

let desk: Desk
let database: FreshDatabase
let env: Record<string, string>

beforeEach(async () => {
  desk = await openDesk()
  database = await openFreshDatabase(inject('postgresUrl'))
  env = { DATABASE_URL: database.url, QUNHUB_SECRET_KEY: KEY }
})
afterEach(async () => {
  await desk.close()
  await database.drop()
})

const there = 'copy --from sqlite --to postgres'
const back = 'copy --from postgres --to sqlite'

/** One of everything, also what only a running process has: a claimed bot and a claimed lane. */
async function furnish(db: Database): Promise<Scene> {
  const random = seededRandom(5)
  const scene = await Scene.in(db, random)
  const { workspaceId } = scene
  const { addressId } = await setCallbackUrl(db, keyring, random, workspaceId, 'http://127.0.0.1:1', NOON)
  const members = Array.from({ length: 60 }, (_, n) => contact(`m${n}`))
  for (const name of ['一🏮', '二', '三'])
    await scene.save(room(name, members), { owe: () => owed(name, 'R:一') })
  await scene.leave('二')
  const tag = await scene.tag('VIP 🧧')
  for (const { chatId } of await scene.list()) await assignTag(db, workspaceId, tag, chatId)
  await issueToken(db, keyring, random, workspaceId, { label: 'crm', at: NOON })
  await saveAnswer(db, workspaceId, 'key', { bodyHash: 'x', answer: '{}', at: NOON })
  for (let n = 0; n < 120; n++)
    await db.write(tx => enqueueCallback(tx, workspaceId, owed('体'.repeat(2000), `R:${n % 7}`), NOON))

  await enterNode(db, 'a-node', null)
  await claimBots(db, keyring, 'a-node', 1)
  await db.write(async tx => {
    const claim = { owner: 'a-node', now: NOON, leaseUntil: NOON, limit: 2, inFlightMax: 2 }
    for (const lane of await claimLanes(tx, { workspaceId, addressId }, claim)) {
      const { head } = (await lookIntoLane(tx, lane))!
      const attempt = {
        startedAt: NOON,
        ms: 1,
        outcome: 'failed',
        status: 503,
        errorClass: null,
        snippet: '坏',
      } as const
      await settleAttempt(tx, lane, head!, {
        attempt,
        settlement: { settle: 'retry', at: NOON + 9 },
        leaseUntil: NOON,
      })
    }
  })
  return scene
}

async function withStore<T>(where: { databaseUrl?: string }, work: (db: Database) => Promise<T>): Promise<T> {
  const store = await openStore({ dataDir: desk.dataDir, ...where })
  try {
    return await work(store.db)
  } finally {
    await store.close()
  }
}

test('CLI-50 what cannot be copied is refused, and says why', async () => {
  const refusals: readonly (readonly [string, Record<string, string>, number, string])[] = [
    [there, { QUNHUB_SECRET_KEY: KEY }, 2, 'DATABASE_URL'],
    ['copy --from sqlite --to sqlite', env, 2, 'two different stores'],
    ['copy --from sqlite', env, 2, '--to'],
    [there, env, 1, 'there is no store in'],
    [there, { ...env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }, 1, 'there is no store in'],
  ]
  for (const [command, given, exitCode, words] of refusals)
    expect(await desk.cli(command, given)).toMatchObject({ exitCode, stderr: expect.stringContaining(words) })

  await desk.cli('workspace add 甲', { QUNHUB_SECRET_KEY: KEY })
  expect(await desk.cli(there, { ...env, QUNHUB_SECRET_KEY: '8'.repeat(64) })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('another master key'),
  })
  const away = await desk.cli(there, { ...env, DATABASE_URL: 'postgres://u:geheim@127.0.0.1:1/none' })
  expect(away).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('127.0.0.1:1/none') })
  expect(away.stderr).not.toContain('geheim')

  expect(await desk.cli(there, env)).toMatchObject({ exitCode: 0 })
  expect(await desk.cli(there, env)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('the target has data already'),
  })
  expect(await desk.cli(back, env)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('already') })
})

test('CLI-51 everything is in the copy, there and back, and in it nobody works on anything', async () => {
  const scene = await withStore({}, furnish)
  const { workspaceId } = scene
  const before = await withStore({}, db => listCallbacks(db, workspaceId, { limit: 1000 }))

  const copied = await desk.cli(`${there} --json`, env)
  expect(copied).toMatchObject({ exitCode: 0 })
  const { tables } = JSON.parse(copied.stdout) as {
    tables: { table: string; rows: number; equal: boolean }[]
  }
  expect(tables.map(({ table }) => table)).toEqual(COPIED.map(({ table }) => table))
  // Installation stays empty where no command has looked at the key yet.
  expect(tables.filter(({ rows, table }) => rows === 0 && table !== 'installation')).toEqual([])
  expect(tables.every(({ equal }) => equal)).toBe(true)

  await withStore({ databaseUrl: database.url }, async db => {
    expect(await listCallbacks(db, workspaceId, { limit: 1000 })).toEqual(before)
    const working = await db.all(
      db.query.selectFrom('lane').select('owner').where('owner', 'is not', null).compile(),
    )
    expect(working).toEqual([])
    expect(await db.first(db.query.selectFrom('bot').select(['node_id', 'fence']).compile())).toMatchObject({
      node_id: null,
      fence: 1,
    })
    // The next number is a new one.
    await db.write(tx => enqueueCallback(tx, workspaceId, owed('next'), NOON))
    const [newest] = await listCallbacks(db, workspaceId, { limit: 1 })
    expect(newest!.id).toBeGreaterThan(before[0]!.id)
  })

  const elsewhere = `${desk.dataDir}-2`
  const returned = await desk.cli(`${back} --json --data-dir ${elsewhere}`, env)
  expect(returned).toMatchObject({ exitCode: 0 })
  const store = await openStore({ dataDir: elsewhere })
  await store.db.write(tx => enqueueCallback(tx, workspaceId, owed('after'), NOON))
  const [newest, next] = await listCallbacks(store.db, workspaceId, { limit: 2 })
  expect(newest!.id).toBe(next!.id + 1)
  expect((await findCallback(store.db, workspaceId, next!.id))?.body).toBe('next')
  await store.close()
})

test('CLI-52 no table is forgotten: each is copied, or said not to be', async () => {
  const listed = new Set<string>([...COPIED.map(({ table }) => table), ...NOT_COPIED])
  const there = await withStore({ databaseUrl: database.url }, db =>
    db.all<{ name: string }>({
      sql: `select tablename as name from pg_tables where schemaname = 'public'`,
      parameters: [],
    }),
  )
  expect(new Set(there.map(({ name }) => name))).toEqual(listed)
})

test('CLI-53 of several that migrate an empty database at once, one makes it and the others find it made', async () => {
  const runs = await Promise.all([1, 2, 3, 4].map(() => desk.cli('migrate --json', env)))
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])
  const outcomes = runs.map(({ stdout }) => (JSON.parse(stdout) as { outcome: string }).outcome).sort()
  expect(outcomes).toEqual(['created', 'current', 'current', 'current'])
})

test('CLI-54 commands work beside one another on PostgreSQL, and none makes a store but the first workspace', async () => {
  expect(await desk.cli('token list', env)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('there is no store in 127.0.0.1'),
  })
  expect(await desk.cli('workspace add 甲', env)).toMatchObject({ exitCode: 0 })
  const runs = await Promise.all([
    desk.cli('token issue --label a', env),
    desk.cli('token issue --label b', env),
  ])
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  const { tokens } = JSON.parse((await desk.cli('token list --json', env)).stdout) as { tokens: object[] }
  expect(tokens).toHaveLength(2)
  expect(await desk.cli('token list', { ...env, QUNHUB_SECRET_KEY: '9'.repeat(64) })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('another master key'),
  })
})
