import { done, refuse } from '../model/result.ts'
import { revokeToken as endToken } from '../store/tokens.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** From the answer on, calls with the token get -1 (G-4). */
export const revokeToken: Verb<'revoke-token'> = async ({ workspace, id }, { db, clock }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen

  const revokedAt = clock.now()
  return (await endToken(db, chosen.value.id, id, revokedAt))
    ? done({ id, revokedAt })
    : refuse('token-unknown', LOOKS_LIKE_AN_ID.test(id) ? id : undefined)
}

/** The token itself may be given for its id, and is not repeated. */
const LOOKS_LIKE_AN_ID = /^[0-9a-f]{1,24}$/
