import { done, refuse } from '../model/result.ts'
import { listBots } from '../store/bots.ts'
import { findOrdinal, searchChats } from '../store/rooms.ts'
import { chooseBot } from './choose-bot.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** Chats of the rooms that the bots are in, so that people find their chatIds. */
export const listChats: Verb<'list-chats'> = async (
  { workspace, bot, topic, after, limit },
  { db, keyring },
) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const of = bot === undefined ? undefined : await chooseBot({ db, keyring }, chosen.value.id, bot)
  if (of?.ok === false) return of

  const behind = after === undefined ? undefined : await findOrdinal(db, chosen.value.id, after)
  if (after !== undefined && behind === undefined) return refuse('chat-unknown', after)

  const wanted = {
    ...(behind !== undefined && { after: behind }),
    ...(of && { botId: of.value.id }),
    ...(topic !== undefined && { topic }),
  }
  const found = await searchChats(db, chosen.value.id, wanted, limit + 1)
  const bots = new Map((await listBots(db, keyring, chosen.value.id)).map(({ id, account }) => [id, account]))
  const shown = found.slice(0, limit)
  const more = found.length > limit
  return done({
    chats: shown.map(chat => ({ ...chat, botNickName: bots.get(chat.botId)?.nickName ?? null })),
    more,
    next: more ? shown.at(-1)!.chatId : null,
  })
}
