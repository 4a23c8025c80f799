import type { BotAccount, Tenure } from '../../model/bot.ts'
import { isExpectedAccount } from '../../model/expected-account.ts'
import type { Keyring } from '../../model/keyring.ts'
import type { Database } from '../database/database.ts'
import { saveBotAccount } from './bots.ts'
import { findBot } from './find-bots.ts'

/**
 * Keeps who logged in, unless it is another account than the operator's: then nothing changes, and false. What he names is
 * read here each time, because he may change his mind at any node while the bot waits.
 */
export async function takeAccount(
  db: Database,
  keyring: Keyring,
  tenure: Tenure,
  account: BotAccount,
): Promise<boolean> {
  const bot = await findBot(db, keyring, tenure.workspaceId, tenure.botId)
  if (bot && !isExpectedAccount(bot, account)) return false
  await saveBotAccount(db, tenure, account)
  return true
}
