import type { BotLoginRecord } from '@qunhub/wire'

/** As long as the gateway waits for a change, and as much again: then the page slept, or nobody answers. */
const HEARD_MAX_MS = 20_000

/** Why nobody should scan what is shown. */
export type Stale = 'paused' | 'lost' | 'reading' | 'awaited' | 'timed-out' | 'over'

export interface Heard {
  readonly heardAt: number | null
  readonly failure: Error | null
  readonly isPaused: boolean
  readonly now: number
}

/** Null where the code is the one that counts at this moment. */
export function staleOf(
  { qrcode, verification }: Pick<BotLoginRecord, 'qrcode' | 'verification'>,
  { heardAt, failure, isPaused, now }: Heard,
): Stale | null {
  if (isPaused) return 'paused'
  if (failure) return 'lost'
  if (heardAt === null) return 'reading'
  if (now - heardAt > HEARD_MAX_MS) return 'lost'
  if (!qrcode) return 'awaited'
  if (verification && now >= verification.until) return 'over'
  return qrcode.text === '' ? 'timed-out' : null
}

type Standing = Pick<BotLoginRecord, 'state'> & { readonly verification: unknown }

/** Whether somebody with a phone has something to do: else nothing is shown of a login, and no code that was. */
export const wantsSomebody = ({ state, verification }: Standing): boolean =>
  verification !== null || ['awaiting-scan', 'wrong-account', 'logged-out'].includes(state)
