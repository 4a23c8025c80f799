/**
 * Replays of many callbacks. A replay is a row that remembers how far it has come: step by step it makes the next few
 * of its callbacks due again (`step-replay.ts`). So it can be paused and called off, outlives the gateway, and what is new
 * does not stand behind thousands of old ones.
 */
import type { WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import { hex24, type Random } from '../../system/random.ts'
import type { Database, Queryable } from '../database/database.ts'
import { canFit } from './callback-fits.ts'
import { type Counted, countStates } from './count-states.ts'
import { newerRangeOf } from './id-range.ts'
import { keep, lockReplay, type Replay, type ReplayFilter, toReplay, toRow } from './replay-rows.ts'
import { countInSlice } from './slices.ts'

/** Replays of one workspace that have not ended: each keeps so many callbacks waiting in front of those of the next. */
export const UNENDED_MAX = 10

/** How many settled callbacks fit; when the time is over, so many or more. */
export async function countReplayable(
  db: Queryable,
  workspaceId: WorkspaceId,
  filter: ReplayFilter,
  isOver: () => boolean = () => false,
): Promise<Counted> {
  const { state, ...others } = filter
  if (!(await canFit(db, workspaceId, filter))) return { count: 0, atLeast: false }
  if (state !== undefined && Object.values(others).every(condition => condition === undefined))
    return (await countStates(db, workspaceId, [state]))[state]
  const range = await newerRangeOf(db, workspaceId, filter)
  let count = 0
  let from: number | null = range.from
  do {
    const slice = { way: 'newer', from, until: range.until } as const
    const settled = { ...filter, settledOnly: true }
    const seen: Awaited<ReturnType<typeof countInSlice>> = await countInSlice(db, workspaceId, settled, slice)
    count += seen.fitting
    from = seen.next
  } while (from !== null && !isOver())
  return { count, atLeast: from !== null }
}

/**
 * Begins a replay of what fits and was owed by now; null when too many have not ended yet. `at` in milliseconds. Nobody waits for it, so it
 * goes through all there is: where a time lies among the ids is a guess that a clock which was set back makes wrong, and what a replay
 * misses is missed in silence.
 */
export async function startReplay(
  db: Database,
  random: Random,
  workspaceId: WorkspaceId,
  filter: ReplayFilter,
  at: number,
): Promise<Replay | null> {
  const id = hex24(random)
  return db.write(async tx => {
    const unended = await tx.all(
      tx.query
        .selectFrom('replay')
        .select('id')
        .where('workspace_id', '=', workspaceId)
        .where('ended_at', 'is', null)
        .limit(UNENDED_MAX)
        .compile(),
    )
    if (unended.length >= UNENDED_MAX) return null
    const newest = await tx.first(
      tx.query
        .selectFrom('callback')
        .select(({ fn }) => fn.max('id').as('id'))
        .where('workspace_id', '=', workspaceId)
        .compile(),
    )
    const row = {
      workspace_id: workspaceId,
      id,
      state: 'running' as const,
      ...toRow(filter),
      last_id: 0,
      until_id: newest?.id ?? 0,
      created_at: at,
    }
    await tx.run(tx.query.insertInto('replay').values(row).compile())
    return toReplay({ ...row, replayed: 0, ended_at: null })
  })
}

/** Newest first. */
export async function listReplays(db: Queryable, workspaceId: WorkspaceId): Promise<Replay[]> {
  const rows = await db.all(
    db.query
      .selectFrom('replay')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .orderBy('created_at', 'desc')
      .orderBy('id')
      .limit(LISTED_MAX)
      .compile(),
  )
  return rows.map(toReplay)
}

const LISTED_MAX = 100

/** What an operator may do with a replay that has not ended. Undefined when there is none such. */
export function steerReplay(
  db: Database,
  workspaceId: WorkspaceId,
  id: string,
  to: 'running' | 'paused' | 'cancelled',
  at: number,
): Promise<Replay | undefined> {
  return db.write(async tx => {
    const replay = await lockReplay(tx, workspaceId, id)
    if (replay?.state !== 'running' && replay?.state !== 'paused') return undefined
    const ended_at = to === 'cancelled' ? at : null
    await keep(tx, replay, { state: to, ended_at })
    return toReplay({ ...replay, state: to, ended_at })
  })
}

/** Those that run, over all workspaces. */
export function runningReplays(db: Queryable): Promise<{ workspaceId: WorkspaceId; id: string }[]> {
  return db.all(
    db.query
      .selectFrom('replay')
      .select(['workspace_id as workspaceId', 'id'])
      .where('state', '=', sql.lit('running' as const))
      .$castTo<{ workspaceId: WorkspaceId; id: string }>()
      .compile(),
  )
}

/** Forgets replays that ended before (milliseconds). */
export async function forgetReplays(db: Database, endedBefore: number): Promise<void> {
  await db.write(tx => tx.run(tx.query.deleteFrom('replay').where('ended_at', '<', endedBefore).compile()))
}
