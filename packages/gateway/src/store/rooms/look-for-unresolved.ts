import type { WorkspaceId } from '@qunhub/wire'
import type { Database } from '../database/database.ts'

/** Where a contact stands among those of its workspace: by bot, then by wxid. */
export interface ContactPlace {
  readonly botId: string
  readonly wxid: string
}

export const BEFORE_ALL: ContactPlace = { botId: '', wxid: '' }

export interface Unresolved {
  readonly place: ContactPlace
  readonly externalUserId: string
}

export interface Look {
  /** External contacts without a unionId. */
  readonly unresolved: readonly Unresolved[]
  /** Contacts that were looked at, whoever they are. */
  readonly looked: number
  /** The last of them; null when there are none behind them. */
  readonly last: ContactPlace | null
}

/**
 * Looks at the next contacts behind a place, at most `limit`. All of them in the order of the key, because those that are
 * searched for have no index, and may be one in a hundred thousand: so a look costs the same wherever it falls.
 */
export async function lookForUnresolved(
  db: Database,
  workspaceId: WorkspaceId,
  behind: ContactPlace,
  limit: number,
): Promise<Look> {
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
  const places = rows.map(row => ({ botId: row.bot_id, wxid: row.wxid }))
  const unresolved = rows.flatMap(({ handle, union_id, coworker }, at) =>
    union_id === null && coworker === 0 && handle !== null && EXTERNAL_USER_ID.test(handle)
      ? [{ place: places[at]!, externalUserId: handle }]
      : [],
  )
  return { unresolved, looked: rows.length, last: rows.length < limit ? null : places.at(-1)! }
}

const EXTERNAL_USER_ID = /^w[mo]/
