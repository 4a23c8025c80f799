/**
 * Keeps what waits for one address from growing without end: every half minute it looks which addresses hold more than
 * they should, and thins out their `loaded` (store/thin-out.ts). Both limits are soft, because nothing but an overtaken
 * `loaded` ever goes, and what comes between two looks is counted with the second. One look at a time; a look that fails is
 * followed by the next all the same.
 */
import { type Clock, SECOND_MS } from '../model/clock.ts'
import type { Log } from '../model/log.ts'
import type { Database } from '../store/database.ts'
import { type CrowdedAt, crowdedAddresses, thinOut } from '../store/thin-out.ts'
import { type CallbackMeter, silentMeter } from './callback-meter.ts'

/** Of one address. */
export const HELD_MAX: CrowdedAt = { callbacks: 20_000, bytes: 512 * 1024 * 1024 }
export const LOOK_EVERY_MS = 30 * SECOND_MS
const CALLBACKS_PER_WRITE_MAX = 200

export interface Backpressure {
  start(): void
  /** Resolves when a look under way has ended its present write. */
  stop(): Promise<void>
}

export function createBackpressure(deps: {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly heldMax?: CrowdedAt
  /** By default nobody counts. */
  readonly meter?: Pick<CallbackMeter, 'thinnedOut'>
}): Backpressure {
  const { db, clock, log, heldMax = HELD_MAX, meter = silentMeter } = deps
  let callOff = () => {}
  let looking: Promise<void> = Promise.resolve()
  let isStopped = false

  const schedule = () => {
    callOff = clock.after(LOOK_EVERY_MS, () => {
      looking = look().then(() => {
        if (!isStopped) schedule()
      })
    })
  }

  async function look(): Promise<void> {
    try {
      for (const address of await crowdedAddresses(db, heldMax)) {
        let forgotten = 0
        let next: number | null = 0
        while (next !== null && !isStopped) {
          const step: Awaited<ReturnType<typeof thinOut>> = await thinOut(
            db,
            address,
            next,
            CALLBACKS_PER_WRITE_MAX,
          )
          forgotten += step.forgotten
          next = step.next
        }
        meter.thinnedOut(forgotten)
        log.warn(
          { ...address, forgotten },
          'an address holds too much: loaded that a newer one has overtaken are forgotten',
        )
      }
    } catch (failure) {
      // The store may be busy or away; the next look takes what this one left.
      log.warn({ err: failure }, 'what waits for the addresses could not be thinned out')
    }
  }

  return {
    start: schedule,
    async stop() {
      isStopped = true
      callOff()
      await looking
    },
  }
}
