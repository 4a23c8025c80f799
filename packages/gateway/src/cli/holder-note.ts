import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { findDoorNote } from '../operator/door-note.ts'
import { identityOf } from '../system/directory-identity.ts'

const HOLDER_NOTE_FILE = 'holder.json'

/** Who works in a data directory: a gateway, or one command of the CLI. For messages only; the store's lock decides. */
const HolderNote = z.object({
  pid: z.int().positive(),
  command: z.string(),
  directory: z.string().optional(),
})
export type HolderNote = Readonly<z.infer<typeof HolderNote>>

/** For the holder of the store's lock only, so that no two write it. */
export async function leaveHolderNote(
  dataDir: string,
  { pid, command }: Pick<HolderNote, 'pid' | 'command'>,
): Promise<void> {
  const note: HolderNote = { pid, command, directory: await identityOf(dataDir) }
  await writeFile(join(dataDir, HOLDER_NOTE_FILE), `${JSON.stringify(note)}\n`, { mode: 0o600 })
}

export const removeHolderNote = (dataDir: string): Promise<void> =>
  rm(join(dataDir, HOLDER_NOTE_FILE), { force: true })

/** Undefined when nobody left a note, or only somebody who is dead, or who works in the directory that this is a copy of. */
export async function findHolder(dataDir: string): Promise<HolderNote | undefined> {
  const door = await findDoorNote(dataDir)
  if (door && isAlive(door.pid)) return { pid: door.pid, command: 'serve' }
  const note = await readHolderNote(dataDir)
  if (!note || !isAlive(note.pid)) return undefined
  return note.directory === undefined || note.directory === (await identityOf(dataDir)) ? note : undefined
}

async function readHolderNote(dataDir: string): Promise<HolderNote | undefined> {
  try {
    return HolderNote.parse(JSON.parse(await readFile(join(dataDir, HOLDER_NOTE_FILE), 'utf8')))
  } catch (failure) {
    if (failure instanceof SyntaxError || failure instanceof z.ZodError) return undefined
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw failure
  }
}

/** A process that we may not signal (EPERM) is alive all the same. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (failure) {
    return (failure as NodeJS.ErrnoException).code === 'EPERM'
  }
}
