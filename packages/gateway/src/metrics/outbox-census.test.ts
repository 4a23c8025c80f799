import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { expect, onTestFinished, test } from 'vitest'
import { enqueueCallback, keyring, NOON, owed, seededRandom } from '../store/contract/scene.contract.ts'
import { openStore } from '../store/database/open-store.ts'
import { setCallbackUrl } from '../store/outbox/callback-addresses.ts'
import { addWorkspace } from '../store/workspaces/workspaces.ts'
import { openOutboxCensus } from './outbox-census.ts'

test('MET-14 an address is named once its oldest callback has waited for ten seconds, and not before', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-census-'))
  const store = await openStore({ dataDir })
  onTestFinished(async () => {
    await store.close()
    await rm(dataDir, { recursive: true })
  })
  const random = seededRandom(1)
  const { id: workspaceId } = await addWorkspace(store.db, random, { name: '小组', at: NOON })
  const url = 'https://shop.example/hooks'
  const { addressId } = await setCallbackUrl(store.db, keyring, random, workspaceId, url, NOON)
  await store.db.write(tx => enqueueCallback(tx, workspaceId, owed('theirs'), NOON))

  const clock = new ManualClock(NOON + 9_999)
  const count = openOutboxCensus(store.db, clock)
  expect(await count()).toMatchObject({ oldestMs: 9_999, late: [] })
  clock.advance(5_001)
  expect(await count()).toMatchObject({
    oldestMs: 15_000,
    late: [{ workspaceId, addressId, oldestMs: 15_000 }],
  })
})
