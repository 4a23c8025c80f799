import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openStore, type Store } from '../../gateway/src/store/database/open-store.ts'

/** An empty SQLite store for one test, which is closed and removed when the test has finished. */
export async function openOwnStore(): Promise<Store> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-store-'))
  const store = await openStore({ dataDir })
  onTestFinished(async () => {
    await store.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  return store
}
