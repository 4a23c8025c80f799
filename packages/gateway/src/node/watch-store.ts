/**
 * Checks once a second whether the store keeps what is written, and tells the log when it does not, and when it does again.
 * The check is also what heals: it makes the reserve whole once there is room, and tries a real write after one that failed.
 */

import type { Database } from '../store/database/database.ts'
import { StoreClosed, StoreError, StoreUnwritable } from '../store/database/store-error.ts'
import { type Chore, chore } from '../system/chore.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

const WATCH_EVERY_MS = SECOND_MS

export interface StoreWatchDeps {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
}

export function watchStore(deps: StoreWatchDeps): Chore {
  const { db, clock, log } = deps
  let unwritableSince: number | null = null

  async function check(): Promise<void> {
    try {
      await db.requireWritable()
      if (unwritableSince !== null)
        log.info({ afterMs: clock.now() - unwritableSince }, 'the store takes writes again')
      unwritableSince = null
    } catch (failure) {
      if (!(failure instanceof StoreError)) throw failure
      // A store that is away altogether is told of by the beats.
      if (!(failure instanceof StoreUnwritable) || failure instanceof StoreClosed) return
      if (unwritableSince !== null) return
      unwritableSince = clock.now()
      log.error(
        { err: failure },
        '无法写入存储, 暂不向企业微信发出任何操作 / the store takes no writes: nothing is asked of WeCom until it does',
      )
    }
  }

  return chore('looking at the store', { everyMs: WATCH_EVERY_MS, firstMs: 0 }, check, deps)
}
