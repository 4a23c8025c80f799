import { done, refuse } from '../model/result.ts'
import { findCallbackAddress, setCallbackUrl as keepUrl } from '../store/callback-addresses.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** The workspace's callback base. What was owed before goes to it too; the signing secret is made once and stays. */
export const setCallbackUrl: Verb<'set-callback-url'> = async (
  { workspace, url },
  { db, keyring, random, clock, vetName },
) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const workspaceId = chosen.value.id
  const refused = await vetName(new URL(url).hostname, workspaceId)
  if (refused) return refuse('callback-url-refused', refused)

  const isNew = (await findCallbackAddress(db, keyring, workspaceId, clock.now())) === undefined
  const { secret } = await keepUrl(db, keyring, random, workspaceId, url, clock.now())
  return done({ workspaceId, url, secret: isNew ? secret : null })
}
