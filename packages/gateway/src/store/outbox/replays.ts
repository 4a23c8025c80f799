/**
 * Replays of many callbacks. A replay is a row that remembers how far it has come: step by step it makes the next few
 * of its callbacks due again, in the order of their ids, and never has more than OUTSTANDING_MAX of them waiting. So it
 * can be paused and called off, outlives the gateway, and what is new does not stand behind thousands of old ones.
 * Whichever node takes the next step holds the row meanwhile.
 */
import type { WorkspaceId } from '@qunhub/wire'
import { type Selectable, sql } from 'kysely'
import type { CallbackState } from '../../model/callback.ts'
import { hex24, type Random } from '../../system/random.ts'
import type { Database, Queryable } from '../database/database.ts'
import { locked } from '../database/lock-rows.ts'
import type { ReplayTable } from '../schema/tables.ts'
import { stirLane } from './lanes.ts'
import { countInSlice, idsInSlice } from './slices.ts'

/** Which settled callbacks are meant; what is not said does not matter. Times in milliseconds, `owedUntil` excluded. */
export interface ReplayFilter {
  readonly state?: Exclude<CallbackState, 'due'> | undefined
  readonly kind?: string | undefined
  readonly roomWxid?: string | undefined
  readonly owedFrom?: number | undefined
  readonly owedUntil?: number | undefined
}

export interface Replay {
  readonly id: string
  readonly filter: ReplayFilter
  readonly state: ReplayState
  /** So many callbacks it has made due again. */
  readonly replayed: number
  readonly createdAt: number
  readonly endedAt: number | null
}

export type ReplayState = ReplayTable['state']

/** Of one replay, waiting to be delivered at the same time. */
export const OUTSTANDING_MAX = 50
/** Replays of one workspace that have not ended: each keeps so many callbacks waiting in front of those of the next. */
export const UNENDED_MAX = 10

/** How many settled callbacks fit. */
export async function countReplayable(
  db: Queryable,
  workspaceId: WorkspaceId,
  filter: ReplayFilter,
): Promise<number> {
  let count = 0
  for (let from: number | null = 0; from !== null; ) {
    const slice = { way: 'newer', from } as const
    const seen: Awaited<ReturnType<typeof countInSlice>> = await countInSlice(
      db,
      workspaceId,
      { ...filter, settledOnly: true },
      slice,
    )
    count += seen.fitting
    from = seen.next
  }
  return count
}

/** Begins a replay of what fits and was owed by now; null when too many have not ended yet. `at` in milliseconds. */
export function startReplay(
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
    for (const callbackId of ids) await replayAgain(tx, workspaceId, callbackId, id, at)
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

async function replayAgain(
  tx: Queryable,
  workspaceId: WorkspaceId,
  callbackId: number,
  replayId: string,
  at: number,
): Promise<void> {
  const known = await tx.first(
    tx.query
      .selectFrom('callback')
      .select(['address_id', 'lane_key'])
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', callbackId)
      .compile(),
  )
  if (!known) return
  await stirLane(tx, { workspaceId, addressId: known.address_id, laneKey: known.lane_key }, at)
  await tx.run(
    tx.query
      .updateTable('callback')
      .set({ state: 'due', attempt: 0, faults: 0, due_at: at, settled_at: null, replay_id: replayId })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', callbackId)
      .compile(),
  )
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

type Row = Selectable<ReplayTable>
type FilterRow = Pick<Row, 'only_state' | 'only_kind' | 'only_room' | 'owed_from' | 'owed_until'>

const fittingOf = (only: FilterRow) => ({ ...toFilter(only), settledOnly: true })

const toRow = (filter: ReplayFilter): FilterRow => ({
  only_state: filter.state ?? null,
  only_kind: filter.kind ?? null,
  only_room: filter.roomWxid ?? null,
  owed_from: filter.owedFrom ?? null,
  owed_until: filter.owedUntil ?? null,
})

const selectReplay = (db: Queryable, workspaceId: WorkspaceId, id: string) =>
  db.query.selectFrom('replay').selectAll().where('workspace_id', '=', workspaceId).where('id', '=', id)

const readReplay = (db: Queryable, workspaceId: WorkspaceId, id: string): Promise<Row | undefined> =>
  db.first(selectReplay(db, workspaceId, id).compile())

const lockReplay = (tx: Queryable, workspaceId: WorkspaceId, id: string): Promise<Row | undefined> =>
  tx.first(locked(tx, selectReplay(tx, workspaceId, id), 'references').compile())

const keep = (tx: Queryable, { workspace_id, id }: Row, changes: Partial<Row>): Promise<number> =>
  tx.run(
    tx.query
      .updateTable('replay')
      .set(changes)
      .where('workspace_id', '=', workspace_id)
      .where('id', '=', id)
      .compile(),
  )

const toReplay = (row: Row): Replay => ({
  id: row.id,
  state: row.state,
  filter: toFilter(row),
  replayed: row.replayed,
  createdAt: row.created_at,
  endedAt: row.ended_at,
})

const toFilter = (row: FilterRow): ReplayFilter => ({
  state: (row.only_state as ReplayFilter['state'] | null) ?? undefined,
  kind: row.only_kind ?? undefined,
  roomWxid: row.only_room ?? undefined,
  owedFrom: row.owed_from ?? undefined,
  owedUntil: row.owed_until ?? undefined,
})
