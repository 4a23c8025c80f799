import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { expect, inject, onTestFinished, test } from 'vitest'
import { removeBot } from '../bots/remove-bot.ts'
import { contact, keyring, NOON, owed, room, Scene, wxidOf } from '../contract/scene.contract.ts'
import type { Database, Transaction } from '../database/database.ts'
import { CHATS_LEFT_PER_WRITE_MAX } from '../rooms/leave-room.ts'
import type { LeftChat } from '../rooms/rooms.ts'
import { setSwitches } from '../workspaces/workspaces.ts'
import { openPostgres } from './postgres.ts'

const ROOMS = 4000
/** Put into the store by one statement. */
const ROOMS_AT_ONCE = 1000

async function openScene(): Promise<Scene> {
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  const db = openPostgres({ url: database.url, connectionsMax: 4, onLoss() {} })
  onTestFinished(async () => {
    await db.close()
    await database.drop()
  })
  return Scene.open(async () => ({ db, migrated: null, close: async () => {} }))
}

test('OP-41 however many rooms a removed bot was in, few are locked at a time, for PostgreSQL has room for some thousands of locks', async () => {
  const scene = await openScene()
  const { db } = scene
  await scene.listen()
  await setSwitches(db, scene.workspaceId, { roomLeft: true })
  await scene.meet(contact('lin'))
  await enterMany(scene)

  const locks: number[] = []
  const counted: Database = {
    ...db,
    write: (work, options) =>
      db.write(async tx => {
        const told = await work(tx)
        locks.push(await lockedBy(tx))
        return told
      }, options),
  }
  const owe = ({ chat }: LeftChat) => owed('left', chat.room.wxid)
  expect(await removeBot(counted, keyring, scene, NOON, owe)).toBe(ROOMS)
  expect(Math.max(...locks)).toBe(CHATS_LEFT_PER_WRITE_MAX)
  expect(await scene.callbacks()).toHaveLength(ROOMS)
  expect(await scene.topics()).toEqual([])
})

test('OP-41 a chat that somebody else changes at that moment is left as well', async () => {
  const scene = await openScene()
  const { db, workspaceId } = scene
  for (const name of ['街', '巷', '桥']) await scene.save(room(name, ['lin']))
  const isWaiting = async () => {
    const waiting = {
      sql: `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      parameters: [],
    }
    return (await db.first(waiting)) !== undefined
  }
  let removed: Promise<number | undefined> | undefined
  await db.write(async tx => {
    const touched = tx.query.updateTable('chat').set(({ eb }) => ({ revision: eb('revision', '+', 1) }))
    await tx.run(touched.where('workspace_id', '=', workspaceId).compile())
    removed = removeBot(db, keyring, scene, NOON, () => null)
    while (!(await isWaiting())) await tx.first({ sql: 'select pg_sleep(0.01)', parameters: [] })
  })
  expect(await removed).toBe(3)
  expect(await scene.topics()).toEqual([])
})

/** By this transaction. */
async function lockedBy(tx: Transaction): Promise<number> {
  const found = await tx.first<{ locks: number }>({
    sql: `select count(*)::integer as locks from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()`,
    parameters: [],
  })
  return found!.locks
}

/** As the bot would find them, but at once. */
async function enterMany({ db, workspaceId, botId }: Scene): Promise<void> {
  for (let from = 0; from < ROOMS; from += ROOMS_AT_ONCE) {
    const some = Array.from({ length: ROOMS_AT_ONCE }, (_, n) => ({
      workspace_id: workspaceId,
      // Nothing lies beside what came with it.
      chat_id: `${((from + n) * 7919) % 100_003}`.padStart(24, '0'),
      ordinal: from + n,
    }))
    const chats = some.map((chat, n) => ({
      ...chat,
      ...{ bot_id: botId, room_wxid: `R:${from + n}`, topic: '群', avatar_url: '', owner_id: '' },
      ...{ external: 1 as const, created_at: 0, member_count: 1 },
    }))
    const members = some.map(({ ordinal: _, ...chat }) => ({ ...chat, wxid: wxidOf('lin'), position: 0 }))
    await db.write(async tx => {
      await tx.run(tx.query.insertInto('chat').values(chats).compile())
      await tx.run(tx.query.insertInto('chat_member').values(members).compile())
    })
  }
}
