import type { HostedBot } from '../puppet/hosted-bot.ts'
import { saveBotAccount } from '../store/bots/bots.ts'
import type { ChatroomDeps } from './keep-room.ts'

/** The bot may have been renamed: rows and callbacks show its name and userId as `botInfo`. */
export async function refreshAccount({ db }: ChatroomDeps, bot: HostedBot): Promise<void> {
  const account = await bot.refreshAccount()
  if (account) await saveBotAccount(db, bot.tenure, account)
}
