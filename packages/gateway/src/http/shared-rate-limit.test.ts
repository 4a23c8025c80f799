import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openFreshDatabase } from '@qunhub/testing/postgres/fresh-database.ts'
import { expect, inject, onTestFinished, test } from 'vitest'
import type { Database } from '../store/database/database.ts'
import { openStore } from '../store/database/open-store.ts'
import { addWorkspace } from '../store/workspaces/workspaces.ts'
import { systemRandom } from '../system/random.ts'
import { REQUESTS_PER_WINDOW_MAX, WINDOW_MS } from './rate-limit.ts'
import { createSharedRateLimit } from './shared-rate-limit.ts'

const openShared = async () => {
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-limit-'))
  const { db, close } = await openStore({ dataDir, databaseUrl: database.url })
  onTestFinished(async () => {
    await close()
    await database.drop()
    await rm(dataDir, { recursive: true })
  })
  const { id: workspaceId } = await addWorkspace(db, systemRandom, { name: '小组', at: 0 })
  return { db, key: { workspaceId, tokenId: '1' } }
}

test('G-6 while the store takes no writes each node counts for itself, and asks it again after a second', async () => {
  const { db, key } = await openShared()
  let asked = 0
  let isReadOnly = true
  const readOnly: Database = {
    ...db,
    write: (work, options) =>
      db.write(async tx => {
        asked += 1
        if (isReadOnly) await tx.run({ sql: 'set transaction read only', parameters: [] })
        return work(tx)
      }, options),
  }
  const clock = new ManualClock()
  const limit = createSharedRateLimit({ db: readOnly, clock })
  const takes = await Promise.all(Array.from({ length: REQUESTS_PER_WINDOW_MAX + 2 }, () => limit.take(key)))
  expect(takes.filter(({ passed }) => passed)).toHaveLength(REQUESTS_PER_WINDOW_MAX)
  expect(takes.at(-1)).toEqual({ passed: false, retryAfterMs: WINDOW_MS })
  expect(asked).toBe(1)
  isReadOnly = false
  clock.advance(1000)
  expect(await limit.take(key)).toEqual({ passed: true })
  expect(asked).toBe(2)
})

test('G-6 nodes whose clocks are hours apart grant one limit together: the database’s clock counts', async () => {
  const { db, key } = await openShared()
  const limits = ['2026-11-27T08:00:00Z', '2026-11-27T11:00:00Z'].map(now =>
    createSharedRateLimit({ db, clock: new ManualClock(Date.parse(now)) }),
  )
  let passed = 0
  for (;;) {
    const takes = await Promise.all(limits.map(limit => limit.take(key)))
    passed += takes.filter(take => take.passed).length
    if (takes.every(take => !take.passed)) {
      for (const take of takes) {
        expect(take).toHaveProperty('retryAfterMs')
        const { retryAfterMs } = take as { retryAfterMs: number }
        expect(retryAfterMs).toBeGreaterThan(0)
        expect(retryAfterMs).toBeLessThanOrEqual(WINDOW_MS + 1000)
      }
      break
    }
  }
  expect(passed).toBeLessThanOrEqual(REQUESTS_PER_WINDOW_MAX)
  expect(passed).toBeGreaterThan(REQUESTS_PER_WINDOW_MAX - 30)
})
