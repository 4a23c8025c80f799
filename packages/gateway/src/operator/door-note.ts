import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { identityOf } from '../system/directory-identity.ts'

/** Where the running gateway's door is and what opens it. Only the owner of the data directory may read it. */
const DoorNote = z.object({
  port: z.int().min(1).max(65_535),
  secret: z.string().min(1),
  pid: z.int().positive(),
  /** Which directory the gateway works in. Gateways of before 2026-11-29 did not say. */
  directory: z.string().optional(),
  /** Where it posts callbacks besides public addresses: a demo allows more than its environment says (CB-11). */
  callbackAllowCidrs: z.array(z.string()).optional(),
})

export type DoorNote = Readonly<z.infer<typeof DoorNote>>

export const DOOR_NOTE_FILE = 'operator.json'

/** Appears whole or not at all: a reader never sees half a note. */
export async function leaveDoorNote(dataDir: string, note: DoorNote): Promise<void> {
  const draft = join(dataDir, `${DOOR_NOTE_FILE}.${note.pid}.new`)
  // A draft can be left only by a gateway that died here, with the same process id, in a container for instance.
  await rm(draft, { force: true })
  await writeFile(draft, `${JSON.stringify(note)}\n`, { mode: 0o600, flag: 'wx' })
  await rename(draft, join(dataDir, DOOR_NOTE_FILE))
}

/**
 * Undefined when there is none, or none that can be understood, or the one of another directory: in a copy of a data
 * directory lies the note of the gateway that runs on the original, and what is asked here must not be done there.
 */
export async function findDoorNote(dataDir: string): Promise<DoorNote | undefined> {
  const note = await readNote(dataDir)
  if (note?.directory === undefined) return note
  return note.directory === (await identityOf(dataDir)) ? note : undefined
}

/** Takes away the note with this secret; one that somebody else has left meanwhile stays. */
export async function removeDoorNote(dataDir: string, secret: string): Promise<void> {
  if ((await readNote(dataDir))?.secret === secret) await rm(join(dataDir, DOOR_NOTE_FILE), { force: true })
}

async function readNote(dataDir: string): Promise<DoorNote | undefined> {
  try {
    return DoorNote.parse(JSON.parse(await readFile(join(dataDir, DOOR_NOTE_FILE), 'utf8')))
  } catch (failure) {
    if (failure instanceof SyntaxError || failure instanceof z.ZodError) return undefined
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw failure
  }
}
