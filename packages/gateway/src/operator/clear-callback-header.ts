import { done, refuse } from '../model/result.ts'
import { setReceiverHeader } from '../store/callback-addresses.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** The workspace's receiver is sent no header of its own any more (CB-13). */
export const clearCallbackHeader: Verb<'clear-callback-header'> = async ({ workspace }, { db, keyring }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const cleared = await setReceiverHeader(db, keyring, chosen.value.id, null)
  return cleared
    ? done({ workspaceId: chosen.value.id, cleared: cleared.former !== null })
    : refuse('callback-url-unset')
}
