import type { VerbRefusal } from '@qunhub/wire'
import { isPuppetFailure, PuppetTimeout, PuppetUnavailable } from '../bot/puppet-failures.ts'
import { done, refuse } from '../model/result.ts'
import { chooseBot } from './choose-bot.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/**
 * Logs the account of a bot out of its puppet. Only here: whatever else ends a bot's work leaves its account logged in,
 * for nobody but a person with the phone brings it back.
 */
export const logoutBot: Verb<'logout-bot'> = async ({ workspace, bot }, { db, keyring, live }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const named = await chooseBot({ db, keyring }, chosen.value.id, bot)
  if (!named.ok) return named

  const { id, workspaceId } = named.value
  if (!live) return refuse('gateway-not-running')
  const hosted = live.roster.byId(workspaceId, id)
  const elsewhere = hosted
    ? null
    : await live.askOwner(named.value, 'logout-bot', { workspace: workspaceId, bot: id })
  if (elsewhere === 'unheard') return refuse('logout-unclear')
  if (elsewhere) return elsewhere.ok ? done({ id }) : refuse(elsewhere.refused as VerbRefusal<'logout-bot'>)
  // The wrong account, too, is logged out here: else nobody could scan with the right one.
  if (hosted?.session.state !== 'online' && hosted?.session.state !== 'wrong-account')
    return refuse('bot-offline', hosted?.session.state)

  // A bot that is logged out, and of which that cannot be written down, would be waited for after the next start (ST-140).
  await db.requireWritable()
  try {
    await live.roster.logOut(hosted)
    return done({ id })
  } catch (failure) {
    // The puppet's own words are for the log of the gateway, which has them.
    if (!isPuppetFailure(failure)) throw failure
    if (failure instanceof PuppetUnavailable) return refuse('bot-offline', hosted.session.state)
    return refuse(failure instanceof PuppetTimeout ? 'logout-unclear' : 'logout-failed')
  }
}
