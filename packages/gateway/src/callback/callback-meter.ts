import type { CallbackKind } from '@qunhub/wire'
import type { BreakerMove } from '../store/breaker.ts'
import type { ErrorClass } from './outcome.ts'

/** Hears what the courier and its helpers do, to count it. */
export interface CallbackMeter {
  /** An attempt ended: with the hundreds of its status, or with why there was none. */
  attempted(kind: CallbackKind, outcome: `${1 | 2 | 3 | 4 | 5}xx` | ErrorClass, ms: number): void
  /** What became of a callback after an attempt. */
  settled(kind: CallbackKind, settle: 'delivered' | 'retry' | 'parked'): void
  breakerMoved(move: BreakerMove): void
  /** So many overtaken `loaded` were forgotten (CB-10). */
  thinnedOut(callbacks: number): void
}

/** For whoever counts nothing. */
export const silentMeter: CallbackMeter = {
  attempted() {},
  settled() {},
  breakerMoved() {},
  thinnedOut() {},
}
