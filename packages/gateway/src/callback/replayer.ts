/**
 * Takes the steps of the replays that run (store/replays.ts): it asks which there are and makes each go on as far as it
 * may, twice a second while any runs, and rarely otherwise, because mostly there is none.
 */

import type { Database } from '../store/database/database.ts'
import { runningReplays } from '../store/outbox/replays.ts'
import { stepReplay } from '../store/outbox/step-replay.ts'
import { type Chore, chore } from '../system/chore.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

const STEP_EVERY_MS = 500
const POLL_EVERY_MS = 2 * SECOND_MS

export function createReplayer(deps: {
  db: Database
  clock: Clock
  log: Log
  wakeCourier: () => void
}): Chore {
  const { db, clock, wakeCourier } = deps
  const goOn = async (isStopped: () => boolean): Promise<number> => {
    const running = await runningReplays(db)
    for (const { workspaceId, id } of running) {
      if (isStopped()) break
      if ((await stepReplay(db, workspaceId, id, clock.now())) > 0) wakeCourier()
    }
    return running.length > 0 ? STEP_EVERY_MS : POLL_EVERY_MS
  }

  return chore('replaying', { everyMs: POLL_EVERY_MS, firstMs: STEP_EVERY_MS }, goOn, deps)
}
