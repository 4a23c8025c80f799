import type { TrialBody } from '../processes/outbox-process.ts'
import type { Arrival } from './judge-arrivals.ts'

interface Kill {
  readonly killedAt: number
  startedAt: number
  readonly pending: Set<string>
  firstHeard: boolean
}

/**
 * Measures how soon after a kill the customer hears what was pending then: acknowledged, and never heard. Rooms that
 * wait for a retry, which the customer asked for, do not count. When the next kill comes before, there is nothing to
 * measure.
 */
export function watchRecovery(arrivals: readonly Arrival[]) {
  const times = {
    recoveredMs: [] as number[],
    recoveredSinceStartMs: [] as number[],
    caughtUpMs: [] as number[],
  }
  let kill: Kill | null = null

  return {
    times,
    /** `acknowledged` by those that were killed, in all their lives. */
    killed(acknowledged: readonly TrialBody[]): void {
      const heard = new Set(arrivals.map(({ mark }) => mark))
      const waiting = roomsThatWait(arrivals)
      const pending = acknowledged.filter(({ mark, room }) => !heard.has(mark) && !waiting.has(room))
      const killedAt = performance.now()
      kill = {
        killedAt,
        startedAt: killedAt,
        pending: new Set(pending.map(({ mark }) => mark)),
        firstHeard: false,
      }
    },
    startedAgain(): void {
      if (kill) kill.startedAt = performance.now()
    },
    heard(mark: string): void {
      if (!kill?.pending.delete(mark)) return
      const at = performance.now()
      if (!kill.firstHeard) {
        kill.firstHeard = true
        times.recoveredMs.push(at - kill.killedAt)
        times.recoveredSinceStartMs.push(at - kill.startedAt)
      }
      if (kill.pending.size === 0) times.caughtUpMs.push(at - kill.killedAt)
    },
  }
}

/** Their last arrival was answered with a refusal. */
function roomsThatWait(arrivals: readonly Arrival[]): Set<string> {
  const last = new Map(arrivals.map(arrival => [arrival.room, arrival]))
  return new Set([...last.values()].filter(({ refused }) => refused).map(({ room }) => room))
}
