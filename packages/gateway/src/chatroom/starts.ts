import type { RoomWxid } from '@qunhub/wire'
import { LRUCache } from 'lru-cache'
import type { HostedBot } from '../bot/hosted-bot.ts'
import { MINUTE_MS, SECOND_MS } from '../model/clock.ts'
import type { Room } from '../model/room.ts'

const BOTS_REMEMBERED_MAX = 100_000
/** So long after its start a bot may still be shown rooms that it was in before, where nothing says since when it is in. */
const OLD_ROOMS_SHOW_MS = 3 * MINUTE_MS

/**
 * Which rooms a bot was in when it started, as far as they have shown, and which of them the customer was told of. A puppet
 * that has just started lists them late, so a room that appears is no entrance because it was not there before (CB-14).
 */
export interface Starts {
  /** Whether the room was told already in the start that is under way; false when none is. */
  hasTold(bot: HostedBot, roomWxid: RoomWxid): boolean
  /** To be called of each room that is kept. */
  told(bot: HostedBot, roomWxid: RoomWxid): void
  /** The start is over: the list that was read at `listedAt` was not contradicted. */
  end(bot: HostedBot, listedAt: number): void
  /** Whether a room that the bot is found in, of which nobody told, was entered since its start. */
  isEntrance(bot: HostedBot, room: Room, now: number): boolean
}

export function createStarts(): Starts {
  const toldIn = new LRUCache<string, Set<RoomWxid>>({ max: BOTS_REMEMBERED_MAX })
  const listed = new LRUCache<string, number>({ max: BOTS_REMEMBERED_MAX })
  const keyOf = ({ tenure: { botId, fence } }: HostedBot) => `${botId}\n${fence}`
  return {
    hasTold: (bot, roomWxid) => bot.isStarting && toldIn.get(keyOf(bot))?.has(roomWxid) === true,
    told(bot, roomWxid) {
      if (!bot.isStarting) return
      const told = toldIn.get(keyOf(bot)) ?? new Set()
      toldIn.set(keyOf(bot), told.add(roomWxid))
    },
    end(bot, listedAt) {
      toldIn.delete(keyOf(bot))
      listed.set(keyOf(bot), listedAt)
    },
    isEntrance(bot, { joinedAt }, now) {
      if (bot.isStarting) return false
      const listedAt = listed.get(keyOf(bot))
      // Started by another node: whatever it was in then is known.
      if (listedAt === undefined) return true
      // Puppets say since when in whole seconds.
      if (joinedAt) return joinedAt >= Math.floor(listedAt / SECOND_MS)
      return now - listedAt > OLD_ROOMS_SHOW_MS
    },
  }
}
