import type { Contact } from '../model/contact.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import { growingCache } from '../system/growing-cache.ts'
import { Semaphore, within } from '../system/semaphore.ts'

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
  answerWith(bot: HostedBot, roomWxid: string): boolean
}

export function createCreationTurns({ clock }: { clock: Clock }): CreationTurns {
  const lines = new Map<string, Semaphore>()
  const answered = growingCache<true>(ROOMS_REMEMBERED_MAX)

  return {
    async take(bot, invitees, work) {
      const key = `${bot.bot.id}\n${invitees
        .map(contact => contact.wxid)
        .sort()
        .join()}`
      const line = lines.get(key) ?? new Semaphore(1)
      lines.set(key, line)
      if (!(await line.take(within(clock, CREATION_WAIT_MAX_MS)))) return null
      try {
        return await work()
      } finally {
        line.giveBack()
        if (line.isIdle) lines.delete(key)
      }
    },
    answerWith(bot, roomWxid) {
      const key = `${bot.bot.id}\n${roomWxid}`
      if (answered.has(key)) return false
      answered.set(key, true)
      return true
    },
  }
}
