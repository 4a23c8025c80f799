import type { UserId, WorkspaceId } from '@qunhub/wire'
import { done, type Result, refuse } from '../model/result.ts'
import type { HostedBot } from '../puppet/hosted-bot.ts'
import type { Roster } from '../puppet/roster.ts'

/**
 * The one bot of the workspace that goes by this userId. A userId is unique per corp only, so a workspace that hosts
 * two corps may have two of them, and nobody may guess which was meant (AM-2, AM-3, CR-2, CR-3, EX-2, EX-3).
 */
export function chooseBot(
  roster: Pick<Roster, 'byUserId'>,
  workspaceId: WorkspaceId,
  userId: UserId,
): Result<HostedBot, 'bot-unknown' | 'bot-ambiguous'> {
  const [bot, another] = roster.byUserId(workspaceId, userId)
  if (!bot) return refuse('bot-unknown')
  if (another) return refuse('bot-ambiguous')
  return done(bot)
}
