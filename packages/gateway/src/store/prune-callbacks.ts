import type { Queryable, Database } from './database.ts'

/**
 * Forgets callbacks that were settled long ago, with their bodies and attempts: those delivered before
 * `deliveredBefore`, those parked (or quarantined) before `parkedBefore` (milliseconds). At most `limit` at a time, oldest first, so that
 * one write stays short; whoever wants all of them calls again until it answers less than `limit`.
 */
export function pruneCallbacks(
  db: Database,
  { deliveredBefore, parkedBefore }: { deliveredBefore: number; parkedBefore: number },
  limit: number,
): Promise<number> {
  return db.write(async tx => {
    const old = await tx.all(
      tx.query
        .selectFrom('callback')
        .select(['workspace_id', 'id', 'body_id'])
        .where('settled_at', 'is not', null)
        .where('settled_at', '<', Math.max(deliveredBefore, parkedBefore))
        .where(({ eb, or, and }) =>
          or([
            and([eb('state', '=', 'delivered'), eb('settled_at', '<', deliveredBefore)]),
            and([eb('state', 'in', ['parked', 'quarantined']), eb('settled_at', '<', parkedBefore)]),
          ]),
        )
        .orderBy('settled_at')
        .limit(limit)
        .compile(),
    )
    for (const callback of old) await forgetCallback(tx, callback, 'settled')
    return old.length
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
