import { done, refuse } from '../model/result.ts'
import { resumeAddress } from '../store/breaker.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** The customer says that the receiver is back: no need to wait for the probe (CB-7). */
export const resumeCallbacks: Verb<'resume-callbacks'> = async ({ workspace }, { db, live }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const workspaceId = chosen.value.id
  const resumed = await resumeAddress(db, workspaceId)
  if (resumed === undefined) return refuse('callback-url-unset')
  live?.wakeCourier()
  return done({ workspaceId, resumed })
}
