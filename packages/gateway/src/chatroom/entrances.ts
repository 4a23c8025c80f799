import { LRUCache } from 'lru-cache'

const ROOMS_REMEMBERED_MAX = 100_000

/**
 * Which entrances of bots the customer was told of as `joined`. A sync may be the first to save a room that a request
 * has just created; then the request, which knows better, still owes `joined`, and owes it once (CR-24, CB-3).
 */
export interface Entrances {
  /** True the first time, until the bot leaves the room again, or has been run by another node in between. */
  tell(tenure: RunBy, roomWxid: string): boolean
  forget(tenure: RunBy, roomWxid: string): void
  /** Notes since when the bot is in the room, as its puppet says: of the entrance that is known, until there is `news` of one. */
  noteSince(tenure: RunBy, roomWxid: string, joinedAt: number | null, news: boolean): void
  /** Whether it is in since later than was noted: it went and came back, and nobody saw it outside. */
  cameAgain(tenure: RunBy, roomWxid: string, joinedAt: number | null): boolean
}

/** Another fence, and what happened since is not known here: the bot may have left and entered again. */
type RunBy = { readonly botId: string; readonly fence: number }

export function createEntrances(): Entrances {
  const told = new LRUCache<string, true>({ max: ROOMS_REMEMBERED_MAX })
  const since = new LRUCache<string, number>({ max: ROOMS_REMEMBERED_MAX })
  const keyOf = ({ botId, fence }: RunBy, roomWxid: string) => `${botId}\n${fence}\n${roomWxid}`
  return {
    tell(tenure, roomWxid) {
      const key = keyOf(tenure, roomWxid)
      if (told.has(key)) return false
      told.set(key, true)
      return true
    },
    forget: (tenure, roomWxid) => void told.delete(keyOf(tenure, roomWxid)),
    noteSince(tenure, roomWxid, joinedAt, news) {
      const key = keyOf(tenure, roomWxid)
      if (joinedAt !== null && (news || !since.has(key))) since.set(key, joinedAt)
    },
    cameAgain(tenure, roomWxid, joinedAt) {
      const noted = since.get(keyOf(tenure, roomWxid))
      return noted !== undefined && joinedAt !== null && joinedAt > noted
    },
  }
}
