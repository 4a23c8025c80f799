import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { WorkspaceId } from '@qunhub/wire'
import type { CallbackState } from '../../model/callback.ts'
import type { Queryable } from '../database/database.ts'
import { idOfWebhook } from './find-webhook.ts'
import { idsInSlice, type SliceFrom } from './slices.ts'

/** A callback as it is listed. Times in milliseconds. */
export interface CallbackRecord {
  readonly id: number
  readonly webhookId: string
  readonly kind: string
  /** The room's wxid. */
  readonly laneKey: string
  readonly state: CallbackState
  /** Attempts made in this round; a replay begins a new one. */
  readonly attempt: number
  readonly owedAt: number
  /** When it is, or was, to be tried next. */
  readonly dueAt: number
  readonly settledAt: number | null
  /** The last attempt's answer, or why there was none. */
  readonly lastStatus: number | null
  readonly lastError: string | null
}

export interface AttemptRecord {
  /** Counted from 1 over all rounds. */
  readonly n: number
  readonly startedAt: number
  readonly ms: number
  readonly outcome: string
  readonly status: number | null
  readonly errorClass: string | null
  readonly snippet: string | null
  readonly reason: string | null
}

/** Which callbacks are meant. */
export interface CallbackFilter {
  readonly state?: CallbackState | undefined
  readonly kind?: string | undefined
  readonly roomWxid?: string | undefined
  /** Owed at or after, and before; milliseconds. */
  readonly owedFrom?: number | undefined
  readonly owedUntil?: number | undefined
}

/** Newest first, at most `limit`; `before` is the last id of the page before. */
export async function listCallbacks(
  db: Queryable,
  workspaceId: WorkspaceId,
  { limit, before, ...filter }: CallbackFilter & { limit: number; before?: number | undefined },
): Promise<CallbackRecord[]> {
  const found: CallbackRecord[] = []
  let from: number | null = before ?? Number.MAX_SAFE_INTEGER
  while (from !== null && found.length < limit) {
    const slice: SliceFrom = { way: 'older', from }
    const wanted = limit - found.length
    const { ids, next } = await idsInSlice(db, workspaceId, filter, slice, wanted)
    if (ids.length > 0) {
      const records = await recordsOf(db, workspaceId, ids)
      // Between the two statements it may have become another.
      const still = records.filter(({ state }) => filter.state === undefined || state === filter.state)
      found.push(...still.toSorted((one, other) => other.id - one.id))
    }
    from = next
    // Between two slices others have their turn, for SQLite answers on the event loop.
    await yieldToLoop()
  }
  return found
}

/** Those of these ids that there are, in no order. */
export const recordsOf = (
  db: Queryable,
  workspaceId: WorkspaceId,
  ids: readonly number[],
): Promise<CallbackRecord[]> =>
  db.all(
    selectRecords(db)
      .where('callback.workspace_id', '=', workspaceId)
      .where('callback.id', 'in', db.oneOf(ids))
      .compile(),
  )

/** By its id, or by its webhook-id. With every attempt, oldest first, and the body as it is sent. */
export async function findCallback(
  db: Queryable,
  workspaceId: WorkspaceId,
  named: number | string,
): Promise<(CallbackRecord & { readonly attempts: AttemptRecord[]; readonly body: string }) | undefined> {
  const id = typeof named === 'number' ? named : await idOfWebhook(db, workspaceId, named)
  if (id === undefined) return undefined
  const record = await db.first(
    selectRecords(db)
      .innerJoin('callback_body', join =>
        join
          .onRef('callback_body.workspace_id', '=', 'callback.workspace_id')
          .onRef('callback_body.id', '=', 'callback.body_id'),
      )
      .select('callback_body.bytes')
      .where('callback.workspace_id', '=', workspaceId)
      .where('callback.id', '=', id)
      .compile(),
  )
  if (!record) return undefined
  const { bytes, ...callback } = record
  return {
    ...callback,
    attempts: await attemptsOf(db, workspaceId, record.id),
    body: Buffer.from(bytes).toString(),
  }
}

const selectRecords = (db: Queryable) =>
  db.query
    .selectFrom('callback')
    .leftJoin('attempt', join =>
      join
        .onRef('attempt.workspace_id', '=', 'callback.workspace_id')
        .onRef('attempt.callback_id', '=', 'callback.id')
        .on('attempt.n', '=', ({ selectFrom }) =>
          selectFrom('attempt as last')
            .select(({ fn }) => fn.max('last.n').as('n'))
            .whereRef('last.workspace_id', '=', 'callback.workspace_id')
            .whereRef('last.callback_id', '=', 'callback.id'),
        ),
    )
    .select([
      'callback.id',
      'callback.webhook_id as webhookId',
      'callback.kind',
      'callback.lane_key as laneKey',
    ])
    .select(['callback.state', 'callback.attempt', 'callback.owed_at as owedAt', 'callback.due_at as dueAt'])
    .select([
      'callback.settled_at as settledAt',
      'attempt.status as lastStatus',
      'attempt.error_class as lastError',
    ])

const attemptsOf = (db: Queryable, workspaceId: WorkspaceId, callbackId: number): Promise<AttemptRecord[]> =>
  db.all(
    db.query
      .selectFrom('attempt')
      .select([
        'n',
        'started_at as startedAt',
        'ms',
        'outcome',
        'status',
        'error_class as errorClass',
        'snippet',
        'reason',
      ])
      .where('workspace_id', '=', workspaceId)
      .where('callback_id', '=', callbackId)
      .orderBy('n')
      .compile(),
  )
