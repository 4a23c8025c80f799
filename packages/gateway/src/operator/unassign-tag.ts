import { done } from '../model/result.ts'
import { unassignTags } from '../store/tags.ts'
import { chooseTagged } from './choose-tagged.ts'
import type { Verb } from './verb.ts'

/** Takes a tag off chats; those that do not have it stay as they are. */
export const unassignTag: Verb<'unassign-tag'> = async (input, { db }) => {
  const chosen = await chooseTagged(db, input)
  if (!chosen.ok) return chosen

  const { workspaceId, tagId, chatIds } = chosen.value
  const taken = await unassignTags(db, workspaceId, tagId, chatIds)
  const chats = chatIds.map(chatId => ({
    chatId,
    outcome: taken.has(chatId) ? ('unassigned' as const) : ('not-assigned' as const),
  }))
  return done({ tag: tagId, chats })
}
