import { done } from '../model/result.ts'
import { saveExpectedUserId } from '../store/bots.ts'
import { chooseBot } from './choose-bot.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/**
 * Names the account that may take the place of the bot's, whether it is logged in already or is to come. A node that runs the
 * bot elsewhere finds out at its next look.
 */
export const acceptAccount: Verb<'accept-account'> = async (
  { workspace, bot, account },
  { db, keyring, live },
) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const named = await chooseBot({ db, keyring }, chosen.value.id, bot)
  if (!named.ok) return named

  const { id, workspaceId } = named.value
  await saveExpectedUserId(db, workspaceId, id, account)
  const hosted = live?.roster.byId(workspaceId, id)
  if (hosted) live?.roster.lookForLogin(hosted)
  return done({ id, expectedUserId: account })
}
