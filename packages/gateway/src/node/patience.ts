import type { HostedBot } from '../puppet/hosted-bot.ts'
import type { Database } from '../store/database/database.ts'
import { FenceLost, StoreAway, StoreBusy } from '../store/database/store-error.ts'
import { storeServes } from '../store/database/store-serves.ts'
import { type Clock, sleep } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

/** How often to ask whether the store is back. */
const POLL_MS = 250

export interface PatienceDeps {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  /** Called when the bot turns out to be another node's. Not awaited: it waits for the work that calls it. */
  readonly lose: (bot: HostedBot) => Promise<void>
}

/**
 * Does a bot's work until the store has kept it. While the store is away the work waits, and with it everything that is
 * queued behind it; when the store is back it is done again from its beginning. Whether a commit that was cut off had
 * happened does not matter: what is kept already is found unchanged.
 *
 * Ends without having done it when `signal` aborts, or when the bot is another node's by now. Whatever else the work
 * throws is passed on.
 */
export async function untilKept(
  { db, clock, log, lose }: PatienceDeps,
  bot: HostedBot,
  signal: AbortSignal,
  work: () => Promise<unknown>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work()
      return
    } catch (failure) {
      if (failure instanceof FenceLost) {
        lose(bot).catch(fault => log.error({ bot: bot.bot.id, err: fault }, 'a lost bot could not be left'))
        return
      }
      if (!(failure instanceof StoreAway || failure instanceof StoreBusy)) throw failure
      log.warn(
        { bot: bot.bot.id, failure: failure.message },
        'the store is away, or takes no writes: what a bot tells waits for it',
      )
    }
    do await sleep(clock, POLL_MS, signal)
    while (!signal.aborted && !(await storeServes(db, clock)))
  }
}
