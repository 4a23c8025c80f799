import type { HostedBot } from '../puppet/hosted-bot.ts'
import { isPuppetFailure, type PuppetFailure, PuppetUnavailable } from '../puppet/puppet-failures.ts'
import { type Clock, SECOND_MS, sleep } from '../system/clock.ts'

/** A lost stream is back within a second as a rule. A client's own timeout should not come first. */
const BACK_MAX_MS = 4 * SECOND_MS
const ASK_AGAIN_MS = 250

/**
 * Whether the puppet can be asked what became of a call that failed. It may have happened all the same: errors of puppets
 * have no codes, and one that gave up on itself inside looks like a refusal. After an answer or a timeout the puppet is
 * there; a connection that broke under the call is waited for, a few seconds.
 */
export async function canBeLookedAt(clock: Clock, bot: HostedBot, failure: PuppetFailure): Promise<boolean> {
  if (!(failure instanceof PuppetUnavailable)) return true
  const until = clock.now() + BACK_MAX_MS
  while (!(await answers(bot))) {
    if (clock.now() >= until) return false
    await sleep(clock, ASK_AGAIN_MS)
  }
  return true
}

/** The session may not have noticed yet that its connection is gone, so it is not believed. */
async function answers(bot: HostedBot): Promise<boolean> {
  try {
    await bot.listRooms()
    return true
  } catch (failure) {
    if (!isPuppetFailure(failure)) throw failure
    return false
  }
}
