import type { RoomWxid } from '@qunhub/wire'
import { LRUCache } from 'lru-cache'
import type { Tenure } from '../model/bot.ts'
import type { Occasion } from './keep-room.ts'

const ROOMS_REMEMBERED_MAX = 100_000

/**
 * Rooms that a sync found on the puppet's list and could not see whole: right after a login a room may be there without
 * its members, or not be loaded at all. Nothing is concluded from that. What the sync would have owed for such a room is
 * owed when it can be seen, whoever sees it then: a room of a start is `loaded`, however late it fills, and no `joined`.
 */
export interface LateRooms {
  note(tenure: Tenure, roomWxid: RoomWxid, occasion: Occasion): void
  /** What seeing the room on this occasion means, where a sync is still owed. */
  meaning(tenure: Tenure, roomWxid: RoomWxid, occasion: Occasion): Occasion
  /** It was seen, or left. */
  forget(tenure: Tenure, roomWxid: RoomWxid): void
}

export function createLateRooms(): LateRooms {
  const late = new LRUCache<string, Occasion>({ max: ROOMS_REMEMBERED_MAX })
  const keyOf = ({ botId, fence }: Tenure, roomWxid: RoomWxid) => `${botId}\n${fence}\n${roomWxid}`
  return {
    note(tenure, roomWxid, occasion) {
      const key = keyOf(tenure, roomWxid)
      // The first sync that missed it knew how it stood before.
      if (!late.has(key)) late.set(key, occasion)
    },
    meaning(tenure, roomWxid, occasion) {
      const owed = late.get(keyOf(tenure, roomWxid))
      if (!owed || occasion.why === 'created') return occasion
      const tellsLess = occasion.why === 'witnessed' || occasion.why === 'reconciled'
      return owed.why === 'started' || tellsLess ? owed : occasion
    },
    forget: (tenure, roomWxid) => void late.delete(keyOf(tenure, roomWxid)),
  }
}
