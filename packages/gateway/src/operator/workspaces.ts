import { done, refuse } from '../model/result.ts'
import { addWorkspace, findWorkspace, listWorkspaces, setSwitches } from '../store/workspaces/workspaces.ts'
import type { Verbs } from './verb.ts'

/** 小组: who owns bots, tokens, tags and one callback base. */
export const workspaceVerbs = {
  /** Names need not differ: ids do. */
  'add-workspace': async ({ name }, { db, random, clock }) =>
    done(await addWorkspace(db, random, { name, at: clock.now() })),

  /** Oldest first. */
  'list-workspaces': async (_asked, { db }) => done({ workspaces: await listWorkspaces(db) }),

  /** Sets the switches that are given and leaves the others as they are. */
  'set-workspace': async (switches, { db, workspace }) => {
    if (Object.values(switches).every(on => on === undefined)) return refuse('nothing-to-set')
    await setSwitches(db, workspace.id, switches)
    const set = await findWorkspace(db, workspace.id)
    return set ? done(set) : refuse('workspace-unknown', workspace.id)
  },
} satisfies Verbs
