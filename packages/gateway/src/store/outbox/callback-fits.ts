import type { WorkspaceId } from '@qunhub/wire'
import { type RawBuilder, sql } from 'kysely'
import type { Queryable } from '../database/database.ts'
import type { Fitting } from './slices.ts'
import type { StatusClass } from './status-class.ts'

/** Whether a callback of a slice fits. What is dear to know is asked last, of those that fit so far. */
export function fits(
  db: Queryable,
  { state, kind, roomWxid, owedFrom, owedUntil, settledOnly, botId, status }: Fitting,
): RawBuilder<boolean> {
  const conditions = [
    // Without a room its state has been asked for already, by the index of states.
    ...(state === undefined || roomWxid === undefined ? [] : [sql`state = ${state}`]),
    ...(kind === undefined ? [] : [sql`kind = ${kind}`]),
    ...(owedFrom === undefined ? [] : [sql`owed_at >= ${owedFrom}`]),
    ...(owedUntil === undefined ? [] : [sql`owed_at < ${owedUntil}`]),
    ...(settledOnly ? [sql`state <> 'due'`] : []),
    ...(botId === undefined ? [] : [isOfBot(db, botId)]),
    ...(status === undefined ? [] : [isAnswered(status)]),
  ]
  return sql<boolean>`(${sql.join([sql`1 = 1`, ...conditions], sql` and `)})`
}

/**
 * The row of a callback says its room only; which bots are in it, or were, the chats say. A plain EXISTS PostgreSQL would look up in a
 * hash of all chats.
 */
const isOfBot = ({ dialect }: Queryable, botId: string) => sql`(
  select 1 from chat ${sql.raw(dialect === 'sqlite' ? 'indexed by chat_room' : '')}
  where chat.workspace_id = slice.workspace_id and chat.room_wxid = slice.lane_key and chat.bot_id = ${botId}
  limit 1) is not null`

/** A callback is delivered by a 2xx and by nothing else, so no attempt need be looked for. */
function isAnswered(status: StatusClass): RawBuilder<unknown> {
  const last = sql`(select coalesce(status, 0) from attempt
    where attempt.workspace_id = slice.workspace_id and attempt.callback_id = slice.id order by n desc limit 1)`
  if (status === '2xx') return sql`(state = 'delivered' or ${last} between 200 and 299)`
  if (status === 'none') return sql`(state <> 'delivered' and ${last} = 0)`
  const hundreds = Number(status[0]) * 100
  return sql`(state <> 'delivered' and ${last} between ${sql.lit(hundreds)} and ${sql.lit(hundreds + 99)})`
}

/** Whether any callback can fit at all: what is sure to find nothing need not look through a million. */
export async function canFit(
  db: Queryable,
  workspaceId: WorkspaceId,
  { botId, state, status }: Fitting,
): Promise<boolean> {
  if (state === 'delivered' && status !== undefined && status !== '2xx') return false
  return botId === undefined || (await hasRooms(db, workspaceId, botId))
}

/** Fewer rooms were left than that, or else it does not matter any more which bot has left them. */
const LEFT_ROOMS_READ_MAX = 1000

/** Whether the bot is in a room, or was. */
async function hasRooms(db: Queryable, workspaceId: WorkspaceId, botId: string): Promise<boolean> {
  const by = (index: string) => sql.raw(db.dialect === 'sqlite' ? `indexed by ${index}` : '')
  // A range of one bot, so that only its index has the order: PostgreSQL thinks that it would come upon one soon enough anyhow.
  const listed = await db.first(
    sql`select chat_id from chat ${by('chat_bot')}
      where workspace_id = ${workspaceId} and bot_id between ${botId} and ${botId} and left_at is null
      order by bot_id, room_wxid limit 1`.compile(db.query),
  )
  if (listed) return true
  const left = await db.first(
    sql<{ seen: number; own: number }>`
      select count(*) as seen, count(*) filter (where bot_id = ${botId}) as own
      from (select bot_id from chat ${by('chat_left')}
        where workspace_id = ${workspaceId} and left_at is not null and ordinal >= 0
        order by ordinal limit ${sql.lit(LEFT_ROOMS_READ_MAX)}) as slice`.compile(db.query),
  )
  return Number(left!.own) > 0 || Number(left!.seen) >= LEFT_ROOMS_READ_MAX
}
