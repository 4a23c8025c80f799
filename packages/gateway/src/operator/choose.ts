import type { WorkspaceId } from '@qunhub/wire'
import type { Bot } from '../model/bot.ts'
import { done, type Result, refuse } from '../model/result.ts'
import { isSameUserId } from '../model/user-id.ts'
import type { Workspace } from '../model/workspace.ts'
import { listBots } from '../store/bots/bots.ts'
import type { Database } from '../store/database/database.ts'
import { findWorkspace, listWorkspaces } from '../store/workspaces/workspaces.ts'
import type { VerbDeps } from './verb.ts'

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

/** The bot of the workspace with this id, or else the only one with this userId, in any case of letters. */
export async function chooseBot(
  { db, keyring }: Pick<VerbDeps, 'db' | 'keyring'>,
  workspaceId: WorkspaceId,
  named: string,
): Promise<Result<Bot, 'bot-unknown' | 'bot-ambiguous'>> {
  const bots = await listBots(db, keyring, workspaceId)
  const byId = bots.find(bot => bot.id === named)
  if (byId) return done(byId)

  const [only, ...others] = bots.filter(({ account, expectedUserId }) => {
    const goesBy = account?.userId ?? expectedUserId
    return goesBy !== null && isSameUserId(goesBy, named)
  })
  if (!only) return refuse('bot-unknown', named)
  return others.length === 0 ? done(only) : refuse('bot-ambiguous', named)
}
