import { done } from '../model/result.ts'
import { listWorkspaces as readWorkspaces } from '../store/workspaces.ts'
import type { Verb } from './verb.ts'

/** Oldest first. */
export const listWorkspaces: Verb<'list-workspaces'> = async (_input, { db }) =>
  done({ workspaces: await readWorkspaces(db) })
