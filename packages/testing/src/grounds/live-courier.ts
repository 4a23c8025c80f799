import { type Courier, openCourier } from '../../../gateway/src/callback/courier.ts'
import type { Keyring } from '../../../gateway/src/model/keyring.ts'
import { type Membership, openMembership } from '../../../gateway/src/node/membership.ts'
import { runAddresses } from '../../../gateway/src/node/run-addresses.ts'
import type { Database } from '../../../gateway/src/store/database/database.ts'
import { storeTime } from '../../../gateway/src/store/database/store-time.ts'
import { systemClock } from '../../../gateway/src/system/clock.ts'
import { silentLog } from '../../../gateway/src/system/log.ts'
import { systemRandom } from '../../../gateway/src/system/random.ts'
import { loopbackGuard } from '../receivers/loopback.ts'

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
    nodeId: () => membership.id,
    mayAct: () => membership.isIn,
    breakerTime: async asked => (await storeTime(asked)) ?? systemClock.now(),
  })
  const addresses = runAddresses({ ...deps, membership, courier })
  await addresses.round()
  membership.start({
    onRound: () => addresses.round(),
    onLanesFreed: () => courier.wake(),
    async onLostTouch() {},
    async onReaped() {
      courier.wake()
    },
  })
  courier.start()
  return { courier, membership }
}
