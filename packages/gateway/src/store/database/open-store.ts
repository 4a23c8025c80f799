import { join } from 'node:path'
import { type Log, silentLog } from '../../system/log.ts'
import { makeDirectory } from '../../system/make-directory.ts'
import { lockDirectory } from '../dialect/sqlite/directory-lock.ts'
import { openSqlite } from '../dialect/sqlite.ts'
import { type Migrated, migrate, requireNewestSchema } from '../schema/migrate.ts'
import type { Database } from './database.ts'

export interface StoreSettings {
  /** Where the embedded store lies, and what else belongs to this process alone. Made if it is missing. */
  readonly dataDir: string
  /** `postgres://…`: the store is there, and other gateways may share it. Without it, it is in the data directory. */
  readonly databaseUrl?: string | undefined
  /** Keep every other process that says so out of the data directory, although the store is not in it. */
  readonly alone?: boolean
  /** Connections to PostgreSQL at most. */
  readonly connectionsMax?: number
  /** Bring an older schema up to date; otherwise it is refused with StoreTooOld. Default true. */
  readonly migrate?: boolean
  readonly log?: Log
}

export interface Store {
  readonly db: Database
  /** What was done to the schema at opening; null where it was only looked at. */
  readonly migrated: Migrated | null
  /** Finishes the writes that wait and frees the data directory for the next process. Asked again, it waits for the same end. */
  close(): Promise<void>
}

const CONNECTIONS_MAX = 10

/**
 * Opens the store: the embedded one for this process alone, or PostgreSQL. Rejects with StoreLocked when another process
 * has the data directory to itself, with StoreTooNew when a newer Qunhub wrote the store, with StoreAway when PostgreSQL does not
 * answer.
 */
export async function openStore(settings: StoreSettings): Promise<Store> {
  await makeDirectory(settings.dataDir)
  const { db, release } = settings.databaseUrl
    ? await openShared(settings, settings.databaseUrl)
    : openEmbedded(settings)
  let migrated: Migrated | null = null
  try {
    if (settings.migrate ?? true) migrated = await migrate(db)
    else await requireNewestSchema(db)
  } catch (failure) {
    await db.close()
    release()
    throw failure
  }
  let closing: Promise<void> | undefined
  const close = async () => {
    await db.close()
    release()
  }
  return { db, migrated, close: () => (closing ??= close()) }
}

function openEmbedded({ dataDir }: StoreSettings): { db: Database; release: () => void } {
  const lock = lockDirectory(dataDir)
  try {
    return { db: openSqlite(join(dataDir, 'qunhub.sqlite')), release: () => lock.release() }
  } catch (failure) {
    lock.release()
    throw failure
  }
}

async function openShared(
  { dataDir, alone = false, connectionsMax = CONNECTIONS_MAX, log = silentLog }: StoreSettings,
  url: string,
): Promise<{ db: Database; release: () => void }> {
  // Whoever keeps his store in the directory does not wait for it to be read.
  const { openPostgres } = await import('../dialect/postgres.ts')
  const lock = alone ? lockDirectory(dataDir) : null
  try {
    const db = openPostgres({
      url,
      connectionsMax,
      onLoss: fault => log.warn({ fault: fault.name }, 'an idle connection to the database broke'),
    })
    return { db, release: () => lock?.release() }
  } catch (failure) {
    lock?.release()
    throw failure
  }
}
