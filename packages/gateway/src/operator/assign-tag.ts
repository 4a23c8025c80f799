import type { ChatId } from '@qunhub/wire'
import { done, refuse } from '../model/result.ts'
import { assignTags } from '../store/tags.ts'
import { chooseTagged } from './choose-tagged.ts'
import type { Verb } from './verb.ts'

/** Puts a tag on chats; on those that have it already nothing changes, not even its place (RW-2). */
export const assignTag: Verb<'assign-tag'> = async (input, { db }) => {
  const chosen = await chooseTagged(db, input)
  if (!chosen.ok) return chosen

  const { workspaceId, tagId, chatIds } = chosen.value
  const assigned = await assignTags(db, workspaceId, tagId, chatIds)
  // All were there a moment ago; whatever took one away since deserves the same words.
  if (assigned === 'tag-unknown') return refuse(assigned, tagId)
  if ('unknown' in assigned) return refuse('chat-unknown', assigned.unknown)
  const outcomeOf = (chatId: ChatId) => (assigned.has(chatId) ? ('assigned' as const) : ('already' as const))
  return done({ tag: tagId, chats: chatIds.map(chatId => ({ chatId, outcome: outcomeOf(chatId) })) })
}
