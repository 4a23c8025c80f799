import { sql } from 'kysely'
import type { Queryable } from './database.ts'
import { type Head, keepLane, type Lane } from './lanes.ts'

/** An attempt as the history keeps it. Times in milliseconds. */
export interface AttemptMade {
  readonly startedAt: number
  readonly ms: number
  readonly outcome: 'answered' | 'failed'
  readonly status: number | null
  readonly errorClass: string | null
  readonly snippet: string | null
}

/** What becomes of the callback; `at` is when. */
export type Settlement =
  | { readonly settle: 'delivered' | 'parked'; readonly at: number }
  | { readonly settle: 'retry'; readonly at: number }

/**
 * Writes down an attempt and what follows from it, both or neither. False, and nothing is written, when the lane is
 * somebody else's by now. Otherwise it is ours until `leaseUntil`.
 */
export async function settleAttempt(
  tx: Queryable,
  lane: Lane,
  head: Head,
  { attempt, settlement, leaseUntil }: { attempt: AttemptMade; settlement: Settlement; leaseUntil: number },
): Promise<boolean> {
  if (!(await keepLane(tx, lane, leaseUntil))) return false

  const settled = await tx.run(
    due(tx, lane, head).where('attempt', '=', head.attempt).set(afterwards(head, settlement)).compile(),
  )
  // Told a second time, because the first one's commit was cut off and had happened all the same.
  if (settled === 0) return true
  const { startedAt, ms, outcome, status, errorClass, snippet } = attempt
  await tx.run(
    tx.query
      .insertInto('attempt')
      .values({
        workspace_id: lane.workspaceId,
        callback_id: head.id,
        // Counted through, because a replay begins a new round of the same callback.
        n: sql<number>`(select coalesce(max(n), 0) + 1 from attempt
          where workspace_id = ${lane.workspaceId} and callback_id = ${head.id})`,
        started_at: startedAt,
        ms,
        outcome,
        status,
        error_class: errorClass,
        snippet,
      })
      .compile(),
  )
  return true
}

/** A fault of ours kept the callback from being tried: it waits until `until` and loses no retry. False as above. */
export async function putOffCallback(
  tx: Queryable,
  lane: Lane,
  head: Head,
  { until, leaseUntil }: { until: number; leaseUntil: number },
): Promise<boolean> {
  if (!(await keepLane(tx, lane, leaseUntil))) return false
  await tx.run(
    due(tx, lane, head)
      .set(({ eb }) => ({ due_at: until, faults: eb('faults', '+', 1) }))
      .compile(),
  )
  return true
}

const afterwards = (head: Head, settlement: Settlement) => {
  const attempt = head.attempt + 1
  switch (settlement.settle) {
    case 'delivered':
    case 'parked':
      return { attempt, state: settlement.settle, settled_at: settlement.at }
    case 'retry':
      return { attempt, due_at: settlement.at }
    default:
      return settlement satisfies never
  }
}

const due = (tx: Queryable, { workspaceId }: Lane, { id }: Head) =>
  tx.query
    .updateTable('callback')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .where('state', '=', 'due')
