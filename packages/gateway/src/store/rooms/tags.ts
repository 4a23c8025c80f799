import { cleanText, type TagId, type WorkspaceId } from '@qunhub/wire'
import { hex24, type Random } from '../../system/random.ts'
import type { Database, Queryable } from '../database/database.ts'
import { countEdition } from './list-edition.ts'

/** Adds a tag under a new id, or under the id it has elsewhere. Rejects with StoreError when the workspace has that id. */
export async function addTag(
  db: Database,
  random: Random,
  workspaceId: WorkspaceId,
  { name, id = hex24(random) as TagId }: { name: string; id?: TagId },
): Promise<{ id: TagId; name: string }> {
  const tag = { id, name: cleanText(name) }
  await db.write(async tx => {
    const ordinal = (await tx.first(tx.hot.count(workspaceId, 'tag', 1)))!.last
    await tx.run(
      tx.query
        .insertInto('tag')
        .values({ workspace_id: workspaceId, ...tag, ordinal })
        .compile(),
    )
  })
  return tag
}

/** In the order in which they were added. `roomCount` counts chats that are not left, by the lengths of the lists. */
export async function listTags(
  db: Queryable,
  workspaceId: WorkspaceId,
): Promise<{ id: TagId; name: string; roomCount: number }[]> {
  const rows = await db.all(
    db.query
      .selectFrom('tag')
      .select(['tag.id', 'tag.name'])
      .select(({ selectFrom }) =>
        selectFrom('list_block')
          .select(({ fn }) => fn.sum<number>('list_block.chats').as('rooms'))
          .whereRef('list_block.workspace_id', '=', 'tag.workspace_id')
          .whereRef('list_block.list', '=', 'tag.id')
          .as('room_count'),
      )
      .where('tag.workspace_id', '=', workspaceId)
      .orderBy('tag.ordinal')
      .compile(),
  )
  // PostgreSQL adds up as a decimal, which arrives as text.
  return rows.map(row => ({ id: row.id as TagId, name: row.name, roomCount: Number(row.room_count ?? 0) }))
}

/** False when the workspace does not know the tag. Any row may show the name, so all get a new revision. */
export async function renameTag(
  db: Database,
  workspaceId: WorkspaceId,
  tagId: TagId,
  name: string,
): Promise<boolean> {
  const wanted = cleanText(name)
  return db.write(async tx => {
    const known = await tx.first(
      tx.query
        .selectFrom('tag')
        .select('name')
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', tagId)
        .compile(),
    )
    if (!known || known.name === wanted) return known !== undefined
    await tx.run(
      tx.query
        .updateTable('tag')
        .set({ name: wanted })
        .where('workspace_id', '=', workspaceId)
        .where('id', '=', tagId)
        .compile(),
    )
    await tx.run(
      tx.query
        .updateTable('workspace')
        .set(({ eb }) => ({ revision: eb('revision', '+', 1) }))
        .where('id', '=', workspaceId)
        .compile(),
    )
    await countEdition(tx, workspaceId, null)
    return true
  })
}

/** The tags that go by this id or this name, as they were added. */
export async function findTags(
  db: Database,
  workspaceId: WorkspaceId,
  named: string,
): Promise<{ id: TagId; name: string }[]> {
  const rows = await db.all(
    db.query
      .selectFrom('tag')
      .select(['id', 'name'])
      .where('workspace_id', '=', workspaceId)
      .where(({ or, eb }) => or([eb('id', '=', named), eb('name', '=', named)]))
      .orderBy('ordinal')
      .compile(),
  )
  return rows.map(({ id, name }) => ({ id: id as TagId, name }))
}

export {
  type AssignedTag,
  assignTag,
  assignTags,
  unassignTag,
  unassignTags,
  unknownChats,
} from './assign-tag.ts'
