import { done, refuse } from '../model/result.ts'
import { findCallback } from '../store/callbacks.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import { presentCallback } from './present-callback.ts'
import type { Verb } from './verb.ts'

/** A callback with every attempt, over all its rounds, and the body as it is sent. */
export const showCallback: Verb<'show-callback'> = async ({ workspace, id }, { db }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const found = await findCallback(db, chosen.value.id, id)
  if (!found) return refuse('callback-unknown', String(id))

  return done({ ...presentCallback(found), history: found.attempts, body: found.body })
}
