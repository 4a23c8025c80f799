import type { ChatId, TagId, WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Database, Queryable, Transaction } from '../database/database.ts'
import { locked } from '../database/lock-rows.ts'
import { countTagged } from './list-blocks.ts'

export type AssignedTag = 'assigned' | 'already' | 'tag-unknown' | 'chat-unknown'

/**
 * Chats a write: they are one transaction of a few statements, however many they are, and others have their turn between
 * two of them.
 */
const CHATS_PER_WRITE_MAX = 200

/**
 * Puts the tag on the chats, behind those that each has (RW-2). A chat that was left keeps it for its return (EX-20). Says
 * which did not have it yet; or, and then later ones are left as they are, that the tag or one of the chats is not there.
 */
export async function assignTags(
  db: Database,
  workspaceId: WorkspaceId,
  tagId: TagId,
  chatIds: readonly ChatId[],
): Promise<ReadonlySet<ChatId> | 'tag-unknown' | { readonly unknown: ChatId }> {
  const assigned = new Set<ChatId>()
  for (let from = 0; from < chatIds.length; from += CHATS_PER_WRITE_MAX) {
    const some = chatIds.slice(from, from + CHATS_PER_WRITE_MAX)
    const outcome = await db.write(tx => assignSome(tx, workspaceId, tagId, some))
    if (!(outcome instanceof Set)) return outcome
    for (const chatId of outcome) assigned.add(chatId)
  }
  return assigned
}

async function assignSome(
  tx: Transaction,
  workspaceId: WorkspaceId,
  tagId: TagId,
  chatIds: readonly ChatId[],
) {
  const tag = await tx.first(
    tx.query
      .selectFrom('tag')
      .select('id')
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', tagId)
      .compile(),
  )
  if (!tag) return 'tag-unknown'
  const chats = await lockChats(tx, workspaceId, chatIds)
  const known = new Set(chats.map(({ chat_id }) => chat_id))
  const unknown = chatIds.find(chatId => !known.has(chatId))
  if (unknown !== undefined) return { unknown }

  const has = await haveTag(tx, workspaceId, tagId, chatIds)
  const bare = chats.filter(({ chat_id }) => !has.has(chat_id))
  if (bare.length === 0) return new Set<ChatId>()
  await tx.run(
    putTag(
      tx,
      workspaceId,
      tagId,
      bare.map(({ chat_id }) => chat_id),
    ),
  )
  await noteTagged(tx, workspaceId, tagId, bare, 1)
  return new Set(bare.map(({ chat_id }) => chat_id as ChatId))
}

/** Takes the tag off the chats; says which of them had it. */
export async function unassignTags(
  db: Database,
  workspaceId: WorkspaceId,
  tagId: TagId,
  chatIds: readonly ChatId[],
): Promise<ReadonlySet<ChatId>> {
  const unassigned = new Set<ChatId>()
  for (let from = 0; from < chatIds.length; from += CHATS_PER_WRITE_MAX) {
    const some = chatIds.slice(from, from + CHATS_PER_WRITE_MAX)
    const taken = await db.write(tx => unassignSome(tx, workspaceId, tagId, some))
    for (const { chat_id } of taken) unassigned.add(chat_id as ChatId)
  }
  return unassigned
}

async function unassignSome(
  tx: Transaction,
  workspaceId: WorkspaceId,
  tagId: TagId,
  chatIds: readonly ChatId[],
): Promise<readonly ChatNumber[]> {
  const chats = await lockChats(tx, workspaceId, chatIds)
  const has = await haveTag(tx, workspaceId, tagId, chatIds)
  const taken = chats.filter(({ chat_id }) => has.has(chat_id))
  if (taken.length === 0) return []
  await tx.run(
    tx.query
      .deleteFrom('chat_tag')
      .where('workspace_id', '=', workspaceId)
      .where('tag_id', '=', tagId)
      .where('chat_id', 'in', tx.oneOf(taken.map(({ chat_id }) => chat_id)))
      .compile(),
  )
  await noteTagged(tx, workspaceId, tagId, taken, -1)
  return taken
}

/** One chat: see {@link assignTags}. */
export async function assignTag(
  db: Database,
  workspaceId: WorkspaceId,
  tagId: TagId,
  chatId: ChatId,
): Promise<AssignedTag> {
  const outcome = await assignTags(db, workspaceId, tagId, [chatId])
  if (outcome === 'tag-unknown') return outcome
  if ('unknown' in outcome) return 'chat-unknown'
  return outcome.has(chatId) ? 'assigned' : 'already'
}

/** One chat: see {@link unassignTags}. False when the tag was not on it. */
export async function unassignTag(
  db: Database,
  workspaceId: WorkspaceId,
  tagId: TagId,
  chatId: ChatId,
): Promise<boolean> {
  return (await unassignTags(db, workspaceId, tagId, [chatId])).has(chatId)
}

/** Those of the chats that the workspace does not know. One statement, which reads no members. */
export async function unknownChats(
  db: Queryable,
  workspaceId: WorkspaceId,
  chatIds: readonly ChatId[],
): Promise<ChatId[]> {
  const rows = await db.all(chatNumbers(db, workspaceId, chatIds).compile())
  const known = new Set(rows.map(({ chat_id }) => chat_id))
  return chatIds.filter(chatId => !known.has(chatId))
}

interface ChatNumber {
  readonly chat_id: string
  readonly ordinal: number
  readonly left_at: number | null
}

const chatNumbers = (db: Queryable, workspaceId: WorkspaceId, chatIds: readonly ChatId[]) =>
  db.query
    .selectFrom('chat')
    .select(['chat_id', 'ordinal', 'left_at'])
    .where('workspace_id', '=', workspaceId)
    .where('chat_id', 'in', db.oneOf(chatIds))

/** Locked until the write ends, where several write at once; in one order, so that two writes never wait for each other. */
function lockChats(
  tx: Transaction,
  workspaceId: WorkspaceId,
  chatIds: readonly ChatId[],
): Promise<ChatNumber[]> {
  const chats = chatNumbers(tx, workspaceId, chatIds).orderBy('chat_id')
  return tx.all(locked(tx, chats, 'changes').compile())
}

async function haveTag(
  tx: Transaction,
  workspaceId: WorkspaceId,
  tagId: TagId,
  chatIds: readonly ChatId[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.all(
    tx.query
      .selectFrom('chat_tag')
      .select('chat_id')
      .where('workspace_id', '=', workspaceId)
      .where('tag_id', '=', tagId)
      .where('chat_id', 'in', tx.oneOf(chatIds))
      .compile(),
  )
  return new Set(rows.map(({ chat_id }) => chat_id))
}

const putTag = (tx: Transaction, workspaceId: WorkspaceId, tagId: TagId, chatIds: readonly string[]) =>
  tx.query
    .insertInto('chat_tag')
    .columns(['workspace_id', 'tag_id', 'chat_id', 'chat_ordinal', 'ordinal'])
    .expression(({ selectFrom, val }) =>
      selectFrom('chat')
        .select(['chat.workspace_id', val(tagId).as('tag_id'), 'chat.chat_id', 'chat.ordinal'])
        .select(({ selectFrom: from }) =>
          sql<number>`coalesce(${from('chat_tag as before')
            .select(({ fn }) => fn.max('before.ordinal').as('last'))
            .whereRef('before.workspace_id', '=', 'chat.workspace_id')
            .whereRef('before.chat_id', '=', 'chat.chat_id')}, 0) + 1`.as('next'),
        )
        .where('chat.workspace_id', '=', workspaceId)
        .where('chat.chat_id', 'in', tx.oneOf(chatIds)),
    )
    .compile()

/** The chats show another list of tags, and those that are not left stand in the tag's list, or no more. */
async function noteTagged(
  tx: Transaction,
  workspaceId: WorkspaceId,
  tagId: TagId,
  chats: readonly ChatNumber[],
  by: 1 | -1,
): Promise<void> {
  await tx.run(
    tx.query
      .updateTable('chat')
      .set(({ eb }) => ({ revision: eb('revision', '+', 1) }))
      .where('workspace_id', '=', workspaceId)
      .where('chat_id', 'in', tx.oneOf(chats.map(({ chat_id }) => chat_id)))
      .compile(),
  )
  const listed = chats.filter(({ left_at }) => left_at === null).map(({ ordinal }) => ordinal)
  await countTagged(tx, workspaceId, { tagId, ordinals: listed }, by)
}
