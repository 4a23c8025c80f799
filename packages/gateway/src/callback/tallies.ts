/**
 * What becomes of callbacks is counted minute by minute, in memory, and added to the store every few seconds, in one write for
 * all workspaces: so a callback costs an addition, and no statement. A stop adds what is left; a crash loses some seconds of
 * a chart. While the store takes no writes the counts stay here, for an hour.
 */
import type { WorkspaceId } from '@qunhub/wire'
import type { Database } from '../store/database/database.ts'
import { StoreError } from '../store/database/store-error.ts'
import {
  addTallies,
  forgetOldestHour,
  type MinuteTally,
  noTally,
  type Tally,
} from '../store/outbox/callback-minutes.ts'
import { chore } from '../system/chore.ts'
import { type Clock, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import type { Became, CallbackMeter } from './callback-meter.ts'

const ADD_EVERY_MS = 5 * SECOND_MS
const STORE_AWAY_WAIT_MS = 30 * SECOND_MS
const TALLIES_KEEP_DAYS = 7
/** Minutes of workspaces that wait to be added: beyond these the oldest are given up. */
const MINUTES_WAITING_MAX = 10_000

const COUNTED_AS: Readonly<Record<Became, keyof Tally>> = {
  delivered: 'delivered',
  retry: 'retried',
  // It waits as before, and is tried again.
  held: 'retried',
  parked: 'parked',
  quarantined: 'quarantined',
}

export interface Tallies {
  note(workspaceId: WorkspaceId, became: Became): void
  start(): void
  stop(): Promise<void>
}

export function createTallies(deps: {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
}): Tallies {
  const { db, clock, log } = deps
  let waiting = new Map<string, MinuteTally & Tally>()

  const add = async (): Promise<void> => {
    if (waiting.size === 0) return
    const taken = waiting
    waiting = new Map()
    try {
      await addTallies(db, [...taken.values()])
    } catch (failure) {
      // They are added later, together with what has come meanwhile.
      for (const [key, tally] of waiting) taken.set(key, together(taken.get(key), tally))
      waiting = taken
      throw failure
    }
  }
  const adding = chore(
    'counting callbacks',
    { everyMs: ADD_EVERY_MS },
    async () => {
      try {
        await add()
      } catch (failure) {
        if (!(failure instanceof StoreError)) throw failure
        // That the store is away is told by whoever watches it.
        log.debug({ err: failure }, 'callbacks that were counted wait for the store')
        return STORE_AWAY_WAIT_MS
      }
      return ADD_EVERY_MS
    },
    deps,
  )
  const forgetting = chore(
    'forgetting old counts of callbacks',
    { everyMs: HOUR_MS },
    async isStopped => {
      const before = clock.now() - TALLIES_KEEP_DAYS * DAY_MS
      while (!isStopped() && (await forgetOldestHour(db, before, HOUR_MS)));
    },
    deps,
  )

  return {
    note(workspaceId, became) {
      const minute = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS
      const key = `${workspaceId} ${minute}`
      const tally = waiting.get(key) ?? { workspaceId, minute, ...noTally() }
      tally[COUNTED_AS[became]]++
      waiting.set(key, tally)
      if (waiting.size > MINUTES_WAITING_MAX) waiting.delete(waiting.keys().next().value!)
    },
    start() {
      adding.start()
      forgetting.start()
    },
    async stop() {
      await Promise.all([adding.stop(), forgetting.stop()])
      await add().catch(err => log.warn({ err }, 'the last counts of callbacks could not be kept'))
    },
  }
}

const together = (one: MinuteTally | undefined, other: MinuteTally): MinuteTally & Tally => ({
  ...other,
  delivered: (one?.delivered ?? 0) + other.delivered,
  retried: (one?.retried ?? 0) + other.retried,
  parked: (one?.parked ?? 0) + other.parked,
  quarantined: (one?.quarantined ?? 0) + other.quarantined,
})

/** Counts for the metrics and for the workspaces. */
export const tallied = (meter: CallbackMeter, tallies: Pick<Tallies, 'note'>): CallbackMeter => ({
  attempted: (...told) => meter.attempted(...told),
  settled(kind, settle, workspaceId) {
    meter.settled(kind, settle, workspaceId)
    tallies.note(workspaceId, settle)
  },
  breakerChanged: change => meter.breakerChanged(change),
  thinnedOut: callbacks => meter.thinnedOut(callbacks),
})
