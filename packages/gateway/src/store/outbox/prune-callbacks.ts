import type { Database, Queryable } from '../database/database.ts'

/** So many settled callbacks are read by one write: those delivered go early, and the parked ones among them stay. */
export const READ_AT_ONCE_MAX = 1000

export interface Pruned {
  readonly forgotten: number
  /** From which settlement to go on, in milliseconds; null at the end. */
  readonly next: number | null
}

/**
 * Forgets callbacks that were settled long ago, with their bodies and attempts: those delivered before
 * `deliveredBefore`, those parked (or quarantined) before `parkedBefore` (milliseconds). Looks at those settled from `from`
 * on, oldest first, and forgets at most `limit` at a time, so that one write stays short; whoever wants all of them calls
 * again from `next`, until that is null.
 */
export function pruneCallbacks(
  db: Database,
  { deliveredBefore, parkedBefore }: { deliveredBefore: number; parkedBefore: number },
  limit: number,
  from = 0,
): Promise<Pruned> {
  return db.write(async tx => {
    const settled = await tx.all(
      tx.query
        .selectFrom('callback')
        .select(['workspace_id', 'id', 'body_id', 'state', 'settled_at'])
        .where('settled_at', 'is not', null)
        .where('settled_at', '>=', from)
        .where('settled_at', '<', Math.max(deliveredBefore, parkedBefore))
        .orderBy('settled_at')
        .limit(READ_AT_ONCE_MAX)
        .compile(),
    )
    const old = settled
      .filter(
        ({ state, settled_at }) => settled_at! < (state === 'delivered' ? deliveredBefore : parkedBefore),
      )
      .slice(0, limit)
    for (const callback of old) await forgetCallback(tx, callback, 'settled')
    if (old.length === limit) return { forgotten: limit, next: old.at(-1)!.settled_at }
    if (settled.length < READ_AT_ONCE_MAX) return { forgotten: old.length, next: null }
    const last = settled.at(-1)!.settled_at!
    // So many that were settled in one millisecond, and none to forget: what stands behind them in it is for another day.
    return { forgotten: old.length, next: old.length === 0 ? Math.max(last, from + 1) : last }
  })
}

/** Forgets a callback with its body and its attempts, if it is still due or still settled. */
export async function forgetCallback(
  tx: Queryable,
  { workspace_id, id, body_id }: { workspace_id: string; id: number; body_id: number },
  state: 'due' | 'settled',
): Promise<boolean> {
  const { query } = tx
  const forgotten = await tx.run(
    query
      .deleteFrom('callback')
      .where('workspace_id', '=', workspace_id)
      .where('id', '=', id)
      .where('settled_at', state === 'due' ? 'is' : 'is not', null)
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
