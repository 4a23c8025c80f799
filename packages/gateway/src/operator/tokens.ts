import { done, refuse } from '../model/result.ts'
import { issueToken, listTokens, revokeToken } from '../store/workspaces/tokens.ts'
import { candidates } from './choose.ts'
import type { Verbs } from './verb.ts'

export const tokenVerbs = {
  /**
   * A new token, for the API or for the management of the workspace. It is told here and never again: the store keeps its
   * HMAC only.
   */
  'issue-token': async ({ label, realm }, { db, keyring, random, clock, workspace }) => {
    const named = { label, realm, at: clock.now() }
    const { id, token } = await issueToken(db, keyring, random, workspace.id, named)
    return done({ id, workspaceId: workspace.id, label, realm, token })
  },

  /** Oldest first, the revoked ones too; no secrets. */
  'list-tokens': async (_asked, { db, workspace }) => done({ tokens: await listTokens(db, workspace.id) }),

  /** From the answer on, calls with the token get -1 (G-4). */
  'revoke-token': async ({ id: named }, { db, clock, workspace }) => {
    const tokens = (await listTokens(db, workspace.id)).filter(({ revokedAt }) => revokedAt === null)
    const byId = tokens.filter(({ id }) => id === named)
    const [token, ...others] = byId.length > 0 ? byId : tokens.filter(({ label }) => label === named)
    if (others.length > 0) {
      const told = [token!, ...others].map(({ id, realm }) => ({ id, name: realm }))
      return refuse('token-ambiguous', candidates(named, told))
    }
    const revokedAt = clock.now()
    return token && (await revokeToken(db, workspace.id, token.id, revokedAt))
      ? done({ id: token.id, revokedAt })
      : refuse('token-unknown', LOOKS_LIKE_AN_ID.test(named) ? named : undefined)
  },
} satisfies Verbs

/** The token itself may be given for its id, and is not repeated. */
const LOOKS_LIKE_AN_ID = /^[0-9a-f]{1,24}$/
