import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const MEMORY_FOLDER = '/dev/shm'
const MEMORY_FREE_MIN_BYTES = 2 * 2 ** 30

/** Says to tests whose TMPDIR is in memory where the disk is. */
export const DISK_TMPDIR = 'QUNHUB_TEST_DISK_TMPDIR'

/** In memory where there is room for many stores: a commit there is no wait for a disk. */
export function fastFolder(): string {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER)
    return bavail * bsize >= MEMORY_FREE_MIN_BYTES ? MEMORY_FOLDER : tmpdir()
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'ENOENT') throw failure
    return tmpdir()
  }
}

/** For what has to be on a disk, or be run from where it is. */
export const diskFolder = (): string => process.env[DISK_TMPDIR] ?? tmpdir()
