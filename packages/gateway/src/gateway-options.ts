/** What may be brought along to a gateway beside its settings: by tests, by measurements, by the demo. */

import type { OperatorRouteDeps } from './http/later/operator-routes.ts'
import type { RateLimit } from './http/rate-limit.ts'
import type { PasswordCost } from './model/password.ts'
import type { LiveParts } from './operator/verb.ts'
import type { Clock } from './system/clock.ts'
import type { Log } from './system/log.ts'
import type { Random } from './system/random.ts'

export interface GatewayOptions {
  readonly clock?: Clock
  readonly random?: Random
  readonly log?: Log
  /** Measurements lift the limit of G-6; nobody else does. */
  readonly tokenLimit?: RateLimit
  /** Whole requests that succeed, for the OpenAPI document of the demo. */
  readonly exampleRequests?: OperatorRouteDeps['exampleRequests']
  /** The bots are played by the simulator, and the console says so. */
  readonly isSimulated?: boolean
  /** Where people move it from: undefined until it is there. */
  readonly simulatedWorld?: LiveParts['simulatedWorld']
  /** Where the console is built, unless it is where the project builds it. */
  readonly consoleFolder?: string
  /** Tests hash passwords cheaply; nobody else does. */
  readonly passwordCost?: PasswordCost
}
