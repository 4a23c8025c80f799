import type { ChatId, WorkspaceId } from '@qunhub/wire'
import type { Queryable } from '../database/database.ts'
import { wxidsOfExternalUser } from './find-contacts.ts'
import { isOfContacts, listOf, startOf } from './list-blocks.ts'

/** What a list needs of a chat whose row is rendered already. */
export interface ChatRevision {
  readonly chatId: ChatId
  /** Of chat, bot and workspace together, on their timeline: different whenever the rendered row would be. */
  readonly revision: string
}

/** Numbers that a fail-over lost are given out again, on another timeline. */
export const onTimeline = (db: Queryable, revision: string): string => {
  const timeline = db.timeline()
  return timeline === '' ? revision : `${timeline}.${revision}`
}

/**
 * The chats in which the contact is a member, one for each bot that is in the room too; oldest chat first (LM-2). Whom
 * nobody knows by this wxid may be named by an externalUserId.
 */
export async function chatsOfMember(
  db: Queryable,
  workspaceId: WorkspaceId,
  named: string,
): Promise<ChatRevision[]> {
  const chats = await chatsOfWxid(db, workspaceId, named)
  return chats.length > 0 ? chats : chatsOfExternalUser(db, workspaceId, named)
}

/** Of whoever has this wxid: it hangs on nothing but what the edition of the workspace counts. */
export async function chatsOfWxid(
  db: Queryable,
  workspaceId: WorkspaceId,
  wxid: string,
): Promise<ChatRevision[]> {
  return toChatRevisions(db, await db.all(db.hot.chatsOfMember(workspaceId, wxid)))
}

/** Of whoever has this externalUserId. */
export async function chatsOfExternalUser(
  db: Queryable,
  workspaceId: WorkspaceId,
  named: string,
): Promise<ChatRevision[]> {
  const wxids = await wxidsOfExternalUser(db, workspaceId, named)
  const found = await Promise.all(wxids.map(wxid => db.all(db.hot.chatsOfMember(workspaceId, wxid))))
  // Bots of two corps may know one person under two wxids, and both may be members of one room.
  const each = new Map(found.flat().map(chat => [chat.chat_id, chat]))
  const inOrder = [...each.values()].toSorted((a, b) => a.ordinal - b.ordinal)
  return toChatRevisions(db, inOrder)
}

/**
 * One page of the chats that have the tag (null: of all chats), oldest first, and how many there are in all (LT-4). A
 * tag that the workspace does not know has none (LT-2). The cost does not depend on `offset` (LT-6): the blocks of the
 * list tell in which of them the page begins, and only from there on chats are read.
 */
export async function pageOfChats(
  db: Queryable,
  workspaceId: WorkspaceId,
  tagId: string | null,
  { offset, limit }: { offset: number; limit: number },
): Promise<{ rows: ChatRevision[]; total: number }> {
  if (tagId !== null && isOfContacts(tagId)) return { rows: [], total: 0 }
  const blocks = await db.all(db.hot.listBlocks(workspaceId, listOf(tagId)))
  const total = blocks.reduce((sum, { chats }) => sum + chats, 0)
  const start = startOf(blocks, offset)
  if (!start) return { rows: [], total }

  // Two reads are not one moment. A commit between them may shift this page by its chats, as it shifts the next one
  // anyway. No more are read than were counted, so the total is never smaller than what a page shows; and the last page
  // does not search on behind the last chat.
  const counted = Math.min(limit, total - offset)
  const rows = await db.all(db.hot.chatsFrom(workspaceId, tagId, { ...start, limit: counted }))
  return { rows: toChatRevisions(db, rows), total }
}

const toChatRevisions = (
  db: Queryable,
  rows: readonly { chat_id: string; revision: string }[],
): ChatRevision[] =>
  rows.map(row => ({ chatId: row.chat_id as ChatId, revision: onTimeline(db, row.revision) }))
