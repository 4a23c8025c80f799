import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { enqueueCallback, NOON, owed, Scene, seededRandom } from '../contract/scene.contract.ts'
import type { Database } from '../database/database.ts'
import { openStore } from '../database/open-store.ts'
import { newestCallback } from '../outbox/tail-callbacks.ts'

async function emptyDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'qunhub-numbers-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

type Owner = Pick<Scene, 'db' | 'workspaceId'>

const owe = ({ db, workspaceId }: Owner) => db.write(tx => enqueueCallback(tx, workspaceId, owed('a'), NOON))

async function next(owner: Owner): Promise<number> {
  await owe(owner)
  return newestCallback(owner.db, owner.workspaceId)
}

const forgetAll = (db: Database, beyond = 0) =>
  db.write(tx => tx.run(tx.query.deleteFrom('callback').where('id', '>', beyond).compile()))

test('ST-152 a number does not come again when the newest callbacks are gone, nor after a restart; each workspace has its own', async () => {
  const dataDir = await emptyDirectory()
  const first = await openStore({ dataDir })
  const one = await Scene.in(first.db, seededRandom(1))
  const other = await Scene.in(first.db, seededRandom(2))
  for (const scene of [one, other]) await scene.listen()
  for (const number of [1, 2, 3]) expect(await next(one)).toBe(number)
  expect(await next(other)).toBe(1)
  await forgetAll(first.db, 2)
  expect(await next(one)).toBe(4)
  await forgetAll(first.db)
  await first.close()

  const { db, close } = await openStore({ dataDir })
  expect(await next({ db, workspaceId: one.workspaceId })).toBe(5)
  expect(await next({ db, workspaceId: other.workspaceId })).toBe(2)
  // Not the highest: what is counted stays as it was.
  await db.write(tx => tx.run(tx.query.deleteFrom('callback').where('id', '=', 2).compile()))
  expect(await next({ db, workspaceId: one.workspaceId })).toBe(6)
  await close()
})

test('ST-152 what is undone takes its number with it, also what forgot the newest; what is done beside it keeps its own', async () => {
  const { db, close } = await openStore({ dataDir: await emptyDirectory() })
  const scene = await Scene.in(db, seededRandom(1))
  await scene.listen()
  await owe(scene)
  const undone = db.write(async tx => {
    await enqueueCallback(tx, scene.workspaceId, owed('b'), NOON)
    await tx.run(tx.query.deleteFrom('callback').compile())
    throw new Error('undone')
  })
  await Promise.all([expect(undone).rejects.toThrow('undone'), owe(scene), owe(scene)])
  const ids = await db.all(db.query.selectFrom('callback').select('id').orderBy('id').compile())
  expect(ids.map(({ id }) => id)).toEqual([1, 2, 3])
  await close()
})
