import { MINUTE_MS } from '../system/clock.ts'
import type { ScanProgress } from './bot.ts'

/** WeCom waits for it about so long, and then logs the account out. */
export const VERIFY_WITHIN_MS = 2 * MINUTE_MS

/**
 * What WeCom wants proved about an account, often right after a login or a logout, or while it is online: beside its
 * session, because that stays what it is meanwhile. Shown like a login's code, and like it never kept or logged.
 */
export interface Verification {
  /** With the phone of the account, by a code to type in, or by a slider to draw at an address. */
  readonly by: 'scan' | 'code' | 'slide'
  /** What to scan, or where the slider is; empty where there is nothing to show, as for a confirmation on the phone. */
  readonly text: string
  /** By which the puppet knows the code that is typed in. */
  readonly id: string
  /** What the puppet says of it. */
  readonly message: string
  readonly givenAt: number
  readonly progress: VerificationProgress
}

export type VerificationProgress = ScanProgress | 'wrong-code'

/** What is told of it: asked for, or ended, by being done or in vain. */
export interface VerificationNews {
  readonly kind: 'asked' | 'done' | 'over'
  readonly verification: Verification
}

/** Nobody can do it any more. */
export const isOver = ({ progress }: Pick<Verification, 'progress'>): boolean =>
  progress === 'timed-out' || progress === 'cancelled'
