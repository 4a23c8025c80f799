/**
 * Long work that nobody waits for, reading a bot's rooms, keeps the event loop and the machine busy for as long as it lasts, and each
 * request that comes meanwhile waits behind a piece of it. So while requests come, whoever does such work pauses after each piece for
 * as long as the process has been busy since its last pause: then at most half of the time is not for those who ask. Where nobody
 * asks nobody pauses.
 */
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'

/** So long after a request others are expected. */
const OTHERS_COME_WITHIN_MS = 250
/** Long work goes on, however busy those who ask keep the process. */
const PAUSE_MS_MAX = 100

export interface Courtesy {
  /** Somebody asks. */
  asked(): void
  /** Whether somebody has asked a moment ago. */
  readonly isWanted: boolean
  /** For one who works long: what is returned is called after each piece of work, and resolves when the next may begin. */
  begin(): () => Promise<void>
}

export interface CourtesySettings {
  /** Milliseconds since some moment. Not a clock's: it is about how busy this process is. */
  readonly elapsed?: () => number
  /** Of these, how many the process has been busy. */
  readonly busy?: () => number
  readonly wait?: (ms: number) => Promise<unknown>
}

export function createCourtesy({
  elapsed = () => performance.now(),
  busy = () => performance.eventLoopUtilization().active,
  wait = pause,
}: CourtesySettings = {}): Courtesy {
  let askedAt = Number.NEGATIVE_INFINITY
  const isWanted = () => elapsed() - askedAt < OTHERS_COME_WITHIN_MS
  return {
    asked() {
      askedAt = elapsed()
    },
    get isWanted() {
      return isWanted()
    },
    begin() {
      let busyUntil = busy()
      return async () => {
        const busyMs = busy() - busyUntil
        if (isWanted() && busyMs >= 1) await wait(Math.min(busyMs, PAUSE_MS_MAX))
        busyUntil = busy()
      }
    },
  }
}
