import type { listByMHTag as declaration, Page, RequestOf } from '@qunhub/wire'
import type { Queryable } from '../store/database/database.ts'
import { type ChatRevision, pageOfChats } from '../store/rooms/rooms.ts'
import type { Caller } from './room-deps.ts'

export type ListByMHTagRequest = Omit<RequestOf<typeof declaration>, 'token'>

/**
 * GET /room/listByMHTag: one page of the chats that carry the tag, oldest first; without a tag, of every chat (LT-5).
 * An unknown or foreign tag has no chats (LT-2). `total` counts rows (LT-4).
 */
export async function listByMHTag(
  { mhTagId, current, pageSize }: ListByMHTagRequest,
  { workspaceId }: Caller,
  { db }: { db: Queryable },
): Promise<{ rows: ChatRevision[]; page: Page }> {
  const offset = (current - 1) * pageSize
  const { rows, total } = await pageOfChats(db, workspaceId, mhTagId || null, { offset, limit: pageSize })
  return { rows, page: { current, total } }
}
