import { done } from '../model/result.ts'
import { listReplays as read } from '../store/replays.ts'
import { chooseWorkspace } from './choose-workspace.ts'
import type { Verb } from './verb.ts'

/** Newest first, those that have ended too. */
export const listReplays: Verb<'list-replays'> = async ({ workspace }, { db }) => {
  const chosen = await chooseWorkspace(db, workspace)
  if (!chosen.ok) return chosen
  return done({ replays: await read(db, chosen.value.id) })
}
