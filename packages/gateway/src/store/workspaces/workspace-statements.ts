import type { Selectable } from 'kysely'
import { alike, type Both } from '../database/both-dialects.ts'
import type { Statement } from '../database/database.ts'
import type { Counted } from '../database/hot-rows.ts'
import type { WorkspaceTable } from '../schema/tables.ts'

/** Every addition asks how its workspace wants it. */
export const workspaceOf: Both<(id: string) => Statement<Selectable<WorkspaceTable>>> = alike(
  'select * from workspace where id = $1',
  id => [id],
)

export const findToken: Both<
  (hash: Uint8Array) => Statement<{ id: string; workspace_id: string; realm: string; label: string }>
> = alike('select id, workspace_id, realm, label from token where hash = $1 and revoked_at is null', hash => [
  hash,
])

/**
 * Whose each of the tokens is that are good, and the edition of what its lists show (`rooms/list-edition`; null as long as there is a
 * node that does not count it): in one question, because every request asks.
 */
export const callersOf: Both<
  (hashes: readonly Uint8Array[]) => Statement<{
    id: string
    workspace_id: string
    realm: string
    hash: Uint8Array
    edition: number | null
  }>
> = {
  sqlite: hashes => ({
    sql: `select id, workspace_id, realm, hash, 0 as edition from token
      where hash in (select unhex(value) from json_each(?)) and revoked_at is null`,
    parameters: [JSON.stringify(hashes.map(hash => Buffer.from(hash).toString('hex')))],
  }),
  postgres: hashes => ({
    sql: `select id, workspace_id, realm, hash, case
        when not exists (select 1 from node where counts_editions = 0)
        then (select coalesce(sum(last), 0) from counter where counter.workspace_id = token.workspace_id)
      end as edition
      from token where hash = any($1::bytea[]) and revoked_at is null`,
    parameters: [hashes],
  }),
}

/** The last of the next `by` numbers of a kind of thing in a workspace: 1, 2, 3 …, never the same twice. */
export const count: Both<(workspaceId: string, kind: Counted, by: number) => Statement<{ last: number }>> =
  alike(
    `insert into counter (workspace_id, name, last) values ($1, $2, $3)
    on conflict (workspace_id, name) do update set last = counter.last + excluded.last returning last`,
    (workspaceId, kind, by) => [workspaceId, kind, by],
  )
