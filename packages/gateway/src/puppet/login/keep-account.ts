import type { BotAccount } from '../../model/bot.ts'
import { sleep } from '../../system/clock.ts'
import { waitAfter } from '../back-off.ts'
import type { LoginsDeps } from './logins-deps.ts'

/**
 * The store must know whose rooms it keeps before anybody asks this bot for anything, so it is asked until it answers. Whether
 * the account is the bot's; null when it left meanwhile.
 */
export async function keepAccount(
  account: BotAccount,
  presence: AbortSignal,
  { bot, clock, handlers, random, reconnectMs, standing }: LoginsDeps,
): Promise<boolean | null> {
  for (let attempt = 1; !presence.aborted; attempt++) {
    try {
      const isOurs = await handlers.onAccount(bot, account, presence)
      return presence.aborted ? null : isOurs
    } catch (failure) {
      standing.complain(failure, 'an account could not be kept; it will be tried again')
    }
    await sleep(clock, waitAfter(attempt, reconnectMs, random), presence)
  }
  return null
}

/** Nothing is done in its name: its rooms are not read, and those of the bot's own account stay as they are. */
export function showWrongAccount(account: BotAccount, { bot, clock, log, standing }: LoginsDeps): void {
  const { session } = standing
  if (session.state === 'wrong-account' && session.account.wxid === account.wxid) {
    standing.amend({ ...session, account })
    return
  }
  const { id, workspaceId } = bot.bot
  log.warn(
    { bot: id, workspace: workspaceId, account: account.wxid },
    'another account than the one of this bot is logged in; it is not taken unless an operator accepts it',
  )
  const reason = `another account is logged in: ${account.userId}`
  standing.moveTo({ state: 'wrong-account', since: clock.now(), account, reason })
}
