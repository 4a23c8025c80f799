import { type FileHandle, open, stat } from 'node:fs/promises'

/**
 * Which directory a path leads to, whatever the path: a link, a mount or a new name lead to the same one, a copy or a
 * snapshot is another. Rejects with the error of the system.
 */
export async function identityOf(path: string): Promise<string> {
  return nameOf(await stat(path, { bigint: true }))
}

/** A directory that stays the one it is: while it is held open, no other can be given its number. */
export interface OpenDirectory {
  readonly identity: string
  release(): Promise<void>
}

export async function openDirectory(path: string): Promise<OpenDirectory> {
  const handle: FileHandle = await open(path, 'r')
  try {
    return { identity: nameOf(await handle.stat({ bigint: true })), release: () => handle.close() }
  } catch (failure) {
    await handle.close()
    throw failure
  }
}

// Directories have no second links, so that even a copy made of hard links is known for one.
const nameOf = ({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string => `${dev}:${ino}`
