/**
 * Takes the steps of the replays that run (store/replays.ts): twice a second it looks which there are and makes each go
 * on as far as it may. One round at a time; a round that fails is followed by the next all the same.
 */
import type { Clock } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import type { Database } from '../store/database.ts'
import { runningReplays, stepReplay } from '../store/replays.ts'

const ROUND_EVERY_MS = 500

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

  const schedule = () => {
    callOff = clock.after(ROUND_EVERY_MS, () => {
      round = goRound().then(() => {
        if (!isStopped) schedule()
      })
    })
  }

  async function goRound(): Promise<void> {
    try {
      for (const { workspaceId, id } of await runningReplays(db)) {
        if (isStopped) return
        if ((await stepReplay(db, workspaceId, id, clock.now())) > 0) wakeCourier()
      }
    } catch (failure) {
      log.warn({ err: failure }, 'a replay could not go on, trying again')
    }
  }

  return {
    start: schedule,
    async stop() {
      isStopped = true
      callOff()
      await round
    },
  }
}
