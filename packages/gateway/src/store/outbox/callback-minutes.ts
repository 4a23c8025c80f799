/** What became of callbacks, minute by minute: counted in memory by each node, and added up here now and then. */
import type { WorkspaceId } from '@qunhub/wire'
import type { Database, Queryable } from '../database/database.ts'

export interface Tally {
  delivered: number
  retried: number
  parked: number
  quarantined: number
}

export interface MinuteTally extends Readonly<Tally> {
  readonly workspaceId: WorkspaceId
  /** Its first millisecond. */
  readonly minute: number
}

export const noTally = (): Tally => ({ delivered: 0, retried: 0, parked: 0, quarantined: 0 })

/** Adds to what other nodes, and this one before, have counted of the same minutes. */
export const addTallies = (db: Database, tallies: readonly MinuteTally[]): Promise<void> =>
  db.write(async tx => {
    for (const { workspaceId, ...counted } of tallies)
      await tx.run(
        tx.query
          .insertInto('callback_minute')
          .values({ workspace_id: workspaceId, ...counted })
          .onConflict(conflict =>
            conflict.columns(['workspace_id', 'minute']).doUpdateSet(({ eb }) => ({
              delivered: eb('callback_minute.delivered', '+', counted.delivered),
              retried: eb('callback_minute.retried', '+', counted.retried),
              parked: eb('callback_minute.parked', '+', counted.parked),
              quarantined: eb('callback_minute.quarantined', '+', counted.quarantined),
            })),
          )
          .compile(),
      )
  })

/** Oldest first, of minutes that begin in `from` or later and before `until`; those in which nothing happened are not there. */
export async function readTallies(
  db: Queryable,
  workspaceId: WorkspaceId,
  { from, until }: { from: number; until: number },
): Promise<MinuteTally[]> {
  const rows = await db.all(
    db.query
      .selectFrom('callback_minute')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('minute', '>=', from)
      .where('minute', '<', until)
      .orderBy('minute')
      .compile(),
  )
  return rows.map(({ workspace_id: _, ...tally }) => ({ workspaceId, ...tally }))
}

/** The oldest hour of those from before `before`; false when there is none. */
export const forgetOldestHour = (db: Database, before: number, hourMs: number): Promise<boolean> =>
  db.write(async tx => {
    const oldest = tx.query.selectFrom('callback_minute').select('minute').orderBy('minute').limit(1)
    const minute = (await tx.first(oldest.compile()))?.minute
    if (minute === undefined || minute >= before) return false
    const until = Math.min(before, minute + hourMs)
    await tx.run(tx.query.deleteFrom('callback_minute').where('minute', '<', until).compile())
    return true
  })
