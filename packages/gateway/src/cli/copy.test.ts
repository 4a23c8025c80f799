import { mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Desk, openDesk } from '@qunhub/testing/grounds/open-desk.ts'
import { openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { type FreshDatabase, openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { readConfig } from '../config/config.ts'
import { openGateway } from '../gateway.ts'
import { saveBotMove } from '../store/bots/bot-moves.ts'
import { claimBots } from '../store/bots/claim-bots.ts'
import { enterNode } from '../store/bots/nodes.ts'
import {
  contact,
  enqueueCallback,
  keyring,
  moveTo,
  NOON,
  offline,
  owed,
  room,
  Scene,
  seededRandom,
} from '../store/contract/scene.contract.ts'
import type { TableComparison } from '../store/copy/copy-proof.ts'
import { COPIED } from '../store/copy/copy-tables.ts'
import type { Database } from '../store/database/database.ts'
import { openStore } from '../store/database/open-store.ts'
import { noteAccepted } from '../store/outbox/accepted-kinds.ts'
import { setCallbackUrl } from '../store/outbox/callback-addresses.ts'
import { addTallies } from '../store/outbox/callback-minutes.ts'
import { findCallback, listCallbacks } from '../store/outbox/callbacks.ts'
import { claimAddresses } from '../store/outbox/claim-addresses.ts'
import { readAddresses, readRooms } from '../store/outbox/run-address.ts'
import { settleCallbacks } from '../store/outbox/settle-callbacks.ts'
import { keepAuditEntry } from '../store/people/audit.ts'
import { addPerson } from '../store/people/people.ts'
import { assignTag } from '../store/rooms/tags.ts'
import { takeKey } from '../store/workspaces/idempotency.ts'
import { keepRequests } from '../store/workspaces/request-entries.ts'
import { issueToken } from '../store/workspaces/tokens.ts'

/** Of `keyring`. */
const KEY = '07'.repeat(32)

let desk: Desk
let database: FreshDatabase
let env: Record<string, string>

beforeEach(async () => {
  desk = await openDesk()
  database = await openFreshDatabase(inject('postgresUrl'))
  env = { QUNHUB_DATA_DIR: desk.dataDir, DATABASE_URL: database.url, QUNHUB_SECRET_KEY: KEY }
})
afterEach(async () => {
  await desk.close()
  await database.drop()
})

const there = 'copy --from sqlite --to postgres'
const back = 'copy --from postgres --to sqlite'
const run = (args: string, but: Record<string, string> = {}) => runCliHere(args, { ...env, ...but })
/** Without DATABASE_URL the embedded store is meant. */
const embedded = { DATABASE_URL: '' }

async function copied(args: string, but: Record<string, string> = {}): Promise<TableComparison[]> {
  const { exitCode, stdout, stderr } = await run(`${args} --json`, but)
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return (JSON.parse(stdout) as { tables: TableComparison[] }).tables
}

async function withStore<T>(where: { databaseUrl?: string }, work: (db: Database) => Promise<T>): Promise<T> {
  const store = await openStore({ dataDir: desk.dataDir, ...where })
  try {
    return await work(store.db)
  } finally {
    await store.close()
  }
}

/** One of everything, also what only a running process has: a claimed bot and a claimed address. */
async function furnish(db: Database): Promise<Scene> {
  const random = seededRandom(5)
  const scene = await Scene.in(db, random)
  const { workspaceId } = scene
  const { addressId } = await setCallbackUrl(db, keyring, random, workspaceId, 'http://127.0.0.1:1', NOON)
  // More than one batch of members, and names beyond the basic plane or with what a NUL became.
  const members = Array.from({ length: 300 }, (_, n) => contact(`m${n}`, { name: `${n} 𠮷🧧\uFFFD` }))
  for (const name of ['一🏮', '二', '三'])
    await scene.save(room(name, members), { owe: () => owed(name, 'R:一') })
  await scene.leave('二')
  const tag = await scene.tag('VIP 🧧')
  for (const { chatId } of await scene.list()) await assignTag(db, workspaceId, tag, chatId)
  const { id: tokenId } = await issueToken(db, keyring, random, workspaceId, { label: 'crm', at: NOON })
  const asked = { endpoint: '/room/create', status: 200, code: -8, tokenId, ms: 3, requestId: 'r-1' }
  await keepRequests(db, [{ workspaceId, id: 'a-moment', at: NOON, ...asked }])
  await addTallies(db, [{ workspaceId, minute: NOON, delivered: 3, retried: 2, parked: 1, quarantined: 0 }])
  await addPerson(db, random, { name: '周敏 🏮', role: 'owner', at: NOON })
  await keepAuditEntry(db, random, {
    ...{ at: NOON, realm: 'console', whoId: null, who: '周敏 🏮', workspaceId },
    ...{ verb: 'add-tag', about: '{"name":"VIP 🧧"}', outcome: 'done' },
  })
  await db.write(tx => takeKey(tx, workspaceId, 'key', { bodyHash: 'x', answer: '{}', at: NOON }, 0))
  for (let n = 0; n < 120; n++)
    await db.write(tx => enqueueCallback(tx, workspaceId, owed('体𠮷'.repeat(1000), `R:${n % 7}`), NOON))

  await db.write(tx =>
    noteAccepted(
      tx,
      { workspaceId, addressId },
      { baseUrl: 'http://127.0.0.1:1', kind: 'chatroom/joined', at: NOON },
    ),
  )
  await saveBotMove(db, scene.tenure, moveTo(offline('断线 🏮')))
  await enterNode(db, 'a-node', null)
  await claimBots(db, keyring, 'a-node', 1)
  await claimAddresses(db, 'a-node', 1)
  const [address] = await readAddresses(db, 'a-node')
  for (const callback of await readRooms(
    db,
    ['R:1', 'R:2'].map(laneKey => ({ ...address!, laneKey })),
    { ofRoom: 1, bytesMax: 100 },
  )) {
    const attempt = {
      startedAt: NOON,
      ms: 1,
      outcome: 'failed',
      status: 503,
      errorClass: null,
      snippet: '坏\uFFFD',
      reason: '坏',
    } as const
    const to = { state: 'due', attempt: 1, dueAt: NOON + 9, faults: 0, settledAt: null } as const
    const tells = { what: 'exhausted', callbackId: callback.id } as const
    const settled = { address: address!, callback, to, attempt, tells, accepted: null }
    await settleCallbacks(db, [settled], async () => NOON)
  }
  await db.write(async tx => {
    const replay = { workspace_id: workspaceId, id: 'r', state: 'paused', last_id: 3, until_id: 9 } as const
    await tx.run(
      tx.query
        .insertInto('replay')
        .values({ ...replay, created_at: NOON })
        .compile(),
    )
  })
  return scene
}

test('CLI-50 what cannot be copied is refused, and says why', async () => {
  const refusals: readonly (readonly [string, Record<string, string>, number, string])[] = [
    [there, { DATABASE_URL: '' }, 2, 'DATABASE_URL'],
    ['copy --from sqlite --to sqlite', {}, 2, 'two different stores'],
    ['copy --from sqlite', {}, 2, '--to'],
    ['copy --from sqlite --to mysql', {}, 2, 'mysql'],
    [there, {}, 1, 'there is no store in'],
    [back, {}, 1, 'there is no store in 127.0.0.1'],
  ]
  for (const [command, but, exitCode, words] of refusals)
    expect(await run(command, but)).toMatchObject({ exitCode, stderr: expect.stringContaining(words) })

  await run('workspace add 甲', embedded)
  expect(await run(there, { QUNHUB_SECRET_KEY: '8'.repeat(64) })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('another master key'),
  })
  const away = await run(there, { DATABASE_URL: 'postgres://u:geheim@127.0.0.1:1/none' })
  expect(away).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('127.0.0.1:1/none') })
  expect(away.stderr).not.toContain('geheim')

  expect(await run(there)).toMatchObject({ exitCode: 0 })
  expect(await run(there)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('the target has data already'),
  })
  expect(await run(back)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('already') })
  expect(await run('workspace list --json', embedded)).toMatchObject({ exitCode: 0 })
})

test('CLI-50 a data directory that a gateway works in is refused, with its process id', async () => {
  await desk.openDoor()
  const { exitCode, stderr } = await run(there, { QUNHUB_SECRET_KEY: '' })
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringContaining(`in use by process ${process.pid} (qunhub serve)`),
  })
})

test('CLI-50 a schema from before the first release is refused on either side, and one without tables as the source', async () => {
  await run('workspace add 甲', embedded)
  const outgrown = (db: Database) =>
    db.write(tx => tx.run(tx.query.updateTable('schema_version').set({ name: 'first-tables' }).compile()))
  await run('migrate')
  await withStore({ databaseUrl: database.url }, outgrown)
  const refused = { exitCode: 1, stderr: expect.stringContaining('able to copy it is 4d81cca') }
  expect(await run(there)).toMatchObject(refused)
  expect(await run(back, { QUNHUB_DATA_DIR: `${desk.dataDir}-2` })).toMatchObject(refused)
  await withStore({}, outgrown)
  expect(await run(there)).toMatchObject(refused)
  // A crash came between the file and its first table.
  const elsewhere = await mkdtemp(join(desk.dataDir, 'elsewhere-'))
  await writeFile(join(elsewhere, 'qunhub.sqlite'), '')
  expect(await run(`${there} --data-dir ${elsewhere}`)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('run qunhub migrate without DATABASE_URL'),
  })
})

test('CLI-51 everything is in the copy, there and back, and in it nobody works on anything', async () => {
  const scene = await withStore({}, furnish)
  const { workspaceId } = scene
  const before = await withStore({}, db => listCallbacks(db, workspaceId, { limit: 1000 }))

  const tables = await copied(there)
  expect(tables.map(({ table }) => table)).toEqual(COPIED.map(({ table }) => table))
  expect(tables.filter(({ from, to, equal }) => from.rows === 0 || from.rows !== to.rows || !equal)).toEqual(
    [],
  )

  await withStore({ databaseUrl: database.url }, async db => {
    expect(await listCallbacks(db, workspaceId, { limit: 1000 })).toEqual(before)
    const addresses = db.query.selectFrom('callback_address').select(['node_id', 'fence', 'exhaustions'])
    expect(await db.all(addresses.compile())).toEqual([
      { node_id: null, fence: 1, exhaustions: expect.stringMatching(/^\[\[\d+,\d+\],\[\d+,\d+\]\]$/) },
    ])
    expect(await db.all(db.query.selectFrom('bot').select(['node_id', 'fence']).compile())).toEqual([
      { node_id: null, fence: 1 },
    ])
    // The next number is a new one.
    await db.write(tx => enqueueCallback(tx, workspaceId, owed('next'), NOON))
    const [newest] = await listCallbacks(db, workspaceId, { limit: 1 })
    expect(newest!.id).toBe(before[0]!.id + 1)
  })

  const elsewhere = `${desk.dataDir}-2`
  await copied(`${back} --data-dir ${elsewhere}`)
  const store = await openStore({ dataDir: elsewhere })
  await store.db.write(tx => enqueueCallback(tx, workspaceId, owed('after'), NOON))
  const [newest, next] = await listCallbacks(store.db, workspaceId, { limit: 2 })
  expect(newest!.id).toBe(next!.id + 1)
  expect((await findCallback(store.db, workspaceId, next!.id))?.body).toBe('next')
  await store.close()
})

test('CLI-51 a database that was migrated beforehand takes the copy', async () => {
  await run('workspace add 甲', embedded)
  await run('migrate')
  expect((await copied(there)).every(({ equal }) => equal)).toBe(true)
  const listed = JSON.parse((await run('workspace list --json')).stdout) as object
  expect(listed).toEqual(JSON.parse((await run('workspace list --json', embedded)).stdout))
})

test('CLI-51 a copy to a new data directory wants the master key of the source, and makes none', async () => {
  await run('workspace add 甲')
  const elsewhere = `${desk.dataDir}-2`
  const { exitCode, stderr } = await run(`${back} --data-dir ${elsewhere}`, { QUNHUB_SECRET_KEY: '' })
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringContaining('the master key is missing'),
  })
  expect(await readdir(elsewhere)).toEqual(['lock.sqlite'])
})

test('CLI-52 people see a line a table, on a terminal a bar, and in the end the proof', async () => {
  await withStore({}, furnish)
  const { stdout, stderr } = await run(there)
  expect(stderr.split('\n').filter(line => line.startsWith('复制 copy: '))).toHaveLength(COPIED.length)
  expect(stderr).toContain('核对 compare: chat_member 900/900\n')
  expect(stdout).toMatch(/^chat_member +900 +[0-9a-f]{16} +✓$/m)
  expect(stdout).toMatch(/\n127\.0\.0\.1.*|已复制, 两边相等/)
  expect(stdout).not.toContain('✗')

  const watched = { ...env, QUNHUB_DATA_DIR: `${desk.dataDir}-2` }
  const bar = (await runCliHere(back, watched, { isTerminal: true })).stderr
  expect(bar).toContain('\r\x1b[2K复制 copy workspace         [██████████████████████████████] 1/1')
  expect(bar).not.toContain('\n')
  expect(bar.endsWith('\r\x1b[2K')).toBe(true)
})

test('CLI-52 a copy that differs is told table by table, exits with 1, and the target can be used for the next one', async () => {
  await withStore({}, furnish)
  await run('migrate')
  const write = (sql: string) =>
    withStore({ databaseUrl: database.url }, db => db.write(tx => tx.run({ sql, parameters: [] })))
  await write('create rule forget as on insert to attempt do instead nothing')
  const { exitCode, stdout, stderr } = await run(there)
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringMatching(/两边不相等.*nothing of it was kept/),
  })
  expect(stdout).toMatch(/^attempt +2 ≠ 0 +0{16} +✗$/m)
  expect(stdout.match(/✓/g)).toHaveLength(COPIED.length - 1)
  expect(JSON.parse((await run(`${there} --json`)).stdout)).toMatchObject({ equal: false })
  await write('drop rule forget on attempt')
  await copied(there)
})

test('CLI-55 a gateway that starts on the copy answers the same bytes', async () => {
  const house = await openHouse({ env: { QUNHUB_SECRET_KEY: KEY, DATABASE_URL: '' } })
  desk.atEnd(() => house.close())
  const { world } = house
  const bot = world.addBot({ userId: 'xiaobei' })
  const guest = world.addContact({ name: '林🏮' })
  for (const topic of ['一群', '二群 𠮷', '三群'])
    world.addRoom({ topic, ownerId: bot.wxid, members: [bot.wxid, guest.wxid] })
  await house.host(bot)
  const { id: tag } = await house.operate('add-tag', { workspace: house.workspaceId, name: 'VIP' })
  const { chats } = await house.operate('list-chats', { workspace: house.workspaceId })
  await house.operate('assign-tag', {
    workspace: house.workspaceId,
    tag,
    chats: chats.slice(1).map(({ chatId }) => chatId),
  })
  const ask = async (baseUrl: string) => {
    const queries = [`listByMember?contactWxid=${guest.wxid}`, `listByMHTag?mhTagId=${tag}`]
    const answers = queries.map(query => fetch(`${baseUrl}/room/${query}&token=${house.token}`))
    return Promise.all((await Promise.all(answers)).map(answer => answer.text()))
  }
  const before = await ask(house.baseUrl)
  expect(before.join()).toContain('二群 𠮷')
  await house.gateway.stop()

  await copied(there, { QUNHUB_DATA_DIR: house.dataDir })
  const config = readConfig({ ...env, PORT: '0', QUNHUB_DATA_DIR: desk.dataDir })
  const gateway = await openGateway(config)
  desk.atEnd(() => gateway.stop())
  expect(await ask(gateway.baseUrl)).toEqual(before)
})
