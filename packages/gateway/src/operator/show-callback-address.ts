import { done, refuse } from '../model/result.ts'
import { describeAddress } from '../store/callback-addresses.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** Whether the address takes callbacks at present, and how much waits for it (CB-7). */
export const showCallbackAddress: Verb<'show-callback-address'> = async ({ workspace }, { db }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const address = await describeAddress(db, chosen.value.id)
  if (!address) return refuse('callback-url-unset')
  return done({ workspaceId: chosen.value.id, ...address })
}
