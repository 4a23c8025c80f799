/**
 * Finishes what a removal of a bot left undone because its process ended: soon after a start, and twice a minute. The verb itself
 * goes through all of its chats; whoever comes beside it only helps.
 */
import type { OwedCallback } from '../model/callback.ts'
import { finishRemoval, removalsUnderWay } from '../store/bots/remove-bot.ts'
import type { Database } from '../store/database/database.ts'
import type { LeftChat } from '../store/rooms/rooms.ts'
import { type Chore, chore } from '../system/chore.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

const LOOK_EVERY_MS = 30 * SECOND_MS

export function createRemovals(deps: {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly oweForLeave: (left: LeftChat, at: number) => OwedCallback
  readonly wakeCourier: () => void
}): Chore {
  const { db, clock, log, oweForLeave, wakeCourier } = deps
  const finish = async (isStopped: () => boolean): Promise<void> => {
    for (const removed of await removalsUnderWay(db)) {
      const at = clock.now()
      const isOver = await finishRemoval(db, removed, at, left => oweForLeave(left, at), isStopped)
      if (isOver) log.info({ bot: removed.botId }, 'the removal of a bot was finished')
      wakeCourier()
    }
  }

  return chore('finishing removals of bots', { everyMs: LOOK_EVERY_MS, firstMs: SECOND_MS }, finish, deps)
}
