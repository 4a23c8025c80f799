import { done, refuse } from '../../model/result.ts'
import { isPuppetFailure } from '../../puppet/puppet-failures.ts'
import { chatsOfRoom } from '../../store/rooms/chats-of-room.ts'
import type { Verbs } from '../verb.ts'

export const roomSyncVerbs = {
  /** Only a room that the bot is known to be in: of others it hears by itself, or by a sync of all. */
  'sync-room': async ({ room }, { db, live, bot, hosted }) => {
    if (hosted.session.state !== 'online') return refuse('bot-offline', hosted.session.state)
    const chats = await chatsOfRoom(db, bot.workspaceId, room)
    if (!chats.some(chat => chat.botId === bot.id && !chat.isLeft)) return refuse('room-unknown', room)
    try {
      await live.syncRoom(hosted, room)
      return done({ id: bot.id, room })
    } catch (failure) {
      if (isPuppetFailure(failure)) return refuse('sync-failed', failure.name)
      throw failure
    }
  },
} satisfies Verbs
