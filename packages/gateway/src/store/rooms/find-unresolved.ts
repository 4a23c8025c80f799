import type { WorkspaceId } from '@qunhub/wire'
import type { Database } from '../database/database.ts'

/** Where a contact stands among those of its workspace: by bot, then by wxid. */
export interface ContactCursor {
  readonly botId: string
  readonly wxid: string
}

export const BEFORE_ALL: ContactCursor = { botId: '', wxid: '' }

export interface Unresolved {
  readonly cursor: ContactCursor
  readonly externalUserId: string
}

export interface UnresolvedPage {
  /** External contacts without a unionId. */
  readonly unresolved: readonly Unresolved[]
  /** Contacts that were read, whoever they are. */
  readonly count: number
  /** The last of them; null when there are none behind them. */
  readonly last: ContactCursor | null
}

/**
 * Reads the next contacts behind a cursor, at most `limit`. All of them in the order of the key, because those that are
 * searched for have no index, and may be one in a hundred thousand: so each read costs the same.
 */
export async function findUnresolved(
  db: Database,
  workspaceId: WorkspaceId,
  behind: ContactCursor,
  limit: number,
): Promise<UnresolvedPage> {
  const rows = await db.all(
    db.query
      .selectFrom('contact')
      .select(['bot_id', 'wxid', 'handle', 'union_id', 'coworker'])
      .where('workspace_id', '=', workspaceId)
      .where(({ eb, refTuple, tuple }) =>
        eb(refTuple('bot_id', 'wxid'), '>', tuple(behind.botId, behind.wxid)),
      )
      .orderBy('bot_id')
      .orderBy('wxid')
      .limit(limit)
      .compile(),
  )
  const cursors = rows.map(row => ({ botId: row.bot_id, wxid: row.wxid }))
  const unresolved = rows.flatMap(({ handle, union_id, coworker }, at) =>
    union_id === null && coworker === 0 && handle !== null && EXTERNAL_USER_ID.test(handle)
      ? [{ cursor: cursors[at]!, externalUserId: handle }]
      : [],
  )
  return { unresolved, count: rows.length, last: rows.length < limit ? null : cursors.at(-1)! }
}

const EXTERNAL_USER_ID = /^w[mo]/
