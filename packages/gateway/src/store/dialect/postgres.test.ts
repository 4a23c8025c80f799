import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, inject, onTestFinished } from 'vitest'
import { openFreshDatabase } from '../../../testing/postgres/fresh-database.ts'
import { outboxContract } from '../contract/outbox.contract.ts'
import { openStore, type Store } from '../open-store.ts'
import { storeContract } from '../store.contract.ts'

async function openFresh(): Promise<Store> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-store-'))
  const database = await openFreshDatabase(inject('postgresUrl'), inject('postgresTemplate'))
  onTestFinished(async () => {
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  })
  return openStore({ dataDir, databaseUrl: database.url })
}

storeContract('the store on PostgreSQL', openFresh)
describe('the outbox on PostgreSQL', () => outboxContract(openFresh))
