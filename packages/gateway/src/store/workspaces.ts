import { cleanText, type WorkspaceId } from '@qunhub/wire'
import type { Selectable } from 'kysely'
import { hex24, type Random } from '../model/random.ts'
import type { Workspace } from '../model/workspace.ts'
import type { Database } from './database.ts'
import type { WorkspaceTable } from './tables.ts'

/** Adds a workspace under a new id. `at` in milliseconds. */
export async function addWorkspace(
  db: Database,
  random: Random,
  { name, at }: { name: string; at: number },
): Promise<Workspace> {
  const row = { id: hex24(random), name: cleanText(name), created_at: at }
  await db.write(tx => tx.run(tx.query.insertInto('workspace').values(row).compile()))
  return toWorkspace({ ...row, show_wecom_chat_id: 0, pace_additions: 0 })
}

export async function findWorkspace(db: Database, workspaceId: WorkspaceId): Promise<Workspace | undefined> {
  const row = await db.first(
    db.query.selectFrom('workspace').selectAll().where('id', '=', workspaceId).compile(),
  )
  return row && toWorkspace(row)
}

/** Oldest first. */
export async function listWorkspaces(db: Database): Promise<Workspace[]> {
  const rows = await db.all(
    db.query.selectFrom('workspace').selectAll().orderBy('created_at').orderBy('id').compile(),
  )
  return rows.map(toWorkspace)
}

/** Rows carry `wecomChatId` from now on, or no longer (RW-4). False when there is no such workspace. */
export async function setShowWecomChatId(
  db: Database,
  workspaceId: WorkspaceId,
  on: boolean,
): Promise<boolean> {
  const wanted = on ? 1 : 0
  return db.write(async tx => {
    const found = await tx.first(
      tx.query.selectFrom('workspace').select('show_wecom_chat_id').where('id', '=', workspaceId).compile(),
    )
    if (!found || found.show_wecom_chat_id === wanted) return found !== undefined
    await tx.run(
      tx.query
        .updateTable('workspace')
        .set(({ eb }) => ({ show_wecom_chat_id: wanted, revision: eb('revision', '+', 1) }))
        .where('id', '=', workspaceId)
        .compile(),
    )
    return true
  })
}

/** Additions beyond the advised wait their turn from now on, or no longer (AM-23). False when there is no such workspace. */
export async function setPaceAdditions(
  db: Database,
  workspaceId: WorkspaceId,
  on: boolean,
): Promise<boolean> {
  // No row shows it, so no revision grows.
  const found = await db.write(tx =>
    tx.run(
      tx.query
        .updateTable('workspace')
        .set({ pace_additions: on ? 1 : 0 })
        .where('id', '=', workspaceId)
        .compile(),
    ),
  )
  return found === 1
}

const toWorkspace = (
  row: Pick<
    Selectable<WorkspaceTable>,
    'id' | 'name' | 'created_at' | 'show_wecom_chat_id' | 'pace_additions'
  >,
): Workspace => ({
  id: row.id as WorkspaceId,
  name: row.name,
  createdAt: row.created_at,
  showWecomChatId: row.show_wecom_chat_id === 1,
  paceAdditions: row.pace_additions === 1,
})
