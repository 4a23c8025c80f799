import { type Courier, openCourier } from '../src/callback/courier.ts'
import { systemClock } from '../src/model/clock.ts'
import type { Keyring } from '../src/model/keyring.ts'
import { silentLog } from '../src/model/log.ts'
import { systemRandom } from '../src/model/random.ts'
import { type Membership, openMembership } from '../src/node/membership.ts'
import type { Database } from '../src/store/database.ts'
import { storeTime } from '../src/store/store-time.ts'
import { loopbackGuard } from './loopback.ts'

/** A node that does nothing but deliver callbacks, on the real clock and with the waits of production; both are started. */
export async function openLiveCourier(
  db: Database,
  keyring: Keyring,
): Promise<{ courier: Courier; membership: Membership }> {
  const deps = { db, clock: systemClock, random: systemRandom, log: silentLog }
  const membership = await openMembership({ ...deps, address: null })
  const courier = openCourier({
    ...deps,
    keyring,
    guard: loopbackGuard,
    owner: () => membership.id,
    breakerTime: async asked => (await storeTime(asked)) ?? systemClock.now(),
  })
  membership.start({
    async onRound() {},
    onLanesFreed: () => courier.wake(),
    async onLostTouch() {},
    async onReaped() {},
  })
  courier.start()
  return { courier, membership }
}
