import { describe, expect, test } from 'vitest'
import { StoreError, StoreOutgrown, StoreTooNew, StoreTooOld } from '../database/store-error.ts'
import { migrate, requireNewestSchema } from '../schema/migrate.ts'
import { migrations } from '../schema/migrations/all.ts'
import { listWorkspaces } from '../workspaces/workspaces.ts'
import { NOON, type OpenStore, Scene } from './scene.contract.ts'

/** How the schema comes to be, and grows. */
export function schemaContract(open: OpenStore): void {
  const opened = async () => (await open()).db
  const newest = migrations.at(-1)!.version
  const step = (version: number, sql: string) => ({
    version,
    name: `step-${version}`,
    sqlite: [sql],
    postgres: [sql],
  })

  describe('migrate', () => {
    test('ST-50 steps are numbered 1, 2, 3 … without gaps', () => {
      expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, at) => at + 1))
    })

    test('ST-51 a schema newer than the code is refused, naming both versions, and nothing is changed', async () => {
      const db = await opened()
      const newer = [...migrations, step(newest + 1, 'create table later (workspace_id integer primary key)')]
      await migrate(db, { migrations: newer, at: NOON })
      const refused = migrate(db)
      await expect(refused).rejects.toThrow(StoreTooNew)
      await expect(refused).rejects.toThrow(new RegExp(`${newest + 1}.*${newest}`))
      await expect(requireNewestSchema(db)).rejects.toThrow(StoreTooNew)
      expect(await migrate(db, { migrations: newer })).toEqual({
        from: newest + 1,
        to: newest + 1,
        steps: [],
      })
    })

    test('ST-52 an older schema is refused by whoever may not migrate it', async () => {
      const db = await opened()
      const newer = [...migrations, step(newest + 1, 'create table later (workspace_id integer primary key)')]
      await requireNewestSchema(db)
      await expect(requireNewestSchema(db, newer)).rejects.toThrow(StoreTooOld)
      await expect(requireNewestSchema(db, newer)).rejects.toThrow('qunhub migrate')
    })

    test('ST-53 a second time there is nothing to do', async () => {
      const db = await opened()
      expect(await migrate(db)).toEqual({ from: newest, to: newest, steps: [] })
    })

    test('ST-56 of several that migrate at once, one takes the steps and the others find them taken', async () => {
      const db = await opened()
      const newer = [...migrations, step(newest + 1, 'create table later (workspace_id integer primary key)')]
      const done = await Promise.all([1, 2, 3, 4].map(() => migrate(db, { migrations: newer })))
      expect(done.map(({ to }) => to)).toEqual(Array(4).fill(newest + 1))
      expect(done.flatMap(({ steps }) => steps)).toEqual([`step-${newest + 1}`])
    })

    test('ST-54 a step that fails leaves none of the steps behind, and the data as it was', async () => {
      const { db } = await Scene.open(open)
      const broken = [
        ...migrations,
        step(newest + 1, 'create table later (workspace_id integer primary key)'),
        step(newest + 2, 'create table oops ('),
      ]
      await expect(migrate(db, { migrations: broken })).rejects.toThrow(StoreError)
      expect(await migrate(db, { migrations: broken.slice(0, -1) })).toEqual({
        from: newest,
        to: newest + 1,
        steps: [`step-${newest + 1}`],
      })
      expect(await listWorkspaces(db)).toHaveLength(1)
    })

    test('ST-57 a schema from before the first release is refused, naming the last commit able to copy it, and nothing is changed', async () => {
      const { db } = await Scene.open(open)
      for (const old of [1, 12]) {
        await db.write(async tx => {
          await tx.run(tx.query.deleteFrom('schema_version').compile())
          const steps = Array.from({ length: old }, (_, at) => ({
            version: at + 1,
            name: at === 0 ? 'first-tables' : `step-${at + 1}`,
            applied_at: NOON,
          }))
          await tx.run(tx.query.insertInto('schema_version').values(steps).compile())
        })
        for (const refused of [() => migrate(db), () => requireNewestSchema(db)]) {
          await expect(refused()).rejects.toThrow(StoreOutgrown)
          await expect(refused()).rejects.toThrow(new RegExp(`^数据由.*schema ${old}\\).*4d81cca`))
        }
        expect(await db.all(db.query.selectFrom('schema_version').select('version').compile())).toHaveLength(
          old,
        )
        expect(await listWorkspaces(db)).toHaveLength(1)
      }
    })
  })
}
