import { ADDITIONS_PER_MINUTE_ADVISED_MAX } from '../model/limits.ts'
import { type Clock, MINUTE_MS, SECOND_MS, sleep } from '../system/clock.ts'
import type { Log } from '../system/log.ts'

/** A paced addition waits at most this long for its turn (AM-23). */
const PACE_WAIT_MAX_MS = 10 * SECOND_MS

/**
 * Counts the additions of each bot within the last minute. The page advises at most 50; beyond that we warn, and a
 * workspace may ask for pacing: then an addition waits its turn (AM-23).
 */
export interface AdditionPace {
  /** Takes a turn. False: with pacing, no turn comes free within {@link PACE_WAIT_MAX_MS}. */
  turn(botId: string, paced: boolean): Promise<boolean>
  /** Additions of the last minute. */
  count(botId: string): number
}

export interface AdditionMeter {
  /** `beyond`: the bot has made more within this minute than the page advises. */
  added(pace: 'within' | 'beyond'): void
}

export function createAdditionPace({
  clock,
  log,
  meter,
}: {
  clock: Clock
  log: Log
  meter?: AdditionMeter
}): AdditionPace {
  const turnsByBot = new Map<string, number[]>()

  // Turns may lie in the future: they are taken by calls that wait for them.
  const recentTurns = (botId: string): number[] => {
    const recent = (turnsByBot.get(botId) ?? []).filter(at => at > clock.now() - MINUTE_MS)
    turnsByBot.set(botId, recent)
    return recent
  }

  return {
    count: botId => recentTurns(botId).length,
    async turn(botId, paced) {
      const turns = recentTurns(botId)
      const now = clock.now()
      const waitMs = paced ? waitForTurn(turns, now) : 0
      if (waitMs > PACE_WAIT_MAX_MS) return false
      turns.push(now + waitMs)
      const isBeyond = turns.length > ADDITIONS_PER_MINUTE_ADVISED_MAX
      meter?.added(isBeyond ? 'beyond' : 'within')
      if (isBeyond) {
        log.warn(
          { bot: botId, additions: turns.length },
          'more additions within a minute than the page advises',
        )
      }
      if (waitMs > 0) {
        log.info({ bot: botId, waitMs }, 'an addition waits its turn')
        await sleep(clock, waitMs)
      }
      return true
    },
  }
}

/** A turn is free when the fiftieth-last one is a minute old. Turns stand in the order of time. */
function waitForTurn(turns: readonly number[], now: number): number {
  const blocking = turns.at(-ADDITIONS_PER_MINUTE_ADVISED_MAX)
  return blocking === undefined ? 0 : Math.max(0, blocking + MINUTE_MS - now)
}
