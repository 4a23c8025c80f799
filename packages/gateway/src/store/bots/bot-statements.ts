import type { Selectable } from 'kysely'
import type { Both } from '../database/both-dialects.ts'
import type { Statement } from '../database/database.ts'
import type { BotTable } from '../schema/tables.ts'
import { REMOVED } from './bot-row.ts'
import { userIdKeyIn } from './user-id-keys.ts'

const BY_AGE = `and state <> '${REMOVED}' order by created_at, id`

/** Those of the workspace that go by one of the keys (`keysOfUserId`), oldest first: on a shared store every act through a bot asks. */
export const botsOfKeys: Both<
  (workspaceId: string, keys: readonly string[]) => Statement<Selectable<BotTable>>
> = {
  sqlite: (workspaceId, keys) => ({
    sql: `select * from bot where workspace_id = ?
        and ${userIdKeyIn('sqlite', 'coalesce(user_id, expected_user_id)')} in (select value from json_each(?)) ${BY_AGE}`,
    parameters: [workspaceId, JSON.stringify(keys)],
  }),
  postgres: (workspaceId, keys) => ({
    sql: `select * from bot where workspace_id = $1
        and ${userIdKeyIn('postgres', 'coalesce(user_id, expected_user_id)')} = any($2::text[]) ${BY_AGE}`,
    parameters: [workspaceId, keys],
  }),
}
