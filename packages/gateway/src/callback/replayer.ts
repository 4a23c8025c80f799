/**
 * Takes the steps of the replays that run (store/replays.ts): it looks which there are and makes each go on as far as it
 * may, twice a second while any runs, and rarely otherwise, because mostly there is none. One round at a time; a round
 * that fails is followed by the next all the same.
 */
import { type Clock, SECOND_MS } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import type { Database } from '../store/database.ts'
import { runningReplays, stepReplay } from '../store/replays.ts'

const STEP_EVERY_MS = 500
const LOOK_EVERY_MS = 2 * SECOND_MS

export interface Replayer {
  start(): void
  /** Resolves when a round under way has ended. */
  stop(): Promise<void>
}

export function createReplayer(deps: {
  db: Database
  clock: Clock
  log: Log
  wakeCourier: () => void
}): Replayer {
  const { db, clock, log, wakeCourier } = deps
  let callOff = () => {}
  let round: Promise<void> = Promise.resolve()
  let isStopped = false

  const schedule = (ms: number) => {
    callOff = clock.after(ms, () => {
      round = goRound().then(next => {
        if (!isStopped) schedule(next)
      })
    })
  }

  /** In how many milliseconds to go the next one. */
  async function goRound(): Promise<number> {
    try {
      const running = await runningReplays(db)
      for (const { workspaceId, id } of running) {
        if (isStopped) break
        if ((await stepReplay(db, workspaceId, id, clock.now())) > 0) wakeCourier()
      }
      return running.length > 0 ? STEP_EVERY_MS : LOOK_EVERY_MS
    } catch (failure) {
      log.warn({ err: failure }, 'a replay could not go on, trying again')
      return LOOK_EVERY_MS
    }
  }

  return {
    start: () => schedule(STEP_EVERY_MS),
    async stop() {
      isStopped = true
      callOff()
      await round
    },
  }
}
