import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openStore } from '../../../gateway/src/store/database/open-store.ts'
import { openFreshDatabase } from './fresh-database.ts'
import { dropLentDatabases } from './lent-database.ts'
import { openPostgresServer } from './server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A server where tests make databases of their own. */
    readonly postgresUrl: string
    /** A database of it that has the newest schema and no rows, to be copied. */
    readonly postgresTemplate: string
  }
}

/** One PostgreSQL for the whole run: the one that npm brings, or the one of QUNHUB_TEST_DATABASE_URL. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.QUNHUB_TEST_DATABASE_URL
  const server = given ? null : await openPostgresServer()
  const serverUrl = given ?? server!.url
  const template = await openFreshDatabase(serverUrl)
  await migrateOnce(template.url)
  const templateName = new URL(template.url).pathname.slice(1)
  project.provide('postgresUrl', serverUrl)
  project.provide('postgresTemplate', templateName)
  return async () => {
    // The server that npm brings goes with all that is in it.
    if (given) await dropLentDatabases(serverUrl, templateName)
    await template.drop()
    await server?.remove()
  }
}

async function migrateOnce(databaseUrl: string): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'qunhub-template-'))
  const store = await openStore({ dataDir, databaseUrl })
  await store.close()
  await rm(dataDir, { recursive: true })
}
