import type { ChatId, TagId, WorkspaceId } from '@qunhub/wire'
import type { Database, Queryable } from './database.ts'
import { countTagged } from './list-blocks.ts'

export type AssignedTag = 'assigned' | 'already' | 'tag-unknown' | 'chat-unknown'

/** Puts the tag on the chat, behind those that it has (RW-2). A chat that was left keeps it for its return (EX-20). */
export function assignTag(
  db: Database,
  workspaceId: WorkspaceId,
  tagId: TagId,
  chatId: ChatId,
): Promise<AssignedTag> {
  return db.write(async tx => {
    const tag = await tx.first(
      tx.query
        .selectFrom('tag')
        .select('id')
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', tagId)
        .compile(),
    )
    if (!tag) return 'tag-unknown'
    const chat = await tx.first(tx.hot.chat(workspaceId, chatId))
    if (!chat) return 'chat-unknown'
    const labels = await tx.all(
      tx.query
        .selectFrom('chat_tag')
        .select(['tag_id', 'ordinal'])
        .where('workspace_id', '=', workspaceId)
        .where('chat_id', '=', chatId)
        .orderBy('ordinal')
        .compile(),
    )
    if (labels.some(label => label.tag_id === tagId)) return 'already'

    const row = { workspace_id: workspaceId, tag_id: tagId, chat_id: chatId, chat_ordinal: chat.ordinal }
    const ordinal = (labels.at(-1)?.ordinal ?? 0) + 1
    await tx.run(
      tx.query
        .insertInto('chat_tag')
        .values({ ...row, ordinal })
        .compile(),
    )
    await touchChat(tx, workspaceId, chatId)
    if (chat.left_at === null) await countTagged(tx, workspaceId, { tagId, ordinal: chat.ordinal }, 1)
    return 'assigned'
  })
}

/** Takes the tag off the chat. False when it was not on it. */
export function unassignTag(
  db: Database,
  workspaceId: WorkspaceId,
  tagId: TagId,
  chatId: ChatId,
): Promise<boolean> {
  return db.write(async tx => {
    const chat = await tx.first(tx.hot.chat(workspaceId, chatId))
    const taken = await tx.run(
      tx.query
        .deleteFrom('chat_tag')
        .where('workspace_id', '=', workspaceId)
        .where('tag_id', '=', tagId)
        .where('chat_id', '=', chatId)
        .compile(),
    )
    if (!chat || taken === 0) return false
    await touchChat(tx, workspaceId, chatId)
    if (chat.left_at === null) await countTagged(tx, workspaceId, { tagId, ordinal: chat.ordinal }, -1)
    return true
  })
}

const touchChat = (tx: Queryable, workspaceId: WorkspaceId, chatId: ChatId) =>
  tx.run(
    tx.query
      .updateTable('chat')
      .set(({ eb }) => ({ revision: eb('revision', '+', 1) }))
      .where('workspace_id', '=', workspaceId)
      .where('chat_id', '=', chatId)
      .compile(),
  )
