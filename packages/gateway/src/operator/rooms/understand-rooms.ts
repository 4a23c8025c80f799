/** What somebody typed to find rooms: an id of a room or of a person, else words. The answer says what it was taken for. */
import type { VerbOutput, WorkspaceId } from '@qunhub/wire'
import type { Database } from '../../store/database/database.ts'
import { chatIdsOfMembers, membersOfId, membersOfName } from '../../store/rooms/find-members.ts'
import type { RoomFilter } from '../../store/rooms/room-fits.ts'
import { findOrdinal } from '../../store/rooms/rooms.ts'

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
    const wxids = members.map(({ wxid }) => wxid)
    const chatIds = await chatIdsOfMembers(db, workspaceId, wxids)
    return {
      understood: { as: 'contact', members: members.slice(0, NAMED_MAX) },
      filter: chatIds ? { chatIds } : { memberOf: wxids },
    }
  }

  const namesakes = await membersOfName(db, workspaceId, typed)
  const orMemberOf = namesakes.map(({ wxid }) => wxid)
  const orChatIds = await chatIdsOfMembers(db, workspaceId, orMemberOf)
  return {
    understood: { as: 'words', members: namesakes.slice(0, NAMED_MAX) },
    filter: { topic: typed, ...(orChatIds ? { orChatIds } : { orMemberOf }) },
  }
}
