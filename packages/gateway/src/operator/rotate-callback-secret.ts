import { HOUR_MS } from '../model/clock.ts'
import { done, refuse } from '../model/result.ts'
import { rotateCallbackSecret as rotate } from '../store/callback-addresses.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** A new signing secret; the former one goes on signing as well for some hours, so that receivers can change (CB-9). */
export const rotateCallbackSecret: Verb<'rotate-callback-secret'> = async (
  { workspace, overlapHours },
  { db, keyring, random, clock },
) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  const overlap = { at: clock.now(), overlapMs: overlapHours * HOUR_MS }
  const rotated = await rotate(db, keyring, random, chosen.value.id, overlap)
  if (!rotated) return refuse('callback-url-unset')
  const endedEarly = rotated.endedEarly.map(({ secret, until }) => ({
    secret: beginningOf(secret),
    promisedUntil: until ?? rotated.formerUntil,
  }))
  return done({ workspaceId: chosen.value.id, ...rotated, endedEarly })
}

/** Enough to find out which receiver has it, and nothing that anybody could sign with. */
const beginningOf = (secret: string): string => `${secret.slice(0, BEGINNING_CHARS)}…`
const BEGINNING_CHARS = 'whsec_'.length + 8
