/** How many callbacks are in a state: by an index alone, and never more than so many, for a million are kept. */
import type { WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { CallbackState } from '../../model/callback.ts'
import type { Queryable } from '../database/database.ts'

/** Beyond it nobody tells the difference, and each that is counted is read. */
export const COUNTED_MAX = 10_000

/** So many; with `atLeast`, so many or more. */
export interface Counted {
  readonly count: number
  readonly atLeast: boolean
}

const upTo = (max: number, seen: number): Counted => ({
  count: Math.min(seen, max),
  atLeast: seen > max,
})

/** Of each of these states, in one statement. */
export async function countStates<S extends CallbackState>(
  db: Queryable,
  workspaceId: WorkspaceId,
  states: readonly S[],
): Promise<Record<S, Counted>> {
  const counts = states.map(
    state => sql`(select count(*) from (${inState(db, workspaceId, state)}
      limit ${sql.lit(COUNTED_MAX + 1)}) as counted) as ${sql.ref(state)}`,
  )
  const row = await db.first(sql<Record<S, number>>`select ${sql.join(counts)}`.compile(db.query))
  return Object.fromEntries(states.map(state => [state, upTo(COUNTED_MAX, Number(row![state]))])) as Record<
    S,
    Counted
  >
}

/** When the first that waits was owed, by the order of ids; null when nothing waits. */
export async function oldestWaiting(db: Queryable, workspaceId: WorkspaceId): Promise<number | null> {
  const first = await firstInState(db, workspaceId, 'due')
  return first ? Number(first.owed_at) : null
}

/** Whether one was ever delivered: one is still kept, or its base is known to have taken one. */
export async function hasDelivered(db: Queryable, workspaceId: WorkspaceId): Promise<boolean> {
  if (await firstInState(db, workspaceId, 'delivered')) return true
  const known = await db.first(
    db.query
      .selectFrom('accepted_kind')
      .select('kind')
      .where('workspace_id', '=', workspaceId)
      .limit(1)
      .compile(),
  )
  return known !== undefined
}

// A range of one state, so that only the index of states has the order: by the workspace's own PostgreSQL would look for one
// of most from the beginning of all.
const firstInState = (db: Queryable, workspaceId: WorkspaceId, state: CallbackState) =>
  db.first(
    sql<{ owed_at: number }>`select owed_at from callback ${byState(db)}
      where workspace_id = ${workspaceId} and state between ${state} and ${state}
      order by state, id limit 1`.compile(db.query),
  )

// Nothing of the callback itself, so that its index is all that is read.
const inState = (db: Queryable, workspaceId: WorkspaceId, state: CallbackState) =>
  sql`select 1 from callback ${byState(db)} where workspace_id = ${workspaceId} and state = ${state}`

// Left to itself SQLite may walk through the workspace.
const byState = ({ dialect }: Queryable) => sql.raw(dialect === 'sqlite' ? 'indexed by callback_state' : '')
