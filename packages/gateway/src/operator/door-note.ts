import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** Where the running gateway's door is and what opens it. Only the owner of the data directory may read it. */
const DoorNote = z.object({
  port: z.int().min(1).max(65_535),
  secret: z.string().min(1),
  pid: z.int().positive(),
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

/** Undefined when there is none, or none that can be understood. */
export async function findDoorNote(dataDir: string): Promise<DoorNote | undefined> {
  try {
    return DoorNote.parse(JSON.parse(await readFile(join(dataDir, DOOR_NOTE_FILE), 'utf8')))
  } catch (failure) {
    if (failure instanceof SyntaxError || failure instanceof z.ZodError) return undefined
    if ((failure as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw failure
  }
}

export const removeDoorNote = (dataDir: string): Promise<void> =>
  rm(join(dataDir, DOOR_NOTE_FILE), { force: true })
