import type { BotId, ContactWxid, WorkspaceId } from '@qunhub/wire'
import type { Queryable } from '../database/database.ts'
import { REMOVED } from './bot-row.ts'

/** An account as it was seen last; see `BotSession` for its states. */
export interface SeenBot {
  readonly id: BotId
  readonly wxid: ContactWxid
  /** Empty for an account of personal WeChat. */
  readonly userId: string
  readonly nickName: string
  readonly avatarUrl: string
  readonly state: string
  /** Some node runs it. */
  readonly isRun: boolean
  /** The corp's name, as rooms show it with the account; empty while none has. */
  readonly corporation: string
}

/** Those that have logged in, oldest first. */
export async function listSeenBots(db: Queryable, workspaceId: WorkspaceId): Promise<SeenBot[]> {
  const rows = await db.all(
    db.query
      .selectFrom('bot')
      .leftJoin('contact', join =>
        join
          .onRef('contact.workspace_id', '=', 'bot.workspace_id')
          .onRef('contact.bot_id', '=', 'bot.id')
          .onRef('contact.wxid', '=', 'bot.wxid'),
      )
      .select([
        'bot.id',
        'bot.wxid',
        'bot.user_id',
        'bot.nick_name',
        'bot.avatar_url',
        'bot.state',
        'bot.node_id',
        'contact.corporation',
      ])
      .where('bot.workspace_id', '=', workspaceId)
      .where('bot.wxid', 'is not', null)
      .where('bot.state', '<>', REMOVED)
      .orderBy('bot.created_at')
      .orderBy('bot.id')
      .compile(),
  )
  return rows.map(row => ({
    id: row.id as BotId,
    wxid: row.wxid as ContactWxid,
    userId: row.user_id ?? '',
    nickName: row.nick_name ?? '',
    avatarUrl: row.avatar_url ?? '',
    state: row.state,
    isRun: row.node_id !== null,
    corporation: row.corporation ?? '',
  }))
}
