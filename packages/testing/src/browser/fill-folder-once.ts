import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes the folder if there is none. It is filled under another name and gets its own when it is whole, so that whoever sees
 * it may use it, and several processes may do so at once: the first one's stays.
 */
export async function fillFolderOnce(home: string, fill: (folder: string) => Promise<void>): Promise<void> {
  if (existsSync(home)) return
  await mkdir(dirname(home), { recursive: true })
  const folder = await mkdtemp(`${home}-`)
  try {
    await fill(folder)
    await rename(folder, home)
  } catch (failure) {
    await rm(folder, { recursive: true })
    if (!existsSync(home)) throw failure
  }
}
