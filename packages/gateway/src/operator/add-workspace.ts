import { done } from '../model/result.ts'
import { addWorkspace as keepWorkspace } from '../store/workspaces.ts'
import type { Verb } from './verb.ts'

/** A new 小组. Names need not differ: ids do. */
export const addWorkspace: Verb<'add-workspace'> = async ({ name }, { db, random, clock }) =>
  done(await keepWorkspace(db, random, { name, at: clock.now() }))
