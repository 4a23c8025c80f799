import { done, refuse } from '../model/result.ts'
import { describeAddress, findCallbackAddress } from '../store/callback-addresses.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** Whether the address takes callbacks at present, how much waits for it (CB-7), and which header it is sent (CB-13). */
export const showCallbackAddress: Verb<'show-callback-address'> = async (
  { workspace },
  { db, keyring, clock },
) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const workspaceId = chosen.value.id
  const address = await describeAddress(db, workspaceId)
  const kept = await findCallbackAddress(db, keyring, workspaceId, clock.now())
  if (!address || !kept) return refuse('callback-url-unset')
  return done({ workspaceId, ...address, header: kept.header })
}
