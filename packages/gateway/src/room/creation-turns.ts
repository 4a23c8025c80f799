import { LRUCache } from 'lru-cache'
import type { HostedBot } from '../bot/hosted-bot.ts'
import { type Clock, DeadlineExceeded, SECOND_MS, withDeadline } from '../model/clock.ts'
import type { Contact } from '../model/contact.ts'

/** A create that hangs ends at its puppet's deadline and its looks; two of them are waited for. */
export const CREATION_WAIT_MAX_MS = 20 * SECOND_MS
const ROOMS_REMEMBERED_MAX = 10_000

/**
 * Creates of one bot with the same people, one after another: while two of them are under way, nobody could say whose the
 * room is that a timed-out one finds. Others do not wait. A bot is run by one node, so its turns are this process's.
 */
export interface CreationTurns {
  /** Null when the turn did not come within CREATION_WAIT_MAX_MS; then `work` is not begun. */
  take<T>(bot: HostedBot, invitees: readonly Contact[], work: () => Promise<T>): Promise<T | null>
  /** False when another create has answered with this room. */
  claim(bot: HostedBot, roomWxid: string): boolean
}

export function createCreationTurns({ clock }: { clock: Clock }): CreationTurns {
  const lasts = new Map<string, Promise<void>>()
  const claimed = new LRUCache<string, true>({ max: ROOMS_REMEMBERED_MAX })

  return {
    async take(bot, invitees, work) {
      const key = `${bot.bot.id}\n${invitees
        .map(contact => contact.wxid)
        .sort()
        .join()}`
      const before = lasts.get(key) ?? Promise.resolve()
      const mine = Promise.withResolvers<void>()
      const last = before.then(() => mine.promise)
      lasts.set(key, last)
      // Not before those in front are through as well: whoever gives up early leaves them behind.
      last.then(() => {
        if (lasts.get(key) === last) lasts.delete(key)
      })
      try {
        await withDeadline(clock, CREATION_WAIT_MAX_MS, 'a create of the same people', before)
        return await work()
      } catch (failure) {
        if (failure instanceof DeadlineExceeded) return null
        throw failure
      } finally {
        mine.resolve()
      }
    },
    claim(bot, roomWxid) {
      const key = `${bot.bot.id}\n${roomWxid}`
      if (claimed.has(key)) return false
      claimed.set(key, true)
      return true
    },
  }
}
