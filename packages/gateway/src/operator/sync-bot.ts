import type { VerbRefusal } from '@qunhub/wire'
import { isPuppetFailure } from '../bot/puppet-failures.ts'
import { done, refuse } from '../model/result.ts'
import { chooseBot } from './choose-bot.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** Reads everything the bot's puppet knows and owes `loaded` for each of its rooms (CB-1); needs the running gateway. */
export const syncBot: Verb<'sync-bot'> = async ({ workspace, bot }, { db, keyring, live }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const named = await chooseBot({ db, keyring }, chosen.value.id, bot)
  if (!named.ok) return named

  const { id, workspaceId } = named.value
  if (!live) return refuse('gateway-not-running')
  const hosted = live.roster.byId(workspaceId, id)
  const elsewhere = hosted
    ? null
    : await live.askOwner(named.value, 'sync-bot', { workspace: workspaceId, bot: id })
  if (elsewhere === 'unheard') return refuse('bot-offline')
  if (elsewhere) return elsewhere.ok ? done({ id }) : refuse(elsewhere.refused as VerbRefusal<'sync-bot'>)
  if (hosted?.session.state !== 'online') return refuse('bot-offline', hosted?.session.state)

  try {
    await live.syncBot(hosted)
    return done({ id })
  } catch (failure) {
    // The puppet's own words are for the log of the gateway, which has them.
    if (isPuppetFailure(failure)) return refuse('sync-failed', failure.name)
    throw failure
  }
}
