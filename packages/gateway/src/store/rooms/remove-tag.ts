import type { ChatId, TagId, WorkspaceId } from '@qunhub/wire'
import type { Database } from '../database/database.ts'
import { locked } from '../database/lock-rows.ts'
import { unassignTags } from './assign-tag.ts'

/** Chats read at once; they are taken off in writes of a few hundred (`assign-tag.ts`). */
const CHATS_AT_ONCE_MAX = 1000

/**
 * Takes the tag off every chat, left or not, and then away. Says how many had it; undefined when the workspace does not know
 * it. Whoever puts it on a chat meanwhile only makes it one more.
 */
export async function removeTag(
  db: Database,
  workspaceId: WorkspaceId,
  tagId: TagId,
): Promise<number | undefined> {
  let taken = 0
  for (;;) {
    const outcome = await removeBare(db, workspaceId, tagId)
    if (outcome === 'unknown') return undefined
    if (outcome === 'removed') return taken
    taken += (await unassignTags(db, workspaceId, tagId, outcome)).size
  }
}

/** Removes a tag that no chat has; else some of those that have it. */
function removeBare(
  db: Database,
  workspaceId: WorkspaceId,
  tagId: TagId,
): Promise<'unknown' | 'removed' | ChatId[]> {
  return db.write(async tx => {
    const tag = tx.query
      .selectFrom('tag')
      .select('id')
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', tagId)
    // Nobody can put it on a chat while its row is locked.
    const known = await tx.first(locked(tx, tag, 'references').compile())
    if (!known) return 'unknown'
    const tagged = await tx.all(
      tx.query
        .selectFrom('chat_tag')
        .select('chat_id')
        .where('workspace_id', '=', workspaceId)
        .where('tag_id', '=', tagId)
        .limit(CHATS_AT_ONCE_MAX)
        .compile(),
    )
    if (tagged.length > 0) return tagged.map(({ chat_id }) => chat_id as ChatId)

    await tx.run(
      tx.query
        .deleteFrom('list_block')
        .where('workspace_id', '=', workspaceId)
        .where('list', '=', tagId)
        .compile(),
    )
    await tx.run(
      tx.query.deleteFrom('tag').where('workspace_id', '=', workspaceId).where('id', '=', tagId).compile(),
    )
    return 'removed'
  })
}
