import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError, StoreLocked } from '../../database/store-error.ts'

/** SQLITE_BUSY: somebody else holds the lock. */
const BUSY = 5

/**
 * Keeps a second process out of a data directory (two couriers on one outbox would send everything twice).
 *
 * The lock is an exclusive transaction on a file of its own, held for life. Underneath it is a lock of the operating
 * system, which dies with the process, so a `kill -9` leaves nothing to clean up. Nobody else may open that file inside
 * this process: closing any handle on it would drop the lock.
 */
export function lockDirectory(dataDir: string): { release(): void } {
  const file = new DatabaseSync(join(dataDir, 'lock.sqlite'), { timeout: 0 })
  try {
    file.exec('pragma locking_mode = exclusive; begin exclusive')
  } catch (cause) {
    file.close()
    if (!isBusy(cause))
      throw new StoreError(`无法锁定数据目录 / cannot lock the data directory: ${dataDir}`, { cause })
    throw new StoreLocked(
      `数据目录正被另一个 Qunhub 进程使用, 请先停止它, 或换一个 QUNHUB_DATA_DIR / another Qunhub process works in ${dataDir}: stop it first, or choose another QUNHUB_DATA_DIR`,
      { cause },
    )
  }
  return { release: () => file.close() }
}

const isBusy = (cause: unknown): boolean =>
  cause instanceof Error && 'errcode' in cause && cause.errcode === BUSY
