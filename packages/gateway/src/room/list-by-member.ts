import type { listByMember as declaration, RequestOf } from '@qunhub/wire'
import type { Queryable } from '../store/database/database.ts'
import { chatsOfExternalUser, chatsOfWxid } from '../store/rooms/chat-lists.ts'
import type { ChatRevision } from '../store/rooms/rooms.ts'
import type { Caller } from './room-deps.ts'

export type ListByMemberRequest = Omit<RequestOf<typeof declaration>, 'token'>

/**
 * GET /room/listByMember: one row per (bot, room) that the contact is in. Answered from the store; no bot is touched. A list by
 * wxid `lasts` as long as the edition of the workspace does; by which ids else contacts go is not counted there.
 */
export async function listByMember(
  { contactWxid }: ListByMemberRequest,
  { workspaceId }: Caller,
  { db }: { db: Queryable },
): Promise<{ chats: ChatRevision[]; lasts: boolean }> {
  const chats = await chatsOfWxid(db, workspaceId, contactWxid)
  if (chats.length > 0) return { chats, lasts: true }
  return { chats: await chatsOfExternalUser(db, workspaceId, contactWxid), lasts: false }
}
