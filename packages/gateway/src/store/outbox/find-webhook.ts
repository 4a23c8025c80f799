/**
 * A callback by what its receiver sees of it. PostgreSQL has an index of webhook-ids, for there numbers do not follow the time: nodes
 * differ. On SQLite an index would be two pages more for each callback, for a question that people ask. There the webhook-id says when
 * the callback was owed, numbers grow with time, and so it is looked for among those that were owed then.
 */
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import { owedTimeOf } from '../../model/webhook-id.ts'
import { HOUR_MS, SECOND_MS } from '../../system/clock.ts'
import type { Queryable } from '../database/database.ts'
import { type IdRange, idRangeOf } from './id-range.ts'
import { CALLBACKS_PER_SLICE } from './slices.ts'

/** Between its moment and its number a callback may have waited for the lock; a clock is set back; or anything may have been. */
const OUT_OF_ORDER_MS = [10 * SECOND_MS, HOUR_MS, Number.POSITIVE_INFINITY]
/** So many are looked through in each of these ranges, newest first: a tenth of a second. */
export const LOOKED_THROUGH_MAX = 100_000

/** Its id. Not found on SQLite: one that was owed while the clock was off by hours, with more than 100,000 behind it. */
export async function idOfWebhook(
  db: Queryable,
  workspaceId: WorkspaceId,
  webhookId: string,
): Promise<number | undefined> {
  if (db.dialect === 'postgres') return byIndex(db, workspaceId, webhookId)
  const owedAt = owedTimeOf(webhookId)
  if (owedAt === undefined) return undefined
  for (const outOfOrderMs of OUT_OF_ORDER_MS) {
    const owed = { owedFrom: owedAt, owedUntil: owedAt }
    const range = await idRangeOf(db, workspaceId, owed, outOfOrderMs)
    const id = await idWithin(db, workspaceId, webhookId, range)
    if (id !== undefined) return id
  }
  return undefined
}

async function byIndex(
  db: Queryable,
  workspaceId: WorkspaceId,
  webhookId: string,
): Promise<number | undefined> {
  const row = await db.first(
    db.query
      .selectFrom('callback')
      .select('id')
      .where('workspace_id', '=', workspaceId)
      .where('webhook_id', '=', webhookId)
      .compile(),
  )
  return row && Number(row.id)
}

async function idWithin(
  db: Queryable,
  workspaceId: WorkspaceId,
  webhookId: string,
  { from, until = 0 }: IdRange,
): Promise<number | undefined> {
  let edge = from
  for (let looked = 0; looked < LOOKED_THROUGH_MAX; looked += CALLBACKS_PER_SLICE) {
    const seen = await db.first(
      sql<{ seen: number; edge: number | null; found: number | null }>`
        select count(*) as seen, min(id) as edge, max(id) filter (where webhook_id = ${webhookId}) as found
        from (select id, webhook_id from callback
          where workspace_id = ${workspaceId} and id < ${edge} and id >= ${until}
          order by id desc limit ${sql.lit(CALLBACKS_PER_SLICE)}) as slice`.compile(db.query),
    )
    if (seen!.found !== null) return seen!.found
    if (seen!.seen < CALLBACKS_PER_SLICE) return undefined
    edge = seen!.edge!
    // Between two slices others have their turn, for SQLite answers on the event loop.
    await yieldToLoop()
  }
  return undefined
}
