import { refuse } from '../model/result.ts'
import { setSwitches } from '../store/workspaces.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** Sets the switches that are given and leaves the others as they are. */
export const setWorkspace: Verb<'set-workspace'> = async ({ workspace, ...switches }, { db }) => {
  if (Object.values(switches).every(on => on === undefined)) return refuse('nothing-to-set')
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen

  await setSwitches(db, chosen.value.id, switches)
  return chooseWorkspace(db, chosen.value.id)
}
