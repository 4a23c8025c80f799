import { alike, type Both } from '../database/both-dialects.ts'
import type { Statement } from '../database/database.ts'
import type { Counted } from '../database/hot-rows.ts'

export const findToken: Both<
  (hash: Uint8Array) => Statement<{ id: string; workspace_id: string; realm: string; label: string }>
> = alike('select id, workspace_id, realm, label from token where hash = $1 and revoked_at is null', hash => [
  hash,
])

/** The next number of a kind of thing in a workspace: 1, 2, 3 …, never the same twice. */
export const count: Both<(workspaceId: string, kind: Counted) => Statement<{ last: number }>> = alike(
  `insert into counter (workspace_id, name, last) values ($1, $2, 1)
    on conflict (workspace_id, name) do update set last = counter.last + 1 returning last`,
  (workspaceId, kind) => [workspaceId, kind],
)
