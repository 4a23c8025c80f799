/** The last requests of customers' programs, workspace by workspace. */
import type { WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Database, Queryable } from '../database/database.ts'

/** Of one workspace. */
export const REQUESTS_KEPT_MAX = 5000

export interface RequestEntry {
  readonly workspaceId: WorkspaceId
  /** Begins with the moment (`momentKey`). */
  readonly id: string
  readonly at: number
  readonly endpoint: string
  readonly status: number
  readonly code: number | null
  readonly tokenId: string
  readonly ms: number
  readonly requestId: string
}

/** All of them in one statement with one parameter, so that its text is always the same. */
export const keepRequests = async (db: Database, entries: readonly RequestEntry[]): Promise<void> => {
  const given = JSON.stringify(entries)
  const into = sql.raw(
    'insert into request_entry (workspace_id, id, at, endpoint, status, code, token_id, ms, request_id)',
  )
  const statement =
    db.dialect === 'sqlite'
      ? sql`${into} select value ->> 'workspaceId', value ->> 'id', value ->> 'at', value ->> 'endpoint', value ->> 'status',
          value ->> 'code', value ->> 'tokenId', value ->> 'ms', value ->> 'requestId' from json_each(${given})`
      : sql`${into} select "workspaceId", id, at, endpoint, status, code, "tokenId", ms, "requestId"
          from jsonb_to_recordset(${given}::jsonb) as given ("workspaceId" text, id text, at bigint, endpoint text, status integer,
            code integer, "tokenId" text, ms integer, "requestId" text)`
  await db.write(tx => tx.run(statement.compile(db.query)))
}

/** Newest first, those before the one with this id. */
export async function listRequests(
  db: Queryable,
  workspaceId: WorkspaceId,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<RequestEntry[]> {
  const newest = db.query
    .selectFrom('request_entry')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .orderBy('id', 'desc')
    .limit(limit)
  const page = before === undefined ? newest : newest.where('id', '<', before)
  return (await db.all(page.compile())).map(row => ({
    ...{ workspaceId, id: row.id, at: row.at, endpoint: row.endpoint, status: row.status, code: row.code },
    ...{ tokenId: row.token_id, ms: row.ms, requestId: row.request_id },
  }))
}

/** What is beyond the newest `keptMax` goes. */
export const pruneRequests = (
  db: Database,
  workspaceId: WorkspaceId,
  keptMax = REQUESTS_KEPT_MAX,
): Promise<number> =>
  db.write(async tx => {
    const beyond = tx.query
      .selectFrom('request_entry')
      .select('id')
      .where('workspace_id', '=', workspaceId)
      .orderBy('id', 'desc')
      .offset(keptMax)
      .limit(1)
    const last = await tx.first(beyond.compile())
    if (!last) return 0
    return tx.run(
      tx.query
        .deleteFrom('request_entry')
        .where('workspace_id', '=', workspaceId)
        .where('id', '<=', last.id)
        .compile(),
    )
  })
