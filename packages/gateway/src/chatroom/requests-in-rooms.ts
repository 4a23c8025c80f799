/**
 * Requests that add to a room: they read it when it is done, and keep what they read. The puppet tells of what was done before that.
 * So whoever follows what it tells waits for the request, a moment at most, and what was read since is not read again.
 */
import type { RoomWxid } from '@qunhub/wire'
import type { Tenure } from '../model/bot.ts'
import { type Clock, SECOND_MS, sleep } from '../system/clock.ts'

/** The bot's other events wait as well, and a request may wait for its puppet for long. */
const WAIT_MS_MAX = SECOND_MS

export class RequestsInRooms {
  readonly #underWay = new Map<string, Set<Promise<unknown>>>()

  /** Resolves, or rejects, as `work` does. */
  async run<T>(tenure: Tenure, roomWxid: RoomWxid, work: () => Promise<T>): Promise<T> {
    const key = keyOf(tenure, roomWxid)
    const those = this.#underWay.get(key) ?? new Set()
    this.#underWay.set(key, those)
    const mine = work()
    those.add(mine)
    try {
      return await mine
    } finally {
      those.delete(mine)
      if (those.size === 0) this.#underWay.delete(key)
    }
  }

  /** Resolves when those that are at work in the room are done, or have been waited for long enough. */
  async over(clock: Clock, tenure: Tenure, roomWxid: RoomWxid): Promise<void> {
    const those = this.#underWay.get(keyOf(tenure, roomWxid))
    if (!those) return
    const ended = new AbortController()
    Promise.allSettled(those).finally(() => ended.abort())
    await sleep(clock, WAIT_MS_MAX, ended.signal)
  }
}

const keyOf = ({ botId, fence }: Tenure, roomWxid: RoomWxid): string => `${botId}\n${fence}\n${roomWxid}`
