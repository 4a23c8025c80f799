/**
 * An embedded store that is being filled lies in a folder of its own inside the data directory, where no gateway looks.
 * Once it is whole its file is moved to its place in one step. What a crash leaves of a draft goes with the next one.
 */
import { access, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '../../system/make-directory.ts'
import type { Database } from '../database/database.ts'
import { openStore } from '../database/open-store.ts'
import { StoreError } from '../database/store-error.ts'
import { lockDirectory } from '../dialect/sqlite/directory-lock.ts'
import { TargetNotEmpty } from './copy-store.ts'

const DRAFT_FOLDER = 'copy.draft'
const FILE = 'qunhub.sqlite'

export interface DraftStore {
  readonly db: Database
  /** Makes it the store of the data directory, safe on disk. */
  keep(): Promise<void>
  /** Removes it, unless it was kept, and frees the data directory. */
  close(): Promise<void>
}

/** Rejects with StoreLocked when another process has the data directory, with TargetNotEmpty when a store is there. */
export async function openDraftStore(dataDir: string): Promise<DraftStore> {
  await makeDirectory(dataDir)
  const lock = lockDirectory(dataDir)
  const folder = join(dataDir, DRAFT_FOLDER)
  try {
    if (await isThere(join(dataDir, FILE))) {
      throw new TargetNotEmpty(
        `${dataDir} 中已有数据, 请换一个空的 --data-dir / there is a store in ${dataDir} already: choose an empty --data-dir`,
      )
    }
    await rm(folder, { recursive: true, force: true })
    const store = await openStore({ dataDir: folder })
    return {
      db: store.db,
      async keep() {
        await store.close()
        // Closing moves everything from the log into the file; without it the file alone would lack the end.
        if (await isThere(join(folder, `${FILE}-wal`)))
          throw new StoreError(`日志未能并入数据库 / the log could not be merged into ${join(folder, FILE)}`)
        await rename(join(folder, FILE), join(dataDir, FILE))
        await syncDirectory(dataDir)
      },
      async close() {
        await store.close()
        await rm(folder, { recursive: true, force: true })
        lock.release()
      },
    }
  } catch (failure) {
    lock.release()
    throw failure
  }
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
