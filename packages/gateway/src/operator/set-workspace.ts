import { refuse } from '../model/result.ts'
import { setPaceAdditions, setShowWecomChatId } from '../store/workspaces.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** Sets the switches that are given and leaves the others as they are. */
export const setWorkspace: Verb<'set-workspace'> = async (
  { workspace, showWecomChatId, paceAdditions },
  { db },
) => {
  if (showWecomChatId === undefined && paceAdditions === undefined) return refuse('nothing-to-set')
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen

  const { id } = chosen.value
  if (showWecomChatId !== undefined) await setShowWecomChatId(db, id, showWecomChatId)
  if (paceAdditions !== undefined) await setPaceAdditions(db, id, paceAdditions)
  return chooseWorkspace(db, id)
}
