/** The gateway that runs on a data directory, and what of it the settings of whoever asks do not say. */
import type { Config } from '../../config/config.ts'
import { type DoorNote, findDoorNote } from '../../operator/door-note.ts'
import { isAlive } from '../holder-note.ts'

/** Its note; undefined where none runs. */
export async function runningHere(dataDir: string): Promise<DoorNote | undefined> {
  const note = await findDoorNote(dataDir)
  return note && isAlive(note.pid) ? note : undefined
}

/** Callbacks go where the gateway that runs lets them go: a demo allows loopback, and a service has an environment of its own. */
export const asRunning = (config: Config, door: DoorNote | undefined): Config => ({
  ...config,
  callbackAllowCidrs: door?.callbackAllowCidrs ?? config.callbackAllowCidrs,
})
