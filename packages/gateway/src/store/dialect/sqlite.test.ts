import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { hex24 } from '../../system/random.ts'
import { keyring, NOON, Scene, seededRandom } from '../contract/scene.contract.ts'
import { storeContract } from '../contract/store.contract.ts'
import type { Transaction } from '../database/database.ts'
import { openStore, type Store } from '../database/open-store.ts'
import {
  StoreBusy,
  StoreError,
  StoreLocked,
  StoreTooOld,
  WRITES_QUEUED_MAX,
  WriteMisused,
} from '../database/store-error.ts'
import { findToken, issueToken } from '../workspaces/tokens.ts'
import { addWorkspace, listWorkspaces } from '../workspaces/workspaces.ts'
import { SLICE_MS_MAX } from './sqlite/pace.ts'

async function emptyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'qunhub-store-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

const openFresh = async (): Promise<Store> => {
  const store = await openStore({ dataDir: await emptyDirectory() })
  onTestFinished(() => store.close())
  return store
}

storeContract('the store on SQLite', openFresh)

describe('SQLite: group commit', () => {
  test('ST-70 a work that awaits anything but its tx is undone and rejected; the others of the moment are kept', async () => {
    const { db, random } = await Scene.open(openFresh)
    const never = new Promise<void>(() => {})
    const outcomes = await Promise.allSettled([
      addWorkspace(db, random, { name: 'before', at: NOON }),
      db.write(async tx => {
        await tx.run(tx.query.deleteFrom('bot').compile())
        await never
      }),
      addWorkspace(db, random, { name: 'after', at: NOON + 1 }),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[1]).toMatchObject({ reason: expect.any(WriteMisused) })
    expect((await listWorkspaces(db)).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['before', 'after']),
    )
    expect(await db.all(db.query.selectFrom('bot').select('id').compile())).toHaveLength(1)
  })

  test('ST-71 when COMMIT fails, all writes of the moment hear it, nothing of them is kept, and the next ones go on', async () => {
    const { db, random } = await Scene.open(openFresh)
    const outcomes = await Promise.allSettled([
      addWorkspace(db, random, { name: 'innocent', at: NOON }),
      db.write(async tx => {
        // Checked at COMMIT, after the work has ended well.
        await tx.run({ sql: 'pragma defer_foreign_keys = on', parameters: [] })
        await tx.run(
          tx.query
            .insertInto('tag')
            .values({ workspace_id: 'none', id: 't', name: 't', ordinal: 1 })
            .compile(),
        )
      }),
    ])
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { name: 'StoreError', cause: { name: 'StoreError' } } },
      { status: 'rejected', reason: { name: 'StoreError' } },
    ])
    await addWorkspace(db, random, { name: 'next', at: NOON })
    expect((await listWorkspaces(db)).map(({ name }) => name).sort()).toEqual(['next', '小组'])
  })

  test('ST-70 many works that throw are undone alone, and neither run again and again nor take a commit each', async () => {
    const { db, random } = await Scene.open(openFresh)
    const runs = new Map<number, number>()
    const works = Array.from({ length: 40 }, (_, n) =>
      db.write(async tx => {
        runs.set(n, (runs.get(n) ?? 0) + 1)
        const row = { id: hex24(random), name: `n${n}`, created_at: NOON }
        await tx.run(tx.query.insertInto('workspace').values(row).compile())
        if (n % 2 === 0) throw new Error('not this one')
      }),
    )
    const outcomes = await Promise.allSettled(works)
    expect(outcomes.map(({ status }) => status)).toEqual(
      outcomes.map((_, n) => (n % 2 === 0 ? 'rejected' : 'fulfilled')),
    )
    expect(await listWorkspaces(db)).toHaveLength(1 + 20)
    // The first throws, and from then on each has its savepoint; another batch may begin where this machine is slow.
    expect([...runs.values()].filter(count => count > 1).length).toBeLessThan(5)
  })

  test('ST-70 a work that throws before it has written needs no undo: the others of the moment run once and are kept', async () => {
    const { db, random } = await Scene.open(openFresh)
    let runs = 0
    const works = Array.from({ length: 40 }, (_, n) =>
      db.write(async tx => {
        runs++
        await tx.first(tx.query.selectFrom('workspace').select('id').compile())
        if (n % 2 === 0) throw new Error('not this one')
        const row = { id: hex24(random), name: `n${n}`, created_at: NOON }
        await tx.run(tx.query.insertInto('workspace').values(row).compile())
      }),
    )
    const outcomes = await Promise.allSettled(works)
    expect(outcomes.map(({ status }) => status)).toEqual(
      outcomes.map((_, n) => (n % 2 === 0 ? 'rejected' : 'fulfilled')),
    )
    expect(await listWorkspaces(db)).toHaveLength(1 + 20)
    expect(runs).toBe(40)
  })

  test.each<[string, (tx: Transaction) => Promise<unknown>]>([
    ['run', tx => tx.run({ sql: `update workspace set name = 'half'`, parameters: [] })],
    ['first', tx => tx.first({ sql: `update workspace set name = 'half' returning id`, parameters: [] })],
    [
      'all, behind a WITH',
      tx =>
        tx.all({
          sql: `with every as (select id from workspace)
            update workspace set name = 'half' where id in (select id from every) returning id`,
          parameters: [],
        }),
    ],
  ])('ST-70 a work that throws after it wrote is undone: %s', async (_how, write) => {
    const { db, random } = await Scene.open(openFresh)
    const outcomes = await Promise.allSettled([
      db.write(async tx => {
        await write(tx)
        throw new Error('not this one')
      }),
      addWorkspace(db, random, { name: 'after', at: NOON }),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect((await listWorkspaces(db)).map(({ name }) => name).sort()).toEqual(['after', '小组'])
  })

  test('ST-118 works that take long let others have a turn between them, who see nothing until all are committed', async () => {
    const { db } = await Scene.open(openFresh)
    const before = (await listWorkspaces(db)).length
    // Time passes while they work, and not while a busy machine lets this process wait.
    let at = performance.now()
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => at)
    onTestFinished(() => clock.mockRestore())
    const seen: number[] = []
    let areWriting = true
    const reader = (async () => {
      while (areWriting) {
        seen.push((await listWorkspaces(db)).length - before)
        await new Promise(resolve => setImmediate(resolve))
      }
    })()
    const ticks: number[] = []
    const works = Array.from({ length: 3 }, (_, n) =>
      db.write(async tx => {
        ticks.push(seen.length)
        await tx.run({
          sql: 'insert into workspace (id, name, created_at) values (?, ?, ?)',
          parameters: [`long${n}`, '', NOON],
        })
        at += SLICE_MS_MAX
      }),
    )
    await Promise.all(works)
    areWriting = false
    await reader
    expect(new Set(ticks).size).toBe(3)
    expect(new Set(seen)).toEqual(new Set([0]))
    expect((await listWorkspaces(db)).length - before).toBe(3)
  })

  test('ST-72 a full disk rejects what does not fit, and the store goes on once there is room', async () => {
    const { db, random, workspaceId } = await Scene.open(openFresh)
    const limit = (pages: number) =>
      db.write(async tx => tx.first({ sql: `pragma max_page_count = ${pages}`, parameters: [] }))
    await limit(1)
    const bytes = Buffer.alloc(4_000_000)
    const tooMuch = db.write(tx =>
      tx.run(
        tx.query.insertInto('callback_body').values({ workspace_id: workspaceId, id: 1, bytes }).compile(),
      ),
    )
    await expect(tooMuch).rejects.toThrow(StoreError)
    await limit(1_000_000)
    await addWorkspace(db, random, { name: 'next', at: NOON })
    expect(await listWorkspaces(db)).toHaveLength(2)
    expect(await db.all(db.query.selectFrom('callback_body').select('id').compile())).toEqual([])
  })

  test('ST-72 when the transaction ends under a work, all that ran in it hear so and nothing of it is kept', async () => {
    const { db, random } = await Scene.open(openFresh)
    const outcomes = await Promise.allSettled([
      addWorkspace(db, random, { name: 'before', at: NOON }),
      // As a full disk does it, and some works may not even notice.
      db.write(tx => tx.run({ sql: 'rollback', parameters: [] })),
      addWorkspace(db, random, { name: 'after', at: NOON }),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect((await listWorkspaces(db)).map(({ name }) => name).sort()).toEqual(['after', '小组'])
  })

  test('ST-72 what a work still asks when its transaction has ended under it is refused, not committed by itself', async () => {
    const { db, random } = await Scene.open(openFresh)
    const outcomes = await Promise.allSettled([
      db.write(async tx => {
        await tx.run({ sql: 'rollback', parameters: [] })
        // Under a name that may come twice: the work may be run again.
        const row = { id: hex24(random), name: 'stray', created_at: NOON }
        await tx.run(tx.query.insertInto('workspace').values(row).compile())
      }),
      addWorkspace(db, random, { name: 'after', at: NOON }),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect((await listWorkspaces(db)).map(({ name }) => name).sort()).toEqual(['after', '小组'])
  })

  test('ST-73 beyond its bound the queue of writes refuses, and what was queued is written', async () => {
    const { db } = await Scene.open(openFresh)
    const queued = Array.from({ length: WRITES_QUEUED_MAX }, () => db.write(async () => 1))
    await expect(db.write(async () => 1)).rejects.toThrow(StoreBusy)
    expect(await Promise.all(queued)).toHaveLength(WRITES_QUEUED_MAX)
    expect(await db.write(async () => 'again')).toBe('again')
  })
})

describe('SQLite: the data directory', () => {
  test('ST-74 an older schema is not touched where migrating is not asked for', async () => {
    const dataDir = await emptyDirectory()
    await expect(openStore({ dataDir, migrate: false })).rejects.toThrow(StoreTooOld)
    await (await openStore({ dataDir })).close()
    await (await openStore({ dataDir, migrate: false })).close()
  })

  test('ST-75 a second opening is refused, also within one process, until the first is closed', async () => {
    const dataDir = await emptyDirectory()
    const first = await openStore({ dataDir })
    await expect(openStore({ dataDir })).rejects.toThrow(StoreLocked)
    await expect(openStore({ dataDir })).rejects.toThrow(/^数据目录正被另一个 Qunhub 进程使用/)
    await first.close()
    await (await openStore({ dataDir })).close()
  })

  test('ST-76 what was written is there when the store is opened again', async () => {
    const dataDir = await emptyDirectory()
    const first = await openStore({ dataDir })
    const added = await addWorkspace(first.db, seededRandom(1), { name: '小组', at: NOON })
    await first.close()
    const second = await openStore({ dataDir })
    onTestFinished(() => second.close())
    expect(await listWorkspaces(second.db)).toEqual([added])
  })

  test('ST-77 the directory is made, for its owner only', async () => {
    const dataDir = join(await emptyDirectory(), 'deep', 'data')
    await (await openStore({ dataDir })).close()
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
  })

  test('ST-78 no token and no puppet token stands in the file', async () => {
    const dataDir = await emptyDirectory()
    const store = await openStore({ dataDir })
    const scene = await Scene.in(store.db, seededRandom(1))
    const { token } = await issueToken(store.db, keyring, scene.random, scene.workspaceId, {
      label: '商城',
      at: NOON,
    })
    expect(await findToken(store.db, keyring, token)).toBeDefined()
    await store.close()
    const file = await readFile(join(dataDir, 'qunhub.sqlite'))
    expect(file.includes('商城')).toBe(true)
    expect(file.includes(token)).toBe(false)
    expect(file.includes('puppet_token_1')).toBe(false)
  })
})

describe('SQLite: the schema', () => {
  // Excepted: the workspace's own id is its key, and the schema's version and people belong to no workspace.
  const keysOfTheirOwn = [
    ...['workspace', 'schema_version', 'node', 'installation'],
    ...['person', 'person_session', 'setup_code', 'audit_entry'],
  ]

  test('ST-79 every primary key begins with workspace_id, but of the tables that belong to no workspace', async () => {
    const { db } = await Scene.open(openFresh)
    const columns = await db.all<{ table: string; column: string; position: number }>({
      sql: `select sqlite_master.name as "table", info.name as "column", info.pk as position
        from sqlite_master join pragma_table_info(sqlite_master.name) as info
        where sqlite_master.type = 'table' and sqlite_master.name not like 'sqlite_%' and info.pk > 0`,
      parameters: [],
    })
    const leading = columns.filter(({ position, table }) => position === 1 && !keysOfTheirOwn.includes(table))
    expect(leading.length).toBeGreaterThanOrEqual(14)
    expect(leading.filter(({ column }) => column !== 'workspace_id')).toEqual([])
  })

  test('ST-82 every column is named by a statement: none is kept that nobody writes or reads', async () => {
    const { db } = await Scene.open(openFresh)
    const columns = await db.all<{ table: string; column: string }>({
      sql: `select sqlite_master.name as "table", info.name as "column"
        from sqlite_master join pragma_table_info(sqlite_master.name) as info
        where sqlite_master.type = 'table' and sqlite_master.name not like 'sqlite_%'`,
      parameters: [],
    })
    const folder = resolve(import.meta.dirname, '..')
    const statements = globSync('**/*.ts', { cwd: folder })
      .filter(file => !/^(schema\/(migrations\/|tables\.ts)|contract\/)|\.(test|contract)\.ts$/.test(file))
      .map(file => readFileSync(resolve(folder, file), 'utf8'))
      .join('\n')
    const words = new Set(statements.match(/\w+/g))
    expect(columns.length).toBeGreaterThan(100)
    expect(columns.filter(({ column }) => !words.has(column))).toEqual([])
  })

  test('ST-80 commits are synced to the disk, and references are checked', async () => {
    const { db, workspaceId } = await Scene.open(openFresh)
    const pragma = (name: string) => db.write(tx => tx.first({ sql: `pragma ${name}`, parameters: [] }))
    expect(await pragma('synchronous')).toEqual({ synchronous: 2 })
    expect(await pragma('journal_mode')).toEqual({ journal_mode: 'wal' })
    const orphan = { workspace_id: workspaceId, chat_id: 'none', wxid: 'lin', position: 0 }
    await expect(
      db.write(tx => tx.run(tx.query.insertInto('chat_member').values(orphan).compile())),
    ).rejects.toThrow('FOREIGN KEY')
  })
})
