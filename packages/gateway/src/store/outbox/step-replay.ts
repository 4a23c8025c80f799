/**
 * The steps of a replay. Each makes the next few callbacks due again, in the order of their ids, and no more than
 * OUTSTANDING_MAX of them wait at any time. Whichever node takes the next step has the row locked meanwhile.
 */
import type { WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Database, Queryable } from '../database/database.ts'
import { makeDueAgain } from './replay-callback.ts'
import { fittingOf, keep, lockReplay, readReplay } from './replay-rows.ts'
import { countInSlice, idsInSlice } from './slices.ts'

/** Of one replay, waiting to be delivered at the same time. */
export const OUTSTANDING_MAX = 50

/**
 * Takes the next step of a replay: how many callbacks it made due again. What it need not touch is passed over before,
 * because a write keeps others waiting; a step that passed over much goes on with the next one.
 */
export async function stepReplay(
  db: Database,
  workspaceId: WorkspaceId,
  id: string,
  at: number,
): Promise<number> {
  // Behind an open breaker it may be full for hours, and a write that changes nothing keeps others waiting all the same.
  if ((await countOutstanding(db, workspaceId, id)) >= OUTSTANDING_MAX) return 0
  const passed = await passOver(db, workspaceId, id)
  return db.write(async tx => {
    const replay = await lockReplay(tx, workspaceId, id)
    if (replay?.state !== 'running') return 0
    const room = OUTSTANDING_MAX - (await countOutstanding(tx, workspaceId, id))
    if (room <= 0) return 0

    const from = Math.max(replay.last_id, passed)
    const slice = { way: 'newer', from, until: replay.until_id } as const
    const { ids, next: behind } = await idsInSlice(tx, workspaceId, fittingOf(replay), slice, room)
    for (const callbackId of ids) await makeDueAgain(tx, workspaceId, callbackId, id, at)
    await keep(tx, replay, {
      last_id: behind ?? replay.until_id,
      replayed: replay.replayed + ids.length,
      ...(behind === null ? { state: 'done' as const, ended_at: at } : {}),
    })
    return ids.length
  })
}

/** Slices that a step passes over at most; the next step is soon. */
const PASSED_OVER_MAX = 100

/** Behind which callback a running replay finds the next that fits, or has to read on. */
async function passOver(db: Queryable, workspaceId: WorkspaceId, id: string): Promise<number> {
  const replay = await readReplay(db, workspaceId, id)
  if (replay?.state !== 'running') return 0
  let from = replay.last_id
  for (let passed = 0; passed < PASSED_OVER_MAX; passed++) {
    const slice = { way: 'newer', from, until: replay.until_id } as const
    const { fitting, next } = await countInSlice(db, workspaceId, fittingOf(replay), slice)
    if (fitting > 0 || next === null) break
    from = next
  }
  return from
}

async function countOutstanding(db: Queryable, workspaceId: WorkspaceId, id: string): Promise<number> {
  const counted = await db.first(
    db.query
      .selectFrom('callback')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('workspace_id', '=', workspaceId)
      .where('replay_id', '=', id)
      .where('state', '=', sql.lit('due' as const))
      .compile(),
  )
  return Number(counted!.count)
}
