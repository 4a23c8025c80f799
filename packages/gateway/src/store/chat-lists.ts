import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ChatId, WorkspaceId } from '@qunhub/wire'
import type { Database } from './database.ts'

/** Ordinals read in one statement: five to twenty milliseconds, then others have their turn. */
const ORDINALS_PER_READ_MAX = 10_000

/** What a list needs of a chat whose row is rendered already. */
export interface ChatRevision {
  readonly chatId: ChatId
  /** Of chat, bot and workspace together: different whenever the rendered row would be. */
  readonly revision: string
}

/** The chats in which the contact is a member, one for each bot that is in the room too; oldest chat first (LM-2). */
export async function chatsOfMember(
  db: Database,
  workspaceId: WorkspaceId,
  contactWxid: string,
): Promise<ChatRevision[]> {
  return (await db.all(db.hot.chatsOfMember(workspaceId, contactWxid))).map(toChatRevision)
}

/**
 * One page of the chats that have the tag (null: of all chats), oldest first, and how many there are in all (LT-4). A
 * tag that the workspace does not know has none (LT-2). The cost does not depend on `offset` (LT-6).
 */
export async function pageOfChats(
  db: Database,
  workspaceId: WorkspaceId,
  tagId: string | null,
  { offset, limit }: { offset: number; limit: number },
): Promise<{ rows: ChatRevision[]; total: number }> {
  const list = await db.chatOrders.of(workspaceId, tagId, () => readOrdinals(db, workspaceId, tagId))
  const total = list.length
  const ordinals = list.slice(offset, offset + limit)
  if (ordinals.length === 0) return { rows: [], total }
  return { rows: (await db.all(db.hot.chatsAt(workspaceId, ordinals))).map(toChatRevision), total }
}

async function* readOrdinals(db: Database, workspaceId: WorkspaceId, tagId: string | null) {
  let after = 0
  for (;;) {
    const rows = await db.all(db.hot.chatOrdinals(workspaceId, tagId, after, ORDINALS_PER_READ_MAX))
    yield rows.map(row => row.ordinal)
    if (rows.length < ORDINALS_PER_READ_MAX) return
    after = rows.at(-1)!.ordinal
    await nextTurn()
  }
}

const toChatRevision = (row: { chat_id: string; revision: string }): ChatRevision => ({
  chatId: row.chat_id as ChatId,
  revision: row.revision,
})
