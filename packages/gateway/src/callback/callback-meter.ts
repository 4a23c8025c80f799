import type { CallbackKind, WorkspaceId } from '@qunhub/wire'
import type { BreakerChange } from '../model/breaker.ts'
import type { ErrorClass } from './outcome.ts'

/** `2xx`. The HTTP client takes any status of three digits for one, so that a receiver may well answer 999. */
export type StatusHundreds = `${2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}xx`

/** `held`: it waits for its address (CB-8), or was a probe, failed, and waits as before. `quarantined`: for a fault of ours it could not be tried. */
export type Became = 'delivered' | 'retry' | 'parked' | 'held' | 'quarantined'

/** Hears what the courier and its helpers do, to count it. */
export interface CallbackMeter {
  /** An attempt ended: with the hundreds of its status, or with why there was none. */
  attempted(kind: CallbackKind, outcome: StatusHundreds | ErrorClass, ms: number): void
  /** What becomes of a callback after an attempt, or of one that we could not even try. */
  settled(kind: CallbackKind | 'unknown', settle: Became, workspaceId: WorkspaceId): void
  breakerChanged(change: BreakerChange): void
  /** So many overtaken `loaded` were forgotten (CB-10). */
  thinnedOut(callbacks: number): void
}

/** For whoever counts nothing. */
export const silentMeter: CallbackMeter = {
  attempted() {},
  settled() {},
  breakerChanged() {},
  thinnedOut() {},
}
