/**
 * Finishes what a removal of a bot left undone because its process ended: soon after a start, and twice a minute. The verb itself
 * goes through all of its chats; whoever comes beside it only helps.
 */
import type { ContactWxid, WorkspaceId } from '@qunhub/wire'
import type { OwedCallback } from '../model/callback.ts'
import { finishRemoval, removalsUnderWay } from '../store/bots/remove-bot.ts'
import type { Database } from '../store/database/database.ts'
import { StoreAway, StoreBusy } from '../store/database/store-error.ts'
import type { LeftChat } from '../store/rooms/rooms.ts'
import { type Chore, chore } from '../system/chore.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

const LOOK_EVERY_MS = 30 * SECOND_MS

export interface RemovalsDeps {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly oweForLeave: (left: LeftChat, at: number) => OwedCallback
  readonly wakeCourier: () => void
}

export const createRemovals = (deps: RemovalsDeps): Chore =>
  chore(
    'finishing removals of bots',
    { everyMs: LOOK_EVERY_MS, firstMs: SECOND_MS },
    isStopped => finishRemovals(deps, isStopped),
    deps,
  )

/**
 * All of them, or those of one account in a workspace. One that cannot be finished keeps no other from it; rejects only where the store
 * would not take those either.
 */
export async function finishRemovals(
  { db, clock, log, oweForLeave, wakeCourier }: RemovalsDeps,
  isStopped: () => boolean,
  of?: { readonly workspaceId: WorkspaceId; readonly wxid: ContactWxid },
): Promise<void> {
  for (const removed of await removalsUnderWay(db, of)) {
    const at = clock.now()
    try {
      const isOurs = await finishRemoval(db, removed, at, left => oweForLeave(left, at), isStopped)
      if (isOurs) log.info({ bot: removed.botId }, 'the removal of a bot was finished')
    } catch (failure) {
      if (failure instanceof StoreAway || failure instanceof StoreBusy) throw failure
      log.warn({ bot: removed.botId, err: failure }, 'the removal of a bot could not be finished yet')
    } finally {
      wakeCourier()
    }
  }
}
