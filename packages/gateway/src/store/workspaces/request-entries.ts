/** The last requests of customers' programs, workspace by workspace. */
import type { WorkspaceId } from '@qunhub/wire'
import { sql } from 'kysely'
import type { Database, Queryable } from '../database/database.ts'

/** Of one workspace. */
const REQUESTS_KEPT_MAX = 5000

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

/** Which requests are meant; what is left away is any. */
export interface RequestFilter {
  readonly endpoint?: string | undefined
  readonly code?: number | undefined
  /** Only those whose code is not 0, or that have none. */
  readonly refused?: boolean | undefined
  readonly tokenId?: string | undefined
  readonly requestId?: string | undefined
}

/**
 * Newest first, those before the one with this id. A filter is held against one after another: there are not many more than
 * `REQUESTS_KEPT_MAX`, and no index that every request would have to pay for.
 */
export async function listRequests(
  db: Queryable,
  workspaceId: WorkspaceId,
  asked: RequestFilter & { before: string | undefined; limit: number },
): Promise<RequestEntry[]> {
  const { before, limit, endpoint, code, refused, tokenId, requestId } = asked
  const newest = db.query
    .selectFrom('request_entry')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .$if(before !== undefined, query => query.where('id', '<', before!))
    .$if(endpoint !== undefined, query => query.where('endpoint', '=', endpoint!))
    .$if(code !== undefined, query => query.where('code', '=', code!))
    .$if(refused === true, query => query.where(or => or.or([or('code', '!=', 0), or('code', 'is', null)])))
    .$if(tokenId !== undefined, query => query.where('token_id', '=', tokenId!))
    .$if(requestId !== undefined, query => query.where('request_id', '=', requestId!))
    .orderBy('id', 'desc')
    .limit(limit)
  return (await db.all(newest.compile())).map(row => ({
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
