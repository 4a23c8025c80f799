import type { BotId, WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Queryable, Transaction } from '../database/database.ts'

/**
 * The state of a bot that the operator has taken away: its row stays, for chats and moves name it, and no list, no name and no
 * claim finds it any more.
 */
export const REMOVED = 'removed'

/** Nobody runs the bot any more. One that nobody ran already has been free for longer. */
export function freed(tx: Transaction) {
  const now =
    tx.dialect === 'postgres'
      ? sql<number>`nextval('beat')`
      : sql<number>`(select coalesce(max(beat), 0) + 1 from node)`
  const freeSince = sql<number | null>`case when node_id is null then free_since else ${now} end`
  return { node_id: null, free_since: freeSince }
}

/** The bots of the workspace, in no particular order. */
export async function listBotIds(db: Queryable, workspaceId: WorkspaceId): Promise<BotId[]> {
  const bots = db.query
    .selectFrom('bot')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('state', '<>', REMOVED)
  return (await db.all(bots.compile())).map(({ id }) => id as BotId)
}
