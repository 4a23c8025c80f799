import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FreshDatabase, openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { enterNode } from '../bots/nodes.ts'
import { enqueueCallback, NOON, owed, room, Scene, seededRandom } from '../contract/scene.contract.ts'
import type { Database } from '../database/database.ts'
import { openStore, type Store } from '../database/open-store.ts'
import { StoreError, StoreLocked } from '../database/store-error.ts'
import { listCallbacks } from '../outbox/callbacks.ts'
import { addWorkspace, listWorkspaces } from '../workspaces/workspaces.ts'
import { openDraftStore } from './copy-draft.ts'
import { proveStore } from './copy-proof.ts'
import { CopyDiffers, copyStore, NodesAtWork, TargetNotEmpty } from './copy-store.ts'
import { COPIED, NOT_COPIED } from './copy-tables.ts'

let home: string
let database: FreshDatabase
let embedded: Store
let shared: Store

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'qunhub-copy-'))
  database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  embedded = await openStore({ dataDir: join(home, 'from') })
  shared = await openStore({ dataDir: home, databaseUrl: database.url })
})
afterEach(async () => {
  await embedded.close()
  await shared.close()
  await database.drop()
  await rm(home, { recursive: true })
})

const unwatched = { onCopied() {}, onCompared() {} }
const run = (db: Database, sql: string) => db.write(tx => tx.run({ sql, parameters: [] }))
const names = <Row extends { name: string }>(rows: readonly Row[]) => rows.map(({ name }) => name).sort()

describe('which tables', () => {
  const listed = [...COPIED.map(({ table }) => table), ...NOT_COPIED].sort()

  test('ST-110 no table is forgotten: each is copied, or said not to be', async () => {
    const there = await shared.db.all<{ name: string }>({
      sql: `select tablename as name from pg_tables where schemaname = 'public'`,
      parameters: [],
    })
    expect(names(there)).toEqual(listed)
    const here = await embedded.db.all<{ name: string }>({
      sql: `select name from sqlite_master where type = 'table'`,
      parameters: [],
    })
    expect(names(here)).toEqual(listed.filter(table => table !== 'token_permits'))
  })

  test('ST-110 each is read by its whole primary key, so that no row is passed over', async () => {
    for (const { table, key } of COPIED) {
      const columns = await embedded.db.all<{ name: string }>({
        sql: `select name from pragma_table_info('${table}') where pk > 0 order by pk`,
        parameters: [],
      })
      expect([table, columns.map(({ name }) => name)]).toEqual([table, key])
    }
  })

  test('ST-110 parents come before children', async () => {
    const position = new Map(COPIED.map(({ table }, at) => [table as string, at]))
    for (const { table } of COPIED) {
      const parents = await embedded.db.all<{ parent: string }>({
        sql: `select distinct "table" as parent from pragma_foreign_key_list('${table}')`,
        parameters: [],
      })
      for (const { parent } of parents.filter(each => position.has(each.parent)))
        expect([table, parent, position.get(parent)! < position.get(table)!]).toEqual([table, parent, true])
    }
  })
})

describe('what is refused', () => {
  test('ST-111 a target that holds anything is refused, and keeps what it held', async () => {
    await addWorkspace(embedded.db, seededRandom(1), { name: '甲', at: NOON })
    await addWorkspace(shared.db, seededRandom(2), { name: '乙', at: NOON })
    await expect(copyStore(embedded.db, shared.db, unwatched)).rejects.toThrow(TargetNotEmpty)
    expect(names(await listWorkspaces(shared.db))).toEqual(['乙'])
  })

  test.each(['from', 'to'] as const)(
    'ST-111 a database on which a gateway lives is refused as it is copied %s',
    async side => {
      const attendance = await shared.db.attend(await enterNode(shared.db, 'a-node', '10.0.0.9:7000'))
      const copying = () =>
        side === 'to'
          ? copyStore(embedded.db, shared.db, unwatched)
          : copyStore(shared.db, embedded.db, unwatched)
      await expect(copying()).rejects.toThrow(NodesAtWork)
      await expect(copying()).rejects.toThrow('10.0.0.9:7000')
      await attendance.leave()
      // A node that died without a word is in nobody's way.
      expect((await copying()).every(({ equal }) => equal)).toBe(true)
    },
  )
})

describe('what goes wrong', () => {
  test('ST-112 a target that makes something else of a row is found out, and nothing of the copy is kept', async () => {
    const scene = await Scene.in(embedded.db, seededRandom(1))
    await scene.tag('VIP')
    await run(
      shared.db,
      `create function spoil() returns trigger language plpgsql as $$ begin new.name := 'vip'; return new; end $$`,
    )
    await run(shared.db, 'create trigger spoil before insert on tag for each row execute function spoil()')
    const failure = await copyStore(embedded.db, shared.db, unwatched).catch((thrown: unknown) => thrown)
    expect(failure).toBeInstanceOf(CopyDiffers)
    const differing = (failure as CopyDiffers).tables.filter(({ equal }) => !equal)
    expect(differing).toMatchObject([{ table: 'tag', from: { rows: 1 }, to: { rows: 1 } }])
    expect(await listWorkspaces(shared.db)).toEqual([])
  })

  test('ST-112 a row that the target cannot hold undoes the whole copy', async () => {
    await Scene.in(embedded.db, seededRandom(1))
    await run(embedded.db, `update bot set nick_name = 'a' || char(0)`)
    await expect(copyStore(embedded.db, shared.db, unwatched)).rejects.toThrow(StoreError)
    expect(await listWorkspaces(shared.db)).toEqual([])
    await run(embedded.db, `update bot set nick_name = 'a'`)
    expect(await copyStore(embedded.db, shared.db, unwatched)).toHaveLength(COPIED.length)
  })
})

describe('a draft of an embedded store', () => {
  const dataDir = () => join(home, 'to')

  test('ST-113 it is no store until it is kept, and nobody else gets into the directory meanwhile', async () => {
    await Scene.in(shared.db, seededRandom(1))
    const draft = await openDraftStore(dataDir())
    await expect(openStore({ dataDir: dataDir() })).rejects.toThrow(StoreLocked)
    await copyStore(shared.db, draft.db, unwatched)
    expect(await readdir(dataDir())).not.toContain('qunhub.sqlite')
    await draft.keep()
    await draft.close()
    expect((await readdir(dataDir())).sort()).toEqual(['lock.sqlite', 'qunhub.sqlite'])

    const kept = await openStore({ dataDir: dataDir(), migrate: false })
    expect(await listWorkspaces(kept.db)).toEqual(await listWorkspaces(shared.db))
    await kept.close()
  })

  test('ST-113 one that is not kept leaves nothing, and neither does what a crash left of one', async () => {
    const draft = await openDraftStore(dataDir())
    await addWorkspace(draft.db, seededRandom(1), { name: '甲', at: NOON })
    await draft.close()
    expect(await readdir(dataDir())).toEqual(['lock.sqlite'])

    const crashed = await openStore({ dataDir: join(dataDir(), 'copy.draft') })
    await addWorkspace(crashed.db, seededRandom(1), { name: '甲', at: NOON })
    await crashed.close()
    const next = await openDraftStore(dataDir())
    expect(await listWorkspaces(next.db)).toEqual([])
    await next.close()
  })

  test('ST-113 a directory that has a store keeps it', async () => {
    await writeFile(join(home, 'qunhub.sqlite'), 'somebody’s')
    await expect(openDraftStore(home)).rejects.toThrow(TargetNotEmpty)
    expect(await readdir(home)).toContain('qunhub.sqlite')
  })
})

describe('the proof', () => {
  test('ST-114 it tells every difference, whatever the order of the rows', async () => {
    const scene = await Scene.in(embedded.db, seededRandom(1))
    for (const name of ['一', '二']) await scene.save(room(name, ['lin', 'zhang']))
    await copyStore(embedded.db, shared.db, unwatched)
    const proofs = async () => JSON.stringify(await proveStore(shared.db, 'as-it-stands'))
    const first = await proofs()
    expect(first).toBe(JSON.stringify(await proveStore(embedded.db, 'as-it-stands')))

    const changes = [
      `update chat set topic = topic || ' '`,
      `update chat_member set room_alias = ''`,
      'update chat_member set position = 7 - position',
      `delete from chat_member where position = (select max(position) from chat_member)`,
      `insert into tag values ((select id from workspace), 'x', 'x', 1)`,
      `update bot set token_sealed = token_sealed || '\\x00'`,
    ]
    for (const change of changes) {
      const found = await shared.db
        .write(async tx => {
          await tx.run({ sql: change, parameters: [] })
          throw new Found(JSON.stringify(await proveStore(tx, 'as-it-stands')))
        })
        .catch((thrown: unknown) => (thrown as Found).message)
      expect(found).not.toBe(first)
    }
    expect(await proofs()).toBe(first)
  })

  test('ST-114 rows that were written in another order have the same proof', async () => {
    const scene = await Scene.in(embedded.db, seededRandom(1))
    for (const name of ['VIP', '新客']) await scene.tag(name)
    await copyStore(embedded.db, shared.db, unwatched)
    // PostgreSQL writes a changed row anew, at the end of its table.
    await run(shared.db, `update tag set name = name where name = 'VIP'`)
    expect(await proveStore(shared.db, 'as-it-stands')).toEqual(await proveStore(embedded.db, 'as-it-stands'))
  })
})

describe('the numbers of callbacks', () => {
  const next = async ({ db, workspaceId }: Pick<Scene, 'db' | 'workspaceId'>, text: string) => {
    await db.write(tx => enqueueCallback(tx, workspaceId, owed(text), NOON))
    const [newest] = await listCallbacks(db, workspaceId, { limit: 1 })
    return newest!.id
  }

  test.each(['there', 'back'] as const)(
    'ST-115 one that was given is not given again, also when its callback is long pruned: %s',
    async way => {
      const [from, to] = way === 'there' ? [embedded.db, shared.db] : [shared.db, embedded.db]
      const scene = await Scene.in(from, seededRandom(1))
      await scene.listen()
      for (const text of ['a', 'b', 'c']) await next(scene, text)
      const last = await next(scene, 'd')
      await run(from, 'delete from callback_body')
      await run(from, 'delete from callback')
      await copyStore(from, to, unwatched)
      expect(await next({ db: to, workspaceId: scene.workspaceId }, 'e')).toBe(last + 1)
    },
  )
})

/** Carries what was found out of a write that is to be undone. */
class Found extends Error {}
