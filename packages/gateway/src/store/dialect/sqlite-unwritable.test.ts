import { copyFile, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { NOON, seededRandom } from '../contract/scene.contract.ts'
import { openStore } from '../database/open-store.ts'
import { StoreUnwritable } from '../database/store-error.ts'
import { addWorkspace, listWorkspaces } from '../workspaces/workspaces.ts'
import { Connection } from './sqlite/connection.ts'
import { GroupCommit } from './sqlite/group-commit.ts'
import type { Ground, OpenTransaction } from './sqlite/queued-write.ts'
import { RESERVE_BYTES } from './sqlite/reserve.ts'

async function emptyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'qunhub-unwritable-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

async function openFresh() {
  const dataDir = join(await emptyDirectory(), 'data')
  const store = await openStore({ dataDir })
  onTestFinished(() => store.close())
  const random = seededRandom(1)
  return {
    db: store.db,
    dataDir,
    file: join(dataDir, 'qunhub.sqlite'),
    add: (name: string) => addWorkspace(store.db, random, { name, at: NOON }),
    names: async () => (await listWorkspaces(store.db)).map(({ name }) => name).sort(),
  }
}

/** Another program at the same file. */
function openOther(file: string): DatabaseSync {
  const other = new DatabaseSync(file)
  onTestFinished(() => {
    if (other.isOpen) other.close()
  })
  return other
}

describe('SQLite: while it takes no writes', () => {
  test('ST-141 while another program holds the lock reads are answered, and a write is kept when it lets go', async () => {
    const { db, file, add, names } = await openFresh()
    await add('before')
    const other = openOther(file)
    other.exec('begin immediate')

    let isKept = false
    const kept = add('meanwhile').then(() => {
      isKept = true
    })
    let isWritable = false
    const writable = db.requireWritable().then(() => {
      isWritable = true
    })
    // A hundred questions, each with a tick of the event loop: nothing stops the process.
    for (let n = 0; n < 100; n++) {
      expect(await names()).toEqual(['before'])
      await new Promise(resolve => setImmediate(resolve))
    }
    // Nor does a probe wait for it.
    await db.requireWritable({ atOnce: true })
    expect([isKept, isWritable]).toEqual([false, false])

    other.exec('rollback')
    await Promise.all([kept, writable])
    expect(await names()).toEqual(['before', 'meanwhile'])
  })

  test('ST-141 a write that waits too long for it is given up, and the store says so until a real write is kept', {
    timeout: 20_000,
  }, async () => {
    const { db, file, add, names } = await openFresh()
    const other = openOther(file)
    other.exec('begin immediate')
    await expect(add('too late')).rejects.toThrow(StoreUnwritable)
    await expect(db.requireWritable({ atOnce: true })).rejects.toThrow(StoreUnwritable)
    other.exec('rollback')
    await db.requireWritable()
    await add('next')
    expect(await names()).toEqual(['next'])
  })

  test('ST-142 nothing is kept in files that are gone; it goes on once they are back', async () => {
    const { db, dataDir, add, names } = await openFresh()
    await add('before')
    await db.requireWritable()
    await rename(dataDir, `${dataDir}-gone`)
    await expect(add('lost')).rejects.toThrow(StoreUnwritable)
    await expect(db.requireWritable()).rejects.toThrow(/is gone/)
    expect(await names()).toEqual(['before'])

    await rename(`${dataDir}-gone`, dataDir)
    await db.requireWritable()
    await add('after')
    expect(await names()).toEqual(['after', 'before'])
  })

  test('ST-142 nothing is kept beside another file that was put in its place, and that file is left alone', async () => {
    const { db, file, add } = await openFresh()
    await add('before')
    await copyFile(file, `${file}.restored`)
    await rename(`${file}.restored`, file)
    const { mtimeMs, size } = await stat(file)
    await expect(add('lost')).rejects.toThrow(/another file/)
    await expect(db.requireWritable()).rejects.toThrow(/restart Qunhub/)
    expect(await stat(file)).toMatchObject({ mtimeMs, size })
  })

  test('ST-142 a log that somebody removes is begun anew, and nothing of it is lost', async () => {
    const { db, dataDir, file, add, names } = await openFresh()
    await add('in the log')
    await rm(`${file}-wal`)
    await expect(add('refused')).rejects.toThrow(StoreUnwritable)
    await db.requireWritable()
    await add('after')
    expect(await names()).toEqual(['after', 'in the log'])

    // As a crash would leave it.
    const copy = await emptyDirectory()
    for (const name of await readdir(dataDir)) {
      if (name.startsWith('qunhub.sqlite')) await copyFile(join(dataDir, name), join(copy, name))
    }
    const found = await openStore({ dataDir: copy })
    onTestFinished(() => found.close())
    expect((await listWorkspaces(found.db)).map(({ name }) => name).sort()).toEqual(['after', 'in the log'])
  })

  test('ST-143 room is kept in reserve, and made whole again', async () => {
    const { db, file } = await openFresh()
    await db.requireWritable()
    expect(await stat(`${file}-reserve`)).toMatchObject({ size: RESERVE_BYTES })
    await rm(`${file}-reserve`)
    await db.requireWritable()
    expect(await stat(`${file}-reserve`)).toMatchObject({ size: RESERVE_BYTES })
  })

  test('ST-143 on a full disk what has happened already gets the reserve, and nothing else does', async () => {
    const file = join(await emptyDirectory(), 'full.sqlite')
    const connection = new Connection(file, { readOnly: false })
    onTestFinished(() => connection.close())
    connection.command('create table t (bytes blob)')
    connection.command('pragma max_page_count = 1')
    let reserves = 1
    const ground: Ground = {
      requireInPlace() {},
      async committed() {},
      makeRoom() {
        if (reserves === 0) return false
        reserves--
        connection.command('pragma max_page_count = 100')
        return true
      },
    }
    const run = async (statement: { sql: string; parameters: readonly unknown[] }) =>
      connection.run(statement)
    const commits = new GroupCommit(
      connection,
      () => ({ run, end() {}, written: 1 }) as unknown as OpenTransaction,
      ground,
    )
    const put = (bytes: number, isDone: boolean) =>
      commits.write(tx => tx.run({ sql: 'insert into t values (?)', parameters: [Buffer.alloc(bytes)] }), {
        afterTheFact: isDone,
      })

    const [usual, done] = await Promise.allSettled([put(40_000, false), put(50_000, true)])
    expect(usual).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnwritable) })
    expect(done.status).toBe('fulfilled')
    expect(commits.trouble).toBeInstanceOf(StoreUnwritable)
    await expect(put(1_000_000, true)).rejects.toThrow(StoreUnwritable)
    expect(connection.all({ sql: 'select length(bytes) as bytes from t', parameters: [] })).toEqual([
      { bytes: 50_000 },
    ])
  })
})
