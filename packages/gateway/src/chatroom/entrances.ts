import { LRUCache } from 'lru-cache'

const ROOMS_REMEMBERED_MAX = 100_000

/**
 * Which entrances of bots the customer was told of as `joined`. A sync may be the first to save a room that a request
 * has just created; then the request, which knows better, still owes `joined`, and owes it once (CR-24, CB-3).
 */
export interface Entrances {
  /** True the first time, until the bot leaves the room again. */
  tell(botId: string, roomWxid: string): boolean
  forget(botId: string, roomWxid: string): void
}

export function createEntrances(): Entrances {
  const told = new LRUCache<string, true>({ max: ROOMS_REMEMBERED_MAX })
  const keyOf = (botId: string, roomWxid: string) => `${botId}\n${roomWxid}`
  return {
    tell(botId, roomWxid) {
      const key = keyOf(botId, roomWxid)
      if (told.has(key)) return false
      told.set(key, true)
      return true
    },
    forget: (botId, roomWxid) => void told.delete(keyOf(botId, roomWxid)),
  }
}
