import type { BotId, WorkspaceId } from '@qunhub/wire'
import type { BotSession } from '../../model/bot.ts'
import type { Database } from '../database/database.ts'
import { REMOVED } from './bot-row.ts'

/** The last state that a bot was seen in; the gateway that runs it knows better. */
export interface SavedSession {
  readonly botId: BotId
  readonly state: BotSession['state']
  readonly reason: string
  readonly since: number
}

/** The session of each bot as its last move left it (saveBotMove); oldest bot first. */
export async function listBotSessions(db: Database, workspaceId: WorkspaceId): Promise<SavedSession[]> {
  const rows = await db.all(
    db.query
      .selectFrom('bot')
      .select(['id', 'state', 'state_reason', 'state_since'])
      .where('workspace_id', '=', workspaceId)
      .where('state', '<>', REMOVED)
      .orderBy('created_at')
      .orderBy('id')
      .compile(),
  )
  return rows.map(row => ({
    botId: row.id as BotId,
    state: row.state as BotSession['state'],
    reason: row.state_reason,
    since: row.state_since,
  }))
}
