import { isIP } from 'node:net'
import type { WorkspaceId } from '@qunhub/wire'
import { type AddressGuard, AddressRefused } from '../model/address-guard.ts'
import { type Clock, SECOND_MS } from '../model/clock.ts'

/** A name server that takes longer is not waited for: the address is vetted again at each connection. */
const RESOLVE_MAX_MS = 3 * SECOND_MS

/**
 * Workspaces whose last name is still being looked up, which goes on when nobody waits for it any more. One each: the system
 * answers few questions at a time, and a token must not take all of them with names that hang (CB-10).
 */
const lookingUp = new WeakMap<AddressGuard, Set<WorkspaceId>>()

/**
 * The host that callbacks may not go to; undefined where nothing is said against it. A name that cannot be resolved now, or
 * not yet, is no reason: it may be set up later, and whoever connects looks again (CB-11).
 */
export async function whyRefused(
  { hostname, workspaceId }: { readonly hostname: string; readonly workspaceId: WorkspaceId },
  guard: AddressGuard,
  clock: Clock,
): Promise<string | undefined> {
  const looking = lookingUp.get(guard) ?? new Set()
  lookingUp.set(guard, looking)
  const isName = isIP(hostname.replace(/^\[(.*)\]$/, '$1')) === 0
  if (isName && looking.has(workspaceId)) return undefined

  if (isName) looking.add(workspaceId)
  const vetted = guard
    .addressesOf(hostname)
    .then(
      () => undefined,
      // Not which address: whoever asks may not be meant to know what names stand for inside our network.
      error => (error instanceof AddressRefused ? error.host : undefined),
    )
    .finally(() => isName && looking.delete(workspaceId))
  const waited = Promise.withResolvers<undefined>()
  const callOff = clock.after(RESOLVE_MAX_MS, () => waited.resolve(undefined))
  const refused = await Promise.race([vetted, waited.promise])
  callOff()
  return refused
}
