import { done, refuse } from '../model/result.ts'
import { assignTag as putTag } from '../store/tags.ts'
import { chooseTagged } from './choose-tagged.ts'
import type { Verb } from './verb.ts'

/** Puts a tag on chats; on those that have it already nothing changes, not even its place (RW-2). */
export const assignTag: Verb<'assign-tag'> = async (input, { db }) => {
  const chosen = await chooseTagged(db, input)
  if (!chosen.ok) return chosen

  const { workspaceId, tagId, chatIds } = chosen.value
  const chats = []
  for (const chatId of chatIds) {
    const outcome = await putTag(db, workspaceId, tagId, chatId)
    // Both were there a moment ago; whatever took one away since deserves the same words.
    if (outcome === 'tag-unknown') return refuse(outcome, tagId)
    if (outcome === 'chat-unknown') return refuse(outcome, chatId)
    chats.push({ chatId, outcome })
  }
  return done({ tag: tagId, chats })
}
