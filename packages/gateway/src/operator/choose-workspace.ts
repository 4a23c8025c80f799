import type { WorkspaceId } from '@qunhub/wire'
import { done, type Result, refuse } from '../model/result.ts'
import type { Workspace } from '../model/workspace.ts'
import type { Database } from '../store/database.ts'
import { findWorkspace, listWorkspaces } from '../store/workspaces.ts'

/** The workspace that the operator named, or the only one there is. */
export async function chooseWorkspace(
  db: Database,
  named: WorkspaceId | undefined,
): Promise<Result<Workspace, 'workspace-unknown' | 'workspace-none' | 'workspace-unclear'>> {
  if (named !== undefined) {
    const found = await findWorkspace(db, named)
    return found ? done(found) : refuse('workspace-unknown', named)
  }
  const [only, ...others] = await listWorkspaces(db)
  if (!only) return refuse('workspace-none')
  return others.length === 0 ? done(only) : refuse('workspace-unclear')
}
