import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Readable for its owner only: what we keep is personal data and secrets. */
const OWNER_ONLY = 0o700

/**
 * Makes the directory and what is missing above it; one that is there stays as it is. Rejects with the error of the
 * system. Node's own recursive mkdir never ends where a file system lets nothing be made and says "no such file", as
 * /proc does: it goes up, finds the parent, and begins again.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdirOnce(path)
  } catch (failure) {
    const parent = dirname(path)
    if ((failure as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw failure
    await makeDirectory(parent)
    await mkdirOnce(path)
  }
}

async function mkdirOnce(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: OWNER_ONLY })
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'EEXIST') throw failure
  }
}
