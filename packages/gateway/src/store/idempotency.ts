import type { WorkspaceId } from '@qunhub/wire'
import type { Database } from './database.ts'

/** Rows deleted in one transaction, so that cleaning up never holds up the writes of customers. */
const ANSWERS_PER_WRITE_MAX = 500

/** What was answered to the first request that carried an Idempotency-Key (CR-25). */
export interface KeptAnswer {
  readonly bodyHash: string
  readonly answer: string
  /** Milliseconds. */
  readonly at: number
}

export async function findAnswer(
  db: Database,
  workspaceId: WorkspaceId,
  key: string,
): Promise<KeptAnswer | undefined> {
  const row = await db.first(
    db.query
      .selectFrom('idempotency')
      .select(['body_hash', 'answer', 'at'])
      .where('workspace_id', '=', workspaceId)
      .where('key', '=', key)
      .compile(),
  )
  return row && { bodyHash: row.body_hash, answer: row.answer, at: row.at }
}

/** A key whose time had run out is taken into use again. */
export async function saveAnswer(
  db: Database,
  workspaceId: WorkspaceId,
  key: string,
  { bodyHash, answer, at }: KeptAnswer,
): Promise<void> {
  const kept = { body_hash: bodyHash, answer, at }
  await db.write(tx =>
    tx.run(
      tx.query
        .insertInto('idempotency')
        .values({ workspace_id: workspaceId, key, ...kept })
        .onConflict(conflict => conflict.columns(['workspace_id', 'key']).doUpdateSet(kept))
        .compile(),
    ),
  )
}

/** Forgets, in every workspace, the answers older than `before` (milliseconds), a few at a time; says how many. */
export async function forgetAnswers(db: Database, before: number): Promise<number> {
  let forgotten = 0
  for (;;) {
    const some = await db.write(tx =>
      tx.run(
        tx.query
          .deleteFrom('idempotency')
          .where(({ eb, refTuple, selectFrom }) =>
            eb(
              refTuple('workspace_id', 'key'),
              'in',
              selectFrom('idempotency')
                .select(['workspace_id', 'key'])
                .where('at', '<', before)
                .limit(ANSWERS_PER_WRITE_MAX)
                .$asTuple('workspace_id', 'key'),
            ),
          )
          .compile(),
      ),
    )
    forgotten += some
    if (some < ANSWERS_PER_WRITE_MAX) return forgotten
  }
}
