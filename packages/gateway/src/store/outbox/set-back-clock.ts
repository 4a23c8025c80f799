import { sql } from 'kysely'
import { MINUTE_MS } from '../../system/clock.ts'
import type { Queryable } from '../database/database.ts'
import { nextLaneDueAt } from './lanes.ts'

/**
 * No callback waits so long: twice the longest wait of CB-6 is 32 s, and a fault of ours puts one off by a minute. What
 * is due later was written down before the clock was set back.
 */
export const WAIT_MAX_MS = 2 * MINUTE_MS

/** Whether a lane that nobody works on is due later than any wait is long: the clock was set back. One probe of an index. */
export async function isClockSetBack(db: Queryable, now: number): Promise<boolean> {
  const next = await nextLaneDueAt(db, now + WAIT_MAX_MS)
  return next !== null
}

/** Makes those lanes due now, and what waits in them. */
export async function bringForward(tx: Queryable, now: number): Promise<void> {
  const stranded = await tx.all(
    tx.query
      .updateTable('lane')
      .set({ due_at: now })
      .where('due_at', '>', now + WAIT_MAX_MS)
      .where('owner', 'is', null)
      .returning(['workspace_id', 'address_id', 'lane_key'])
      .compile(),
  )
  for (const { workspace_id, address_id, lane_key } of stranded) {
    await tx.run(
      tx.query
        .updateTable('callback')
        .set({ due_at: now })
        .where('workspace_id', '=', workspace_id)
        // Found first: an update by its lane would walk through every callback of the workspace.
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom('callback as due')
            .select('due.id')
            .where('due.workspace_id', '=', workspace_id)
            .where('due.address_id', '=', address_id)
            .where('due.lane_key', '=', lane_key)
            .where('due.state', '=', sql.lit('due' as const)),
        )
        .where('due_at', '>', now + WAIT_MAX_MS)
        .compile(),
    )
  }
}
