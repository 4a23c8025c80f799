import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { expect, inject, onTestFinished, test } from 'vitest'
import type { Database } from './database.ts'
import { observed, type StoreOperation } from './observed-database.ts'
import { openStore } from './open-store.ts'
import { FenceLost } from './store-error.ts'

const ONE = { sql: 'select 1 as one', parameters: [] }

interface Told {
  readonly operation: StoreOperation
  readonly failure: string | null
}

async function openObserved(dialect: 'sqlite' | 'postgres'): Promise<{ db: Database; told: Told[] }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-observed-'))
  const fresh =
    dialect === 'postgres' ? await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate')) : null
  const store = await openStore({ dataDir, databaseUrl: fresh?.url })
  onTestFinished(async () => {
    await store.close()
    await fresh?.drop()
    await rm(dataDir, { recursive: true })
  })
  const told: Told[] = []
  const db = observed(store.db, {
    done: (operation, ms, failure) => {
      expect(ms).toBeGreaterThanOrEqual(0)
      told.push({ operation, failure })
    },
  })
  return { db, told }
}

for (const dialect of ['sqlite', 'postgres'] as const) {
  test(`MET-10 on ${dialect} a failure is told by its name and no other word of it`, async () => {
    const { db, told } = await openObserved(dialect)
    const fail = (failure: Error) => db.write(() => Promise.reject(failure))
    await expect(fail(new FenceLost('bot 1 is run by another node'))).rejects.toThrow(FenceLost)
    await expect(fail(new TypeError('canary'))).rejects.toThrow('canary')
    await expect(db.all({ sql: 'select canary from nowhere', parameters: [] })).rejects.toThrow()
    expect(told).toEqual([
      { operation: 'write', failure: 'FenceLost' },
      { operation: 'write', failure: 'other' },
      { operation: 'read', failure: 'StoreError' },
    ])
  })

  test(`MET-11 on ${dialect} a read counts once, a write once with all that it asks, and both answer as before`, async () => {
    const { db, told } = await openObserved(dialect)
    expect(await db.first(ONE)).toEqual({ one: 1 })
    expect(await db.all(ONE)).toEqual([{ one: 1 }])
    expect(await db.write(async tx => [await tx.first(ONE), await tx.all(ONE)])).toEqual([
      { one: 1 },
      [{ one: 1 }],
    ])
    expect(told.map(({ operation }) => operation)).toEqual(['read', 'read', 'write'])
    expect(db.load().connections).toBeGreaterThan(0)
  })
}
