import { chown, readFile } from 'node:fs/promises'

export interface RunAs {
  readonly uid: number
  readonly gid: number
}

/** Who runs programs that refuse to be run by root, or should not be; undefined where this process is not root's. */
export async function runAsNobody(): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const users = await readFile('/etc/passwd', 'utf8')
  const [, , uid, gid] =
    users
      .split('\n')
      .find(line => line.startsWith('nobody:'))
      ?.split(':') ?? []
  if (uid === undefined || gid === undefined) throw new Error('there is no user nobody to run it')
  return { uid: Number(uid), gid: Number(gid) }
}

/** Gives files or folders to whoever runs a program. */
export async function giveTo(as: RunAs | undefined, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) if (as) await chown(path, as.uid, as.gid)
}
