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
