import type { UserId } from '@qunhub/wire'
import type { Bot, BotAccount } from './bot.ts'
import { isSameUserId } from './user-id.ts'

/**
 * Whether the account that has logged in is the bot's. The one that is known is; before there is one, whom the operator named,
 * or anybody where he named nobody. Whoever he named in place of the known one is, too. Any other account waits for his word:
 * taking it would leave the chats of the first one.
 */
export function isExpectedAccount(
  { account: known, expectedUserId: named }: Pick<Bot, 'account' | 'expectedUserId'>,
  login: BotAccount,
): boolean {
  if (known?.wxid === login.wxid) return true
  if (named === null) return known === null
  // A userId is unique per corp only: the name that the known one answers to does not mean its namesake in another.
  if (known && isNamed(named, known)) return false
  return isNamed(named, login)
}

/** By userId, whose case WeCom does not heed, or by wxid. */
const isNamed = (named: UserId, { userId, wxid }: BotAccount): boolean =>
  named === (wxid as string) || isSameUserId(named, userId)
