import type { VerbInput } from '@qunhub/wire'
import { done, refuse } from '../../model/result.ts'
import { eachFittingRoom, searchRooms } from '../../store/rooms/search-rooms.ts'
import { assignTags, unassignTags } from '../../store/rooms/tags.ts'
import { lookingTime } from '../looking-time.ts'
import type { Chosen, VerbDeps, Verbs } from '../verb.ts'
import { chooseRooms } from './choose-rooms.ts'
import { chooseTag } from './tags.ts'

/** A tag on all chats that fit, or off them: counted first by whoever asks for a dry run. */
export const tagAllVerbs = {
  'assign-tag-to-all': (asked, deps) => tagAll(asked, deps, assignTags),
  'unassign-tag-from-all': (asked, deps) => tagAll(asked, deps, unassignTags),
} satisfies Verbs

/** Part by part, as the chats are read: others have their turn between two, and what was done stays where it breaks off. */
async function tagAll(
  { tag, having, dryRun, ...which }: Omit<VerbInput<'assign-tag-to-all'>, 'workspace' | 'bot'>,
  { db, clock, workspace, bot }: VerbDeps & Chosen<'assign-tag-to-all'>,
  write: typeof assignTags | typeof unassignTags,
) {
  const chosen = await chooseTag(db, workspace.id, tag)
  if (!chosen.ok) return chosen
  const rooms = await chooseRooms(db, workspace.id, { ...which, tag: having, botId: bot?.id })
  if (!rooms.ok) return rooms

  const { filter } = rooms.value
  if (dryRun) {
    const { total } = await searchRooms(db, workspace.id, filter, { limit: 1 }, lookingTime(clock))
    return done({ tag: chosen.value, matching: total.count, atLeast: total.atLeast, changed: 0 })
  }
  let matching = 0
  let changed = 0
  for await (const found of eachFittingRoom(db, workspace.id, filter)) {
    matching += found.length
    if (found.length === 0) continue
    const chatIds = found.map(({ chatId }) => chatId)
    const written = await write(db, workspace.id, chosen.value, chatIds)
    if (written === 'tag-unknown') return refuse(written, tag)
    if ('unknown' in written) return refuse('chats-changed', written.unknown)
    changed += written.size
  }
  return done({ tag: chosen.value, matching, atLeast: false, changed })
}
