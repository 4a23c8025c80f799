import { type AddressGuard, AddressRefused } from '../model/address-guard.ts'
import { type Clock, SECOND_MS } from '../model/clock.ts'
import { done, refuse } from '../model/result.ts'
import { findCallbackAddress, setCallbackUrl as keepUrl } from '../store/callback-addresses.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** A name server that takes longer is not waited for: the address is vetted again at each connection. */
const RESOLVE_MAX_MS = 3 * SECOND_MS

/** The workspace's callback base. What was owed before goes to it too; the signing secret is made once and stays. */
export const setCallbackUrl: Verb<'set-callback-url'> = async (
  { workspace, url },
  { db, keyring, random, clock, guard },
) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const refused = await whyRefused(new URL(url).hostname, guard, clock)
  if (refused) return refuse('callback-url-refused', refused)

  const workspaceId = chosen.value.id
  const isNew = (await findCallbackAddress(db, keyring, workspaceId, clock.now())) === undefined
  const { secret } = await keepUrl(db, keyring, random, workspaceId, url, clock.now())
  return done({ workspaceId, url, secret: isNew ? secret : null })
}

/** A name that cannot be resolved now is no reason: it may be set up later, and whoever connects looks again. */
async function whyRefused(hostname: string, guard: AddressGuard, clock: Clock): Promise<string | undefined> {
  const waited = Promise.withResolvers<undefined>()
  const callOff = clock.after(RESOLVE_MAX_MS, () => waited.resolve(undefined))
  const vetted = guard.addressesOf(hostname).then(
    () => undefined,
    // Not which address: whoever asks may not be meant to know what names stand for inside our network.
    error => (error instanceof AddressRefused ? error.host : undefined),
  )
  const refused = await Promise.race([vetted, waited.promise])
  callOff()
  return refused
}
