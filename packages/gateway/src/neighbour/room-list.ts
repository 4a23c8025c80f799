import type { Page, RequestOf, roomList } from '@qunhub/wire'
import type { Queryable } from '../store/database/database.ts'
import { chatsOfRoom } from '../store/rooms/chats-of-room.ts'
import { type ChatRevision, pageOfChats } from '../store/rooms/rooms.ts'
import { type Caller, cutPage } from './page.ts'

export type RoomListRequest = Omit<RequestOf<typeof roomList>, 'token'>

/** GET /room/list: the chats that no bot has left, oldest first; with `wxid` those of one room (NB-1). */
export async function listRooms(
  { current, pageSize, wxid }: RoomListRequest,
  { workspaceId }: Caller,
  db: Queryable,
): Promise<{ rows: ChatRevision[]; page: Page }> {
  if (wxid) {
    const chats = await chatsOfRoom(db, workspaceId, wxid)
    const { rows, page } = cutPage(
      chats.filter(chat => !chat.isLeft),
      { current, pageSize },
    )
    return { rows, page }
  }
  const { rows, total } = await pageOfChats(db, workspaceId, null, {
    offset: current * pageSize,
    limit: pageSize,
  })
  return { rows, page: { current, total } }
}
