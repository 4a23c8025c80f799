import type { listByMember as declaration, RequestOf } from '@qunhub/wire'
import type { Queryable } from '../store/database/database.ts'
import { type ChatRevision, chatsOfMember } from '../store/rooms/rooms.ts'
import type { Caller } from './room-deps.ts'

export type ListByMemberRequest = Omit<RequestOf<typeof declaration>, 'token'>

/** GET /room/listByMember: one row per (bot, room) that the contact is in. Answered from the store; no bot is touched. */
export const listByMember = (
  { contactWxid }: ListByMemberRequest,
  { workspaceId }: Caller,
  { db }: { db: Queryable },
): Promise<ChatRevision[]> => chatsOfMember(db, workspaceId, contactWxid)
