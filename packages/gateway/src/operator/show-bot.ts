import type { VerbOutput } from '@qunhub/wire'
import { done } from '../model/result.ts'
import { listBotMoves } from '../store/bot-moves.ts'
import { listBotSessions } from '../store/bots.ts'
import { chooseBot } from './choose-bot.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import { presentBot, presentSaved, presentSession } from './present-bot.ts'
import type { Verb } from './verb.ts'

/** A bot, its session of this moment where a node that can be reached runs it, and its newest moves. */
export const showBot: Verb<'show-bot'> = async ({ workspace, bot, limit }, { db, keyring, live }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const named = await chooseBot({ db, keyring }, chosen.value.id, bot)
  if (!named.ok) return named

  const { id, workspaceId } = named.value
  const hosted = live?.roster.byId(workspaceId, id)
  if (live && !hosted) {
    const elsewhere = await live.askOwner(named.value, 'show-bot', { workspace: workspaceId, bot: id, limit })
    if (elsewhere && elsewhere !== 'unheard' && elsewhere.ok)
      return done(elsewhere.value as VerbOutput<'show-bot'>)
  }
  const session = hosted
    ? presentSession(hosted)
    : presentSaved((await listBotSessions(db, workspaceId)).find(saved => saved.botId === id))
  return done({
    live: hosted !== undefined,
    bot: presentBot(named.value, session, live && hosted ? live.additionsOf(id) : null),
    moves: await listBotMoves(db, workspaceId, id, limit),
  })
}
