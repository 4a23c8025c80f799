import { splitCredentials } from '@qunhub/wire'
import { done, refuse } from '../model/result.ts'
import { findCallbackAddress, setCallbackUrl as keepUrl } from '../store/callback-addresses.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/**
 * The workspace's callback base. What was owed before goes to it too; the signing secret is made once and stays. A user and a
 * password in it become the header that the receiver is sent (CB-13), and are not shown again.
 */
export const setCallbackUrl: Verb<'set-callback-url'> = async (
  { workspace, url: given },
  { db, keyring, random, clock, vetName },
) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const workspaceId = chosen.value.id
  const { url, authorization } = splitCredentials(given)
  const refused = await vetName(new URL(url).hostname, workspaceId)
  if (refused) return refuse('callback-url-refused', refused)

  const at = clock.now()
  const isNew = (await findCallbackAddress(db, keyring, workspaceId, at)) === undefined
  const credentials = authorization === null ? undefined : { name: 'Authorization', value: authorization }
  const kept = await keepUrl(db, keyring, random, workspaceId, url, at, credentials)
  const { secret, header, formerHeader } = kept
  return done({
    workspaceId,
    url,
    secret: isNew ? secret : null,
    ...(header === null ? {} : { header }),
    ...(formerHeader === null ? {} : { formerHeader }),
  })
}
