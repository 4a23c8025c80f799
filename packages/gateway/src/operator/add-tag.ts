import { done, refuse } from '../model/result.ts'
import { addTag as keepTag, listTags } from '../store/tags.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** A new tag. Two of one name could not be told apart in the lists, so the second is refused. */
export const addTag: Verb<'add-tag'> = async ({ workspace, name }, { db, random }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const namesake = (await listTags(db, chosen.value.id)).find(tag => tag.name === name)
  if (namesake) return refuse('tag-exists', namesake.id)

  return done({ ...(await keepTag(db, random, chosen.value.id, { name })), roomCount: 0 })
}
