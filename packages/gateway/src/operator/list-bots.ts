import type { BotSessionRecord } from '@qunhub/wire'
import type { Bot } from '../model/bot.ts'
import { done } from '../model/result.ts'
import { listBotSessions, listBots as readBots } from '../store/bots.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import { presentBot, presentSaved, presentSession } from './present-bot.ts'
import type { LiveParts, Verb } from './verb.ts'

/** Oldest first. Sessions are those of this moment where a gateway runs, else the last recorded; `live` says which. */
export const listBots: Verb<'list-bots'> = async ({ workspace }, { db, keyring, live }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen

  const bots = await readBots(db, keyring, chosen.value.id)
  const saved = new Map((await listBotSessions(db, chosen.value.id)).map(session => [session.botId, session]))
  return done({
    live: live !== null,
    bots: bots.map(bot => {
      const session = liveSession(bot, live)
      const additions = live && session ? live.additionsOf(bot.id) : null
      return presentBot(bot, session ?? presentSaved(saved.get(bot.id)), additions)
    }),
  })
}

function liveSession({ workspaceId, id }: Bot, live: LiveParts | null): BotSessionRecord | undefined {
  const hosted = live?.roster.byId(workspaceId, id)
  return hosted && presentSession(hosted.session)
}
