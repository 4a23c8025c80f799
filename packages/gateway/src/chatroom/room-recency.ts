import { LRUCache } from 'lru-cache'

/** Rooms whose latest save is remembered; an older one is only missed if a read takes longer than that many saves. */
const ROOMS_REMEMBERED_MAX = 100_000

/**
 * Two reads of one room may overlap: a request's and an event's. The one that began later knows more, whichever ends
 * first; saving the other one after it would bring back a member who left, or a room the bot has quit, and would tell
 * the customer of a join that never was.
 */
export interface RoomRecency {
  /** To be called before a read begins. */
  begin(): number
  /** Whether what was read since `begun` may be saved; false when something newer already was. */
  claim(botId: string, roomWxid: string, begun: number): boolean
}

export function createRoomRecency(): RoomRecency {
  let last = 0
  const saved = new LRUCache<string, number>({ max: ROOMS_REMEMBERED_MAX })
  return {
    begin: () => ++last,
    claim(botId, roomWxid, begun) {
      const key = `${botId}\n${roomWxid}`
      if ((saved.get(key) ?? 0) > begun) return false
      saved.set(key, begun)
      return true
    },
  }
}
