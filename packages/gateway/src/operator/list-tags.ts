import { done } from '../model/result.ts'
import { listTags as readTags } from '../store/tags.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** In the order in which they were added. */
export const listTags: Verb<'list-tags'> = async ({ workspace }, { db }) => {
  const chosen = await chooseWorkspace(db, workspace)
  return chosen.ok ? done({ tags: await readTags(db, chosen.value.id) }) : chosen
}
