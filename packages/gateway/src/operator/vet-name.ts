import { isIP } from 'node:net'
import type { WorkspaceId } from '@qunhub/wire'
import { type AddressGuard, AddressRefused } from '../model/address-guard.ts'
import { type Clock, SECOND_MS } from '../system/clock.ts'

/** A name server that takes longer is not waited for: the address is vetted again at each connection. */
const RESOLVE_MAX_MS = 3 * SECOND_MS

/**
 * The host that callbacks may not go to; undefined where nothing is said against it. A name that cannot be resolved now, or
 * not yet, is no reason: it may be set up later, and whoever connects looks again (CB-11).
 */
export type VetName = (hostname: string, workspaceId: WorkspaceId) => Promise<string | undefined>

/**
 * A look-up goes on when nobody waits for it any more, so a workspace has one at a time and its next name is not looked up
 * meanwhile: the system answers few questions at once, and a token must not take all of them with names that hang (CB-10).
 */
export function createNameVetting(guard: AddressGuard, clock: Clock): VetName {
  const lookingUp = new Set<WorkspaceId>()
  return async (hostname, workspaceId) => {
    const isName = isIP(hostname.replace(/^\[(.*)\]$/, '$1')) === 0
    if (isName && lookingUp.has(workspaceId)) return undefined

    if (isName) lookingUp.add(workspaceId)
    const vetted = guard
      .addressesOf(hostname)
      .then(
        () => undefined,
        // Not which address: whoever asks may not be meant to know what names stand for inside our network.
        error => (error instanceof AddressRefused ? error.host : undefined),
      )
      .finally(() => isName && lookingUp.delete(workspaceId))
    const waited = Promise.withResolvers<undefined>()
    const callOff = clock.after(RESOLVE_MAX_MS, () => waited.resolve(undefined))
    const refused = await Promise.race([vetted, waited.promise])
    callOff()
    return refused
  }
}
