/** A file that is whole is given its name, on the disk, and never in the place of another. */
import { constants } from 'node:fs'
import { copyFile, link, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What a file system says that knows no hard links: exFAT, some of those of a network. */
const LINKLESS = new Set<unknown>(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** Rejects with EEXIST of the system where the target is there. */
export async function nameWhole(draft: string, target: string, linking = link): Promise<void> {
  try {
    // Unlike a rename it fails where something is there.
    await linking(draft, target)
  } catch (failure) {
    if (!LINKLESS.has((failure as NodeJS.ErrnoException).code)) throw failure
    await copyWhole(draft, target)
  }
  await flush(dirname(target))
}

/** For a while the target is not whole; what came of a copy that failed is taken away again. */
async function copyWhole(draft: string, target: string): Promise<void> {
  try {
    await copyFile(draft, target, constants.COPYFILE_EXCL)
    await flush(target)
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code !== 'EEXIST') await rm(target, { force: true })
    throw failure
  }
}

/** Of a directory, too: a name that was given is on the disk only then. */
export async function flush(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}
