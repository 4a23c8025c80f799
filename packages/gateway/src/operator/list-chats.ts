import { done } from '../model/result.ts'
import { listBots } from '../store/bots.ts'
import { searchChats } from '../store/rooms.ts'
import { chooseBot } from './choose-bot.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** Chats of the rooms that the bots are in, so that people find their chatIds. */
export const listChats: Verb<'list-chats'> = async ({ workspace, bot, topic, limit }, { db, keyring }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const of = bot === undefined ? undefined : await chooseBot({ db, keyring }, chosen.value.id, bot)
  if (of?.ok === false) return of

  const wanted = { ...(of && { botId: of.value.id }), ...(topic !== undefined && { topic }) }
  const found = await searchChats(db, chosen.value.id, wanted, limit + 1)
  const bots = new Map((await listBots(db, keyring, chosen.value.id)).map(({ id, account }) => [id, account]))
  return done({
    chats: found
      .slice(0, limit)
      .map(chat => ({ ...chat, botNickName: bots.get(chat.botId)?.nickName ?? null })),
    more: found.length > limit,
  })
}
