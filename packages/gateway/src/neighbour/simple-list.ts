import type { Page, RequestOf, SimpleRoomRow, simpleList } from '@qunhub/wire'
import type { Queryable } from '../store/database/database.ts'
import { type ChatSketch, readSketches } from '../store/rooms/chat-sketches.ts'
import { chatsOfRoom } from '../store/rooms/chats-of-room.ts'
import { pageOfChats } from '../store/rooms/rooms.ts'
import { type Caller, cutPage } from './page.ts'

/**
 * GET /room/simpleList: as `/room/list`, without members. A room that is asked for by its `wxid` is told also where every bot has left
 * it, as `deleted`: who holds its id wants to know that it is gone (NB-2).
 */
export async function listRoomsSimply(
  { current, pageSize, wxid }: Omit<RequestOf<typeof simpleList>, 'token'>,
  { workspaceId }: Caller,
  db: Queryable,
): Promise<{ data: SimpleRoomRow[]; page: Page }> {
  if (wxid) {
    const chats = await chatsOfRoom(db, workspaceId, wxid)
    const { rows, page } = cutPage(chats, { current, pageSize })
    return { data: (await readSketches(db, workspaceId, rows)).map(toSimpleRow), page }
  }
  const offset = current * pageSize
  const { rows, total } = await pageOfChats(db, workspaceId, null, { offset, limit: pageSize })
  const sketches = await readSketches(db, workspaceId, rows)
  // One that was left since is for the next page to leave out.
  return { data: sketches.filter(({ isLeft }) => !isLeft).map(toSimpleRow), page: { current, total } }
}

const toSimpleRow = (chat: ChatSketch): SimpleRoomRow => ({
  chatId: chat.chatId,
  botInfo: chat.bot,
  wxid: chat.roomWxid,
  topic: chat.topic,
  avatarUrl: chat.avatarUrl,
  ownerId: chat.ownerId,
  labels: [...chat.labels],
  ...(chat.wecomChatId !== null && { wecomChatId: chat.wecomChatId }),
  external: chat.external,
  memberCount: chat.memberCount,
  deleted: chat.isLeft,
})
