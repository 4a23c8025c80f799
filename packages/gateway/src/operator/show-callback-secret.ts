import { done, refuse } from '../model/result.ts'
import { findCallbackAddress } from '../store/callback-addresses.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** What receivers check the signature with. It was told when the callback base was first set; receivers lose things. */
export const showCallbackSecret: Verb<'show-callback-secret'> = async (
  { workspace },
  { db, keyring, clock },
) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const address = await findCallbackAddress(db, keyring, chosen.value.id, clock.now())
  // The newest secret stands first.
  const secret = address?.secrets[0]
  if (!address || secret === undefined) return refuse('callback-url-unset')

  return done({ workspaceId: chosen.value.id, url: address.baseUrl, secret })
}
