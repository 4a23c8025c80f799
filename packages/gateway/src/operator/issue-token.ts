import { done } from '../model/result.ts'
import { issueToken as keepToken } from '../store/tokens.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/**
 * A new token, for the API or for the management of the workspace. It is told here and never again: the store keeps its
 * HMAC only.
 */
export const issueToken: Verb<'issue-token'> = async (
  { workspace, label, realm },
  { db, keyring, random, clock },
) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen

  const workspaceId = chosen.value.id
  const { id, token } = await keepToken(db, keyring, random, workspaceId, {
    label,
    realm,
    at: clock.now(),
  })
  return done({ id, workspaceId, label, realm, token })
}
