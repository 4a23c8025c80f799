import type { WorkspaceId } from '@qunhub/wire'
import type { Selectable } from 'kysely'
import type { CallbackState } from '../../model/callback.ts'
import type { Queryable } from '../database/database.ts'
import { locked } from '../database/lock-rows.ts'
import type { ReplayTable } from '../schema/tables.ts'
import { readStatusClass, type StatusClass } from './status-class.ts'

/** Which settled callbacks are meant; what is not said does not matter. Times in milliseconds, `owedUntil` excluded. */
export interface ReplayFilter {
  readonly state?: Exclude<CallbackState, 'due'> | undefined
  readonly kind?: string | undefined
  readonly roomWxid?: string | undefined
  readonly botId?: string | undefined
  readonly status?: StatusClass | undefined
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

type Row = Selectable<ReplayTable>
type FilterRow = Pick<
  Row,
  'only_state' | 'only_kind' | 'only_room' | 'only_bot' | 'only_status' | 'owed_from' | 'owed_until'
>

export const fittingOf = (only: FilterRow) => ({ ...toFilter(only), settledOnly: true })

export const toRow = (filter: ReplayFilter): FilterRow => ({
  only_state: filter.state ?? null,
  only_kind: filter.kind ?? null,
  only_room: filter.roomWxid ?? null,
  only_bot: filter.botId ?? null,
  only_status: filter.status ?? null,
  owed_from: filter.owedFrom ?? null,
  owed_until: filter.owedUntil ?? null,
})

const selectReplay = (db: Queryable, workspaceId: WorkspaceId, id: string) =>
  db.query.selectFrom('replay').selectAll().where('workspace_id', '=', workspaceId).where('id', '=', id)

export const readReplay = (db: Queryable, workspaceId: WorkspaceId, id: string): Promise<Row | undefined> =>
  db.first(selectReplay(db, workspaceId, id).compile())

export const lockReplay = (tx: Queryable, workspaceId: WorkspaceId, id: string): Promise<Row | undefined> =>
  tx.first(locked(tx, selectReplay(tx, workspaceId, id), 'references').compile())

export const keep = (tx: Queryable, { workspace_id, id }: Row, changes: Partial<Row>): Promise<number> =>
  tx.run(
    tx.query
      .updateTable('replay')
      .set(changes)
      .where('workspace_id', '=', workspace_id)
      .where('id', '=', id)
      .compile(),
  )

export const toReplay = (row: Row): Replay => ({
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
  botId: row.only_bot ?? undefined,
  status: readStatusClass(row.only_status),
  owedFrom: row.owed_from ?? undefined,
  owedUntil: row.owed_until ?? undefined,
})
