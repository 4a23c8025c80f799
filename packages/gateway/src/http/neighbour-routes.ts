import { botList, contactList, roomList, simpleList, tagList } from '@qunhub/wire'
import type { FastifyInstance } from 'fastify'
import { listBots } from '../neighbour/bot-list.ts'
import { listContacts } from '../neighbour/contact-list.ts'
import { listRooms } from '../neighbour/room-list.ts'
import { listRoomsSimply } from '../neighbour/simple-list.ts'
import type { Queryable } from '../store/database/database.ts'
import { listTags } from '../store/rooms/tags.ts'
import { answerPage, answerRows, type Listing } from './lists/answer-lists.ts'

/** What stands beside the page: by it ids are found, and public clients of the original ask it first (NB-1…NB-5). */
export function neighbourRoutes(
  app: FastifyInstance,
  deps: Listing & { readonly lists: { readonly db: Queryable } },
): void {
  const { db } = deps.lists
  answerRows(app, deps, roomList, async (ask, caller) => {
    const { rows, page } = await listRooms(ask, caller, db)
    return { chats: rows, tail: `],"page":${JSON.stringify(page)}}` }
  })
  answerPage(app, deps, simpleList, (ask, caller) => listRoomsSimply(ask, caller, db))
  answerPage(app, deps, botList, async (_ask, caller) => ({ data: await listBots(caller, db) }))
  answerPage(app, deps, contactList, (ask, caller, turn) => listContacts(ask, caller, db, turn))
  answerPage(app, deps, tagList, async (_ask, { workspaceId }) => ({ data: await listTags(db, workspaceId) }))
}
