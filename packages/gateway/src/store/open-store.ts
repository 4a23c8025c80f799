import { join } from 'node:path'
import { makeDirectory } from '../model/make-directory.ts'
import type { Database } from './database.ts'
import { openSqlite } from './dialect/sqlite.ts'
import { lockDirectory } from './dialect/sqlite/directory-lock.ts'
import { migrate, requireNewestSchema } from './migrate.ts'

export interface StoreSettings {
  /** Made if it is missing. */
  readonly dataDir: string
  /** Bring an older schema up to date; otherwise it is refused with StoreTooOld. Default true. */
  readonly migrate?: boolean
}

export interface Store {
  readonly db: Database
  /** Finishes the writes that wait and frees the data directory for the next process. Asked again, it waits for the same end. */
  close(): Promise<void>
}

/**
 * Opens the store of a data directory for this process alone. Rejects with StoreLocked when another process has it,
 * with StoreTooNew when a newer Qunhub wrote it.
 */
export async function openStore({ dataDir, migrate: mayMigrate = true }: StoreSettings): Promise<Store> {
  await makeDirectory(dataDir)
  const lock = lockDirectory(dataDir)
  let db: Database | undefined
  try {
    db = openSqlite(join(dataDir, 'qunhub.sqlite'))
    if (mayMigrate) await migrate(db)
    else await requireNewestSchema(db)
  } catch (failure) {
    await db?.close()
    lock.release()
    throw failure
  }
  let closing: Promise<void> | undefined
  const close = async () => {
    await db.close()
    lock.release()
  }
  return { db, close: () => (closing ??= close()) }
}
