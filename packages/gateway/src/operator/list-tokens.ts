import { done } from '../model/result.ts'
import { listTokens as readTokens } from '../store/tokens.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** Oldest first, the revoked ones too; no secrets. */
export const listTokens: Verb<'list-tokens'> = async ({ workspace }, { db }) => {
  const chosen = await chooseWorkspace(db, workspace)
  return chosen.ok ? done({ tokens: await readTokens(db, chosen.value.id) }) : chosen
}
