import { WeComRefused } from './refused.ts'
import type { World } from './world.ts'
import type { Wxid } from './world-state.ts'

export const VERIFICATION_KINDS = ['scan', 'code'] as const
export const VERIFICATION_STEPS = ['scanned', 'confirmed', 'cancelled', 'expired'] as const

/** The code that the owner of every account is sent; any other is wrong. */
const VERIFY_CODE = '246810'

/** What WeCom wants proved about an account, whether or not it is logged in, in about two minutes. */
export interface AccountVerification {
  /** Counts those of the bot, so that no two are alike. */
  readonly number: number
  readonly by: (typeof VERIFICATION_KINDS)[number]
  readonly status: 'waiting' | 'wrong-code' | (typeof VERIFICATION_STEPS)[number]
}

/** Also what the puppet calls a verification whose code is typed in. */
export const verificationText = (wxid: Wxid, { number }: AccountVerification): string =>
  `qunhub-simulator://verify/${wxid}/${number}`

/** WeCom wants another one, in the place of the one before it. */
export function askToVerify(world: World, wxid: Wxid, by: AccountVerification['by']): AccountVerification {
  const { wxid: bot } = world.bot(wxid)
  return tellVerification(world, bot, {
    number: (world.verifications.get(bot)?.number ?? 0) + 1,
    by,
    status: 'waiting',
  })
}

/** Somebody goes on with it: a confirmed one logs the account in, if it is not. */
export function verify(world: World, wxid: Wxid, step: (typeof VERIFICATION_STEPS)[number]): void {
  const { wxid: bot, state } = world.bot(wxid)
  tellVerification(world, bot, { ...pendingOf(world, bot), status: step })
  if (step === 'confirmed' && state !== 'online') world.setBotState(bot, 'online')
}

/** Somebody types a code in. */
export function enterVerifyCode(world: World, wxid: Wxid, id: string, code: string): void {
  const pending = pendingOf(world, wxid)
  if (pending.by !== 'code' || id !== verificationText(wxid, pending))
    throw new WeComRefused('nothing-to-verify')
  if (code === VERIFY_CODE) verify(world, wxid, 'confirmed')
  else tellVerification(world, wxid, { ...pending, status: 'wrong-code' })
}

function pendingOf(world: World, wxid: Wxid): AccountVerification {
  const pending = world.verifications.get(wxid)
  const isPending =
    pending && ['waiting', 'scanned', 'wrong-code'].includes(pending.status) ? pending : undefined
  if (!isPending) throw new WeComRefused('nothing-to-verify')
  return isPending
}

function tellVerification(world: World, wxid: Wxid, verification: AccountVerification): AccountVerification {
  world.verifications.set(wxid, verification)
  world.tell({ type: 'verification', wxid })
  return verification
}
