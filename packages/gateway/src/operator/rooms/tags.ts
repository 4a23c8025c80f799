import type { ChatId, TagId, VerbInput, WorkspaceId } from '@qunhub/wire'
import { done, type Result, refuse } from '../../model/result.ts'
import type { Database } from '../../store/database/database.ts'
import { removeTag } from '../../store/rooms/remove-tag.ts'
import { addTag, assignTags, findTags, listTags, renameTag, unassignTags } from '../../store/rooms/tags.ts'
import { candidates } from '../choose.ts'
import type { Verbs } from '../verb.ts'
import { chooseChats } from './choose-chats.ts'

/** What customers find their chats by. */
export const tagVerbs = {
  /** Two of one name could not be told apart in the lists, so the second is refused. */
  'add-tag': async ({ name }, { db, random, workspace }) => {
    const namesake = (await listTags(db, workspace.id)).find(tag => tag.name === name)
    if (namesake) return refuse('tag-exists', namesake.id)
    return done({ ...(await addTag(db, random, workspace.id, { name })), roomCount: 0 })
  },

  /** Every chat that has it shows the new name. */
  'rename-tag': async ({ tag, name }, { db, workspace }) => {
    const chosen = await chooseTag(db, workspace.id, tag)
    if (!chosen.ok) return chosen
    const id = chosen.value
    const namesake = (await listTags(db, workspace.id)).find(other => other.name === name && other.id !== id)
    if (namesake) return refuse('tag-exists', namesake.id)
    return (await renameTag(db, workspace.id, id, name)) ? done({ id, name }) : refuse('tag-unknown', tag)
  },

  /** It is taken off every chat, those that were left as well. */
  'remove-tag': async ({ tag }, { db, workspace }) => {
    const chosen = await chooseTag(db, workspace.id, tag)
    if (!chosen.ok) return chosen
    const chats = await removeTag(db, workspace.id, chosen.value)
    return chats === undefined ? refuse('tag-unknown', tag) : done({ id: chosen.value, chats })
  },

  /** In the order in which they were added. */
  'list-tags': async (_asked, { db, workspace }) => done({ tags: await listTags(db, workspace.id) }),

  /** Puts a tag on chats; on those that have it already nothing changes, not even its position (RW-2). */
  'assign-tag': async (asked, { db, workspace }) => {
    const chosen = await chooseTagged(db, workspace.id, asked)
    if (!chosen.ok) return chosen
    const { tagId, chatIds } = chosen.value
    const assigned = await assignTags(db, workspace.id, tagId, chatIds)
    // All were there a moment ago; whatever took one away since deserves the same words.
    if (assigned === 'tag-unknown') return refuse(assigned, tagId)
    if ('unknown' in assigned) return refuse('chat-unknown', assigned.unknown)
    const outcomeOf = (chatId: ChatId) =>
      assigned.has(chatId) ? ('assigned' as const) : ('already' as const)
    return done({ tag: tagId, chats: chatIds.map(chatId => ({ chatId, outcome: outcomeOf(chatId) })) })
  },

  /** Takes a tag off chats; those that do not have it stay as they are. */
  'unassign-tag': async (asked, { db, workspace }) => {
    const chosen = await chooseTagged(db, workspace.id, asked)
    if (!chosen.ok) return chosen
    const { tagId, chatIds } = chosen.value
    const taken = await unassignTags(db, workspace.id, tagId, chatIds)
    const outcomeOf = (chatId: ChatId) =>
      taken.has(chatId) ? ('unassigned' as const) : ('not-assigned' as const)
    return done({ tag: tagId, chats: chatIds.map(chatId => ({ chatId, outcome: outcomeOf(chatId) })) })
  },
} satisfies Verbs

/**
 * The tag, by its id or its name, and the chats that it is to be put on or taken off, by their ids or topics: all of them known,
 * or none is touched. A chat that is named twice is meant once.
 */
async function chooseTagged(
  db: Database,
  workspaceId: WorkspaceId,
  { tag, chats }: Pick<VerbInput<'assign-tag'>, 'tag' | 'chats'>,
) {
  const chosen = await chooseTag(db, workspaceId, tag)
  if (!chosen.ok) return chosen
  const chosenChats = await chooseChats(db, workspaceId, chats)
  return chosenChats.ok ? done({ tagId: chosen.value, chatIds: chosenChats.value }) : chosenChats
}

/** By its id, or else the only one of this name. */
export async function chooseTag(
  db: Database,
  workspaceId: WorkspaceId,
  named: string,
): Promise<Result<TagId, 'tag-unknown' | 'tag-ambiguous'>> {
  const tags = await findTags(db, workspaceId, named)
  if (tags.some(tag => tag.id === named)) return done(named as TagId)

  const [only, ...others] = tags.filter(tag => tag.name === named)
  if (!only) return refuse('tag-unknown', named)
  return others.length === 0 ? done(only.id) : refuse('tag-ambiguous', candidates(named, [only, ...others]))
}
