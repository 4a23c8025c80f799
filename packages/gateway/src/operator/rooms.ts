import { done, refuse } from '../model/result.ts'
import { listBots } from '../store/bots/bots.ts'
import { findOrdinal, searchChats } from '../store/rooms/rooms.ts'
import type { Verbs } from './verb.ts'

export const roomVerbs = {
  /** Chats of the rooms that the bots are in, so that people find their chatIds. */
  'list-chats': async ({ topic, after, limit }, { db, keyring, workspace, bot }) => {
    const behind = after === undefined ? undefined : await findOrdinal(db, workspace.id, after)
    if (after !== undefined && behind === undefined) return refuse('chat-unknown', after)

    const wanted = {
      ...(behind !== undefined && { after: behind }),
      ...(bot && { botId: bot.id }),
      ...(topic !== undefined && { topic }),
    }
    const found = await searchChats(db, workspace.id, wanted, limit + 1)
    const bots = new Map((await listBots(db, keyring, workspace.id)).map(({ id, account }) => [id, account]))
    const shown = found.slice(0, limit)
    const more = found.length > limit
    return done({
      chats: shown.map(chat => ({ ...chat, botNickName: bots.get(chat.botId)?.nickName ?? null })),
      more,
      next: more ? shown.at(-1)!.chatId : null,
    })
  },
} satisfies Verbs
