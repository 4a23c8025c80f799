/**
 * Keeps what waits for one address from growing without end: every half minute it checks which addresses hold more than
 * they should, and thins out their `loaded` (store/thin-out.ts). Both limits are soft, because nothing but an overtaken
 * `loaded` ever goes, and what comes between two checks is counted with the second. One check at a time; one that fails is
 * followed by the next all the same.
 */

import type { Database } from '../store/database/database.ts'
import {
  type CrowdedAddress,
  type CrowdedAt,
  crowdedAddresses,
  type ThinnedOut,
  thinOut,
} from '../store/outbox/thin-out.ts'
import { type Chore, chore } from '../system/chore.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'
import type { Log } from '../system/log.ts'
import { type CallbackMeter, silentMeter } from './callback-meter.ts'
import type { Courier } from './courier.ts'

/** Of one address. */
const HELD_MAX: CrowdedAt = { callbacks: 20_000, bytes: 512 * 1024 * 1024 }
export const CHECK_EVERY_MS = 30 * SECOND_MS
const CALLBACKS_PER_WRITE_MAX = 200

export function createBackpressure(deps: {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly heldMax?: CrowdedAt
  /** By default nobody counts. */
  readonly meter?: Pick<CallbackMeter, 'thinnedOut'>
  readonly courier: Pick<Courier, 'runs' | 'underWay' | 'forget'>
}): Chore {
  const { db, log, heldMax = HELD_MAX, meter = silentMeter, courier } = deps
  const thinOutAll = async (address: CrowdedAddress, isStopped: () => boolean): Promise<number> => {
    let forgotten = 0
    let from: number | null = 0
    while (from !== null && !isStopped()) {
      const underWay = courier.underWay(address.addressId)
      const thinned: ThinnedOut = await thinOut(db, address, from, CALLBACKS_PER_WRITE_MAX, underWay)
      courier.forget(address.addressId, thinned.forgotten)
      forgotten += thinned.forgotten.length
      from = thinned.next
    }
    return forgotten
  }

  const check = async (isStopped: () => boolean): Promise<void> => {
    for (const address of await crowdedAddresses(db, heldMax)) {
      // Only who sends to it knows what is on its way.
      if (!courier.runs(address.addressId)) continue
      const forgotten = await thinOutAll(address, isStopped)
      // One that holds nothing but news stays crowded, and need not be told of every half minute.
      if (forgotten === 0) continue
      meter.thinnedOut(forgotten)
      log.warn(
        { ...address, forgotten },
        'an address holds too much: loaded that a newer one has overtaken are forgotten',
      )
    }
  }
  return chore('thinning out what waits for the addresses', { everyMs: CHECK_EVERY_MS }, check, deps)
}
