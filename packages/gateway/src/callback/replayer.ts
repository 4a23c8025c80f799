/**
 * Takes the steps of the replays that run (store/replays.ts): it looks which there are and makes each go on as far as it
 * may, twice a second while any runs, and rarely otherwise, because mostly there is none. One round at a time; a round
 * that fails is followed by the next all the same.
 */
import { type Clock, SECOND_MS } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import { createRounds, type Rounds } from '../model/rounds.ts'
import type { Database } from '../store/database.ts'
import { runningReplays, stepReplay } from '../store/replays.ts'

const STEP_EVERY_MS = 500
const LOOK_EVERY_MS = 2 * SECOND_MS

export function createReplayer(deps: {
  db: Database
  clock: Clock
  log: Log
  wakeCourier: () => void
}): Rounds {
  const { db, clock, log, wakeCourier } = deps
  /** In how many milliseconds to go the next one. */
  const goRound = async (isStopped: () => boolean): Promise<number> => {
    try {
      const running = await runningReplays(db)
      for (const { workspaceId, id } of running) {
        if (isStopped()) break
        if ((await stepReplay(db, workspaceId, id, clock.now())) > 0) wakeCourier()
      }
      return running.length > 0 ? STEP_EVERY_MS : LOOK_EVERY_MS
    } catch (failure) {
      log.warn({ err: failure }, 'a replay could not go on, trying again')
      return LOOK_EVERY_MS
    }
  }

  return createRounds(clock, STEP_EVERY_MS, goRound)
}
