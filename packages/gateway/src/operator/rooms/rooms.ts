import { done, refuse } from '../../model/result.ts'
import { toRoomRow } from '../../model/room.ts'
import { readSketches } from '../../store/rooms/chat-sketches.ts'
import { findChat } from '../../store/rooms/read-chats.ts'
import { findOrdinal } from '../../store/rooms/rooms.ts'
import { searchRooms } from '../../store/rooms/search-rooms.ts'
import { lookingTime } from '../looking-time.ts'
import type { Verbs } from '../verb.ts'
import { chooseChats } from './choose-chats.ts'
import { chooseRooms } from './choose-rooms.ts'

export const roomVerbs = {
  /** Chats of the rooms that the bots are in, so that people find their chatIds. */
  'list-chats': async ({ after, limit, ...which }, { db, clock, workspace, bot }) => {
    const isOver = lookingTime(clock)
    const behind = after === undefined ? undefined : await findOrdinal(db, workspace.id, after)
    if (after !== undefined && behind === undefined) return refuse('chat-unknown', after)
    const chosen = await chooseRooms(db, workspace.id, { ...which, botId: bot?.id })
    if (!chosen.ok) return chosen
    const { filter, understood } = chosen.value
    const page = { after: behind, limit }
    const { rooms, next, total } = await searchRooms(db, workspace.id, filter, page, isOver)
    const sketches = new Map((await readSketches(db, workspace.id, rooms)).map(each => [each.chatId, each]))
    return done({
      chats: rooms.flatMap(({ chatId, botId, roomWxid }) => {
        const sketch = sketches.get(chatId)
        if (!sketch) return []
        const { topic: called, memberCount, external: isExternal, labels, bot: seenBy } = sketch
        return {
          ...{ chatId, roomWxid, botId, topic: called, memberCount, external: isExternal },
          ...{ tags: [...labels], botNickName: seenBy.nickName || null },
        }
      }),
      more: next !== null,
      next,
      total,
      understood,
    })
  },

  /** What customers are told of it, whether or not a token asks. */
  'show-chat': async ({ chat: named }, { db, workspace }) => {
    const chosen = await chooseChats(db, workspace.id, [named])
    if (!chosen.ok) return chosen
    const chat = await findChat(db, workspace.id, chosen.value[0]!)
    return chat ? done({ row: toRoomRow(chat) }) : refuse('chat-unknown', named)
  },
} satisfies Verbs
