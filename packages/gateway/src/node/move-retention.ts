/**
 * What became of bots is kept for a while and then forgotten: every ten minutes the oldest moves go, a few hundred at a
 * time, so that no write is long. The last move of a bot is never forgotten.
 */

import { pruneBotMoves } from '../store/bots/bot-moves.ts'
import type { Database } from '../store/database/database.ts'
import { type Chore, chore } from '../system/chore.ts'
import { type Clock, DAY_MS, MINUTE_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

const SWEEP_EVERY_MS = 10 * MINUTE_MS
const MOVES_PER_WRITE_MAX = 200

export function createMoveRetention(deps: {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly keepDays: number
}): Chore {
  const { db, clock, log, keepDays } = deps
  const sweep = async (isStopped: () => boolean): Promise<void> => {
    let forgotten = 0
    let batch = 0
    do {
      batch = await pruneBotMoves(db, clock.now() - keepDays * DAY_MS, MOVES_PER_WRITE_MAX)
      forgotten += batch
    } while (batch === MOVES_PER_WRITE_MAX && !isStopped())
    if (forgotten > 0) log.info({ forgotten }, 'old moves of bots were forgotten')
  }

  return chore('forgetting old moves of bots', { everyMs: SWEEP_EVERY_MS }, sweep, deps)
}
