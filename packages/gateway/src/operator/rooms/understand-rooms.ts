/** What somebody typed to find rooms: an id of a room or of a person, else words. The answer says what it was taken for. */
import type { VerbOutput, WorkspaceId } from '@qunhub/wire'
import type { Database } from '../../store/database/database.ts'
import { chatIdsOfMembers, membersOfId, membersOfName } from '../../store/rooms/find-members.ts'
import { findOrdinal } from '../../store/rooms/rooms.ts'
import type { RoomFilter } from '../../store/rooms/search-rooms.ts'

export type Understood = NonNullable<VerbOutput<'list-chats'>['understood']>

const NAMED_MAX = 5

export async function understandRooms(
  db: Database,
  workspaceId: WorkspaceId,
  typed: string,
): Promise<{ readonly understood: Understood; readonly filter: RoomFilter }> {
  if ((await findOrdinal(db, workspaceId, typed)) !== undefined)
    return { understood: { as: 'chat', members: [] }, filter: { chatIds: [typed] } }

  const ofRoom = await db.all(db.hot.chatsOfRoom(workspaceId, typed))
  if (ofRoom.length > 0)
    return {
      understood: { as: 'room', members: [] },
      filter: { chatIds: ofRoom.map(({ chat_id }) => chat_id) },
    }

  const members = await membersOfId(db, workspaceId, typed)
  if (members.length > 0) {
    const chatIds = await chatIdsOfMembers(
      db,
      workspaceId,
      members.map(({ wxid }) => wxid),
    )
    return { understood: { as: 'contact', members: members.slice(0, NAMED_MAX) }, filter: { chatIds } }
  }

  const namesakes = await membersOfName(db, workspaceId, typed)
  const orChatIds = await chatIdsOfMembers(
    db,
    workspaceId,
    namesakes.map(({ wxid }) => wxid),
  )
  return {
    understood: { as: 'words', members: namesakes.slice(0, NAMED_MAX) },
    filter: { topic: typed, orChatIds },
  }
}
