import type { WorkspaceId } from '@qunhub/wire'
import type { Tenure } from '../../model/bot.ts'
import { requireTenure } from '../bots/tenure.ts'
import type { Database, Transaction } from '../database/database.ts'

/** Rows deleted in one transaction, so that cleaning up never holds up the writes of customers. */
const ANSWERS_PER_WRITE_MAX = 500

/** What is known of the first request that carried an Idempotency-Key (CR-25). */
export interface KeptAnswer {
  readonly bodyHash: string
  /** The answer, or what was noted before there was one. */
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

/**
 * Takes a key into use for something that is about to be asked of a bot's puppet. False when somebody else has it since
 * `expired` (milliseconds). Rejects with FenceLost when the bot is another node's by now: then nothing may be asked.
 */
export const takeKeyFor = (
  db: Database,
  tenure: Tenure,
  key: string,
  kept: KeptAnswer,
  expired: number,
): Promise<boolean> =>
  db.write(
    async tx => {
      await requireTenure(tx, tenure)
      return takeKey(tx, tenure.workspaceId, key, kept, expired)
    },
    { line: tenure.botId },
  )

/** One that was taken into use before `expired` is free again. */
export async function takeKey(
  tx: Transaction,
  workspaceId: WorkspaceId,
  key: string,
  { bodyHash, answer, at }: KeptAnswer,
  expired: number,
): Promise<boolean> {
  const kept = { body_hash: bodyHash, answer, at }
  const taken = await tx.run(
    tx.query
      .insertInto('idempotency')
      .values({ workspace_id: workspaceId, key, ...kept })
      .onConflict(conflict =>
        conflict.columns(['workspace_id', 'key']).doUpdateSet(kept).where('idempotency.at', '<=', expired),
      )
      .compile(),
  )
  return taken === 1
}

/** Keeps the answer in the place of `earlier`; false when something else stands there by now. */
export async function saveAnswer(
  db: Database,
  workspaceId: WorkspaceId,
  key: string,
  { answer, at }: Pick<KeptAnswer, 'answer' | 'at'>,
  earlier: string,
): Promise<boolean> {
  const saved = await db.write(tx =>
    tx.run(
      tx.query
        .updateTable('idempotency')
        .set({ answer, at })
        .where('workspace_id', '=', workspaceId)
        .where('key', '=', key)
        .where('answer', '=', earlier)
        .compile(),
    ),
  )
  return saved === 1
}

/**
 * Whether an answer with this text in it is kept under any key. Reads what the workspace has kept in a day, so it is for
 * the rare case in which nobody remembers.
 */
export async function isInAnAnswer(db: Database, workspaceId: WorkspaceId, text: string): Promise<boolean> {
  const row = await db.first(
    db.query
      .selectFrom('idempotency')
      .select('key')
      .where('workspace_id', '=', workspaceId)
      .where(({ eb, ref, val }) =>
        eb(eb.fn('replace', [ref('answer'), val(text), val('')]), '<>', ref('answer')),
      )
      .limit(1)
      .compile(),
  )
  return row !== undefined
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
