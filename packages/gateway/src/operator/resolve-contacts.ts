import { done, refuse } from '../model/result.ts'
import { WecomApiFailed } from '../wecom/official-api.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** Asks WeCom now for the unionIds that are missing, instead of waiting for the gateway to come to them. */
export const resolveContacts: Verb<'resolve-contacts'> = async ({ workspace, limit }, { db, live }) => {
  if (!live) return refuse('gateway-not-running')
  if (!live.resolver) return refuse('wecom-unset')
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  try {
    return done(await live.resolver.resolve(chosen.value.id, limit))
  } catch (failure) {
    if (!(failure instanceof WecomApiFailed)) throw failure
    return refuse('wecom-failed', failure.message)
  }
}
