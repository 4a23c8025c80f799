import { done, refuse } from '../model/result.ts'
import { readSketches } from '../store/rooms/chat-sketches.ts'
import { findOrdinal } from '../store/rooms/rooms.ts'
import { searchRooms } from '../store/rooms/search-rooms.ts'
import { chooseTag } from './tags.ts'
import { understandRooms } from './understand-rooms.ts'
import type { Verbs } from './verb.ts'

export const roomVerbs = {
  /** Chats of the rooms that the bots are in, so that people find their chatIds. */
  'list-chats': async ({ search, topic, tag, external, after, limit }, { db, workspace, bot }) => {
    const behind = after === undefined ? undefined : await findOrdinal(db, workspace.id, after)
    if (after !== undefined && behind === undefined) return refuse('chat-unknown', after)
    const chosen = tag === undefined ? undefined : await chooseTag(db, workspace.id, tag)
    if (chosen && !chosen.ok) return chosen

    const meant = search === undefined ? undefined : await understandRooms(db, workspace.id, search)
    const filter = {
      ...{ botId: bot?.id, tagId: chosen?.value, topic, ...meant?.filter },
      external: external === undefined ? undefined : external === 'yes',
    }
    const { rooms, more, total } = await searchRooms(db, workspace.id, filter, { after: behind, limit })
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
      more,
      next: more ? rooms.at(-1)!.chatId : null,
      total,
      understood: meant?.understood ?? null,
    })
  },
} satisfies Verbs
