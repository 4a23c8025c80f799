import { done, refuse } from '../model/result.ts'
import { setReceiverHeader } from '../store/callback-addresses.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** The one header that the workspace's receiver is sent with each callback (CB-13). Its value is never told again. */
export const setCallbackHeader: Verb<'set-callback-header'> = async (
  { workspace, header, value },
  { db, keyring },
) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const set = await setReceiverHeader(db, keyring, chosen.value.id, { name: header, value })
  return set ? done({ workspaceId: chosen.value.id, header }) : refuse('callback-url-unset')
}
