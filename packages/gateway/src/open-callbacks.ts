/** Callbacks on their way, and how long is kept what nobody waits for any more: of callbacks, of bots, of changes. */
import type { WorkspaceId } from '@qunhub/wire'
import { createBackpressure } from './callback/backpressure.ts'
import { type Courier, openCourier } from './callback/courier.ts'
import { createReplayer } from './callback/replayer.ts'
import { createRetention } from './callback/retention.ts'
import { createTallies, tallied } from './callback/tallies.ts'
import type { Config } from './config/config.ts'
import type { Metrics } from './metrics/metrics.ts'
import { type AddressGuard, createAddressGuard } from './model/address-guard.ts'
import type { Keyring } from './model/keyring.ts'
import { resolveName } from './model/resolve-name.ts'
import type { Membership } from './node/membership.ts'
import { createMoveRetention } from './node/move-retention.ts'
import { createAuditRetention } from './operator/audit-retention.ts'
import type { Database, Queryable } from './store/database/database.ts'
import type { Clock } from './system/clock.ts'
import type { Log } from './system/log.ts'
import type { Parts } from './system/parts.ts'
import type { Random } from './system/random.ts'

export interface CallbacksDeps {
  readonly config: Config
  readonly db: Database
  readonly keyring: Keyring
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  readonly membership: Membership
  readonly sharedTime: (asked: Queryable) => Promise<number>
  /** Tells the other nodes that something may be owed to addresses that they run (NODE-24). */
  readonly pokeOthers: () => void
}

export interface CallbacksParts {
  /** Whom callbacks may go to (CB-11). */
  readonly guard: AddressGuard
  readonly courier: Courier
  /** There may be callbacks to send: after a commit that owed some. */
  readonly wakeCourier: (owedTo?: WorkspaceId) => void
}

/** Opens the courier and what looks after the outbox; they begin when all parts start. */
export function openCallbacks(parts: Parts, deps: CallbacksDeps): CallbacksParts {
  const { config, metrics, membership, sharedTime } = deps
  const guard = createAddressGuard(config.callbackAllowCidrs, resolveName)
  const tallies = parts.atWork(createTallies(deps))
  const courier = parts.atWork(
    openCourier({
      ...deps,
      ...{ guard, ca: config.callbackCa, meter: tallied(metrics, tallies), breakerTime: sharedTime },
      nodeId: () => membership.id,
      mayAct: () => membership.isIn,
    }),
    'at-once',
  )
  const wakeCourier = (owedTo?: WorkspaceId) => {
    courier.wake(owedTo)
    deps.pokeOthers()
  }
  parts.atWork(createRetention({ ...deps, keep: config.callbackKeep }))
  parts.atWork(createAuditRetention(deps))
  parts.atWork(createMoveRetention({ ...deps, keepDays: config.botMovesKeepDays }))
  parts.atWork(createBackpressure({ ...deps, meter: metrics, courier }))
  parts.atWork(createReplayer({ ...deps, wakeCourier }))
  return { guard, courier, wakeCourier }
}
