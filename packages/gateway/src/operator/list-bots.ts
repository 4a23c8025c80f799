import type { BotRecord, BotSessionRecord, VerbOutput, WorkspaceId } from '@qunhub/wire'
import type { Bot } from '../model/bot.ts'
import { done } from '../model/result.ts'
import { listBotSessions, listBots as readBots } from '../store/bots.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import { presentBot, presentSaved, presentSession } from './present-bot.ts'
import type { LiveParts, Verb } from './verb.ts'

/**
 * Oldest first. Sessions are those of this moment where a gateway runs, whichever node runs the bot, else the last
 * recorded; `live` says which.
 */
export const listBots: Verb<'list-bots'> = async ({ workspace }, { db, keyring, live }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen

  const all = await readBots(db, keyring, chosen.value.id)
  const bots = live && !live.askOthers ? all.filter(bot => liveSession(bot, live)) : all
  const elsewhere = await liveElsewhere(chosen.value.id, bots, live)
  const saved = new Map((await listBotSessions(db, chosen.value.id)).map(session => [session.botId, session]))
  return done({
    live: live !== null,
    bots: bots.map(bot => {
      const session = liveSession(bot, live)
      if (live && session) return presentBot(bot, session, live.additionsOf(bot.id))
      const told = elsewhere.get(bot.id)
      return told
        ? presentBot(bot, told.session, told.additionsInLastMinute)
        : presentBot(bot, presentSaved(saved.get(bot.id)), null)
    }),
  })
}

function liveSession({ workspaceId, id }: Bot, live: LiveParts | null): BotSessionRecord | undefined {
  const hosted = live?.roster.byId(workspaceId, id)
  return hosted && presentSession(hosted)
}

/** What the nodes that run the other bots say of them. */
async function liveElsewhere(
  workspace: WorkspaceId,
  bots: readonly Bot[],
  live: LiveParts | null,
): Promise<Map<string, BotRecord>> {
  if (!live?.askOthers || bots.every(bot => live.roster.byId(bot.workspaceId, bot.id))) return new Map()
  const replies = await live.askOthers(workspace, 'list-bots', { workspace })
  const told = replies.flatMap(reply => (reply.ok ? (reply.value as VerbOutput<'list-bots'>).bots : []))
  // It counts the additions of the bots that it runs, and an older one lists all others as well.
  return new Map(told.filter(bot => bot.additionsInLastMinute !== null).map(bot => [bot.id, bot]))
}
