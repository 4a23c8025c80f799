/** What somebody names by whatever it goes by: an id before a name, and of a name nothing but the only one who has it. */
import type { WorkspaceId } from '@qunhub/wire'
import type { Bot } from '../model/bot.ts'
import { done, type Result, refuse } from '../model/result.ts'
import { isSameUserId } from '../model/user-id.ts'
import type { Workspace } from '../model/workspace.ts'
import { listBots } from '../store/bots/bots.ts'
import type { Database } from '../store/database/database.ts'
import { findWorkspace, listWorkspaces } from '../store/workspaces/workspaces.ts'
import type { VerbDeps } from './verb.ts'

/** The workspace with this id or name, or where none is named the only one there is. */
export async function chooseWorkspace(
  db: Database,
  named: string | undefined,
): Promise<
  Result<Workspace, 'workspace-unknown' | 'workspace-ambiguous' | 'workspace-none' | 'workspace-unclear'>
> {
  const byId = named === undefined ? undefined : await findWorkspace(db, named as WorkspaceId)
  if (byId) return done(byId)
  const all = await listWorkspaces(db)
  const [only, ...others] = named === undefined ? all : all.filter(({ name }) => name === named)
  if (named === undefined) {
    if (!only) return refuse('workspace-none')
    return others.length === 0 ? done(only) : refuse('workspace-unclear')
  }
  if (!only) return refuse('workspace-unknown', named)
  return others.length === 0
    ? done(only)
    : refuse('workspace-ambiguous', candidates(named, [only, ...others]))
}

/** The bot of the workspace with this id, or else the only one with this userId, in any case of letters, or with this name. */
export async function chooseBot(
  { db, keyring }: Pick<VerbDeps, 'db' | 'keyring'>,
  workspaceId: WorkspaceId,
  named: string,
): Promise<Result<Bot, 'bot-unknown' | 'bot-ambiguous'>> {
  const bots = await listBots(db, keyring, workspaceId)
  const byId = bots.find(bot => bot.id === named)
  if (byId) return done(byId)

  const byUserId = bots.filter(({ account, expectedUserId }) => {
    const goesBy = account?.userId ?? expectedUserId
    return goesBy !== null && isSameUserId(goesBy, named)
  })
  const byName = () => bots.filter(({ account }) => account?.nickName === named)
  const [only, ...others] = byUserId.length > 0 ? byUserId : byName()
  if (!only) return refuse('bot-unknown', named)
  if (others.length === 0) return done(only)
  const told = [only, ...others].map(({ id, account, expectedUserId }) => ({
    id,
    name: account?.userId ?? expectedUserId ?? '',
  }))
  return refuse('bot-ambiguous', candidates(named, told))
}

const CANDIDATES_MAX = 5

/** Whom a name may mean: `小北: 5dbe… xiaobei, 5dbf… xiaonan`. */
export function candidates(
  named: string,
  those: readonly { readonly id: string; readonly name: string }[],
): string {
  const told = those.slice(0, CANDIDATES_MAX).map(({ id, name }) => `${id} ${name}`.trim())
  return `${named}: ${told.join(', ')}${those.length > told.length ? `, … ${those.length}` : ''}`
}
