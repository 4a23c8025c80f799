/**
 * Forgetting walks along the callbacks of a state in the order of their ids, which is that in which they were owed, but for what
 * overtakes; no index of when they were settled is written for it. Nothing is settled before it is owed, so the walk ends at the
 * first that was owed too late to go. What was settled long after it was owed is walked past.
 */
import type { WorkspaceId } from '@qunhub/wire'
import { type Selectable, sql } from 'kysely'
import type { CallbackState } from '../../model/callback.ts'
import type { Database, Queryable } from '../database/database.ts'
import type { CallbackTable } from '../schema/tables.ts'

/** So many are looked at by one statement. */
export const READ_AT_ONCE_MAX = 1000

/** Which callbacks are walked along. */
export interface Settled {
  readonly workspaceId: WorkspaceId
  readonly state: Exclude<CallbackState, 'due'>
}

/** Those settled `before` go; milliseconds. */
export interface Until {
  readonly before: number
  readonly now: number
}

export interface Pruned {
  readonly forgotten: number
  /** Walked past: they were settled too late to go. */
  readonly passed: number
  /** Behind which id to go on; null at the end. */
  readonly next: number | null
}

/**
 * Forgets callbacks that were settled long ago, with their bodies and attempts. Looks at {@link READ_AT_ONCE_MAX} behind the id
 * `after`, and forgets `limit` in a write, so that each stays short; whoever wants all of them calls again behind `next`.
 */
export async function pruneCallbacks(
  db: Database,
  settled: Settled,
  { before, now }: Until,
  limit: number,
  after = 0,
): Promise<Pruned> {
  const rows = await readSettled(db, settled, after)
  // What was owed later than now was owed by a clock that was ahead, and says nothing of those behind it.
  const end = rows.findIndex(({ owed_at }) => owed_at >= before && owed_at <= now)
  const walked = end === -1 ? rows : rows.slice(0, end)
  const old = walked.filter(({ settled_at }) => settled_at !== null && settled_at < before)
  let forgotten = 0
  for (let at = 0; at < old.length; at += limit)
    forgotten += await db.write(tx => forgetAll(tx, old.slice(at, at + limit)))
  const isEnd = end !== -1 || rows.length < READ_AT_ONCE_MAX
  return { forgotten, passed: walked.length - old.length, next: isEnd ? null : rows.at(-1)!.id }
}

const NEVER = -1

interface Forgettable {
  readonly workspace_id: string
  readonly id: number
  readonly body_id: number
  /** As it was seen. */
  readonly settled_at: number | null
}

function readSettled(
  db: Queryable,
  { workspaceId, state }: Settled,
  after: number,
): Promise<(Forgettable & { readonly owed_at: number })[]> {
  // Left to itself SQLite walks through the workspace, because that is in the order of ids, too.
  const name = sql.raw(db.dialect === 'sqlite' ? 'callback indexed by callback_state' : 'callback')
  return db.all(
    db.query
      .selectFrom(sql<Selectable<CallbackTable>>`callback`.as<'callback'>(name))
      .select(['workspace_id', 'id', 'body_id', 'owed_at', 'settled_at'])
      .where('workspace_id', '=', workspaceId)
      .where('state', '=', state)
      .where('id', '>', after)
      .orderBy('id')
      .limit(READ_AT_ONCE_MAX)
      .compile(),
  )
}

async function forgetAll(tx: Queryable, callbacks: readonly Forgettable[]): Promise<number> {
  let forgotten = 0
  for (const callback of callbacks) if (await forgetCallback(tx, callback)) forgotten++
  return forgotten
}

/** Forgets a callback with its body and its attempts, if it is still due, or was not settled anew. */
export async function forgetCallback(
  tx: Queryable,
  { workspace_id, id, body_id, settled_at }: Forgettable,
): Promise<boolean> {
  const { query } = tx
  const forgotten = await tx.run(
    query
      .deleteFrom('callback')
      .where('workspace_id', '=', workspace_id)
      .where('id', '=', id)
      // Not in the words of PostgreSQL's index of it, which looks as good as the key.
      .where(({ fn, val }) => fn.coalesce('settled_at', val(NEVER)), '=', settled_at ?? NEVER)
      .compile(),
  )
  if (forgotten === 0) return false
  await tx.run(
    query
      .deleteFrom('attempt')
      .where('workspace_id', '=', workspace_id)
      .where('callback_id', '=', id)
      .compile(),
  )
  await tx.run(
    query
      .deleteFrom('callback_body')
      .where('workspace_id', '=', workspace_id)
      .where('id', '=', body_id)
      .compile(),
  )
  return true
}
