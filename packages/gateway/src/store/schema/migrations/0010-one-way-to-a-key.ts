import { userIdKeyIn } from '../../bots/user-id-keys.ts'
import type { Migration } from './migration.ts'

const GOES_BY = `(${userIdKeyIn('postgres', 'coalesce(user_id, expected_user_id)')})`

/**
 * PostgreSQL checks a reference by a plan of its own, made with the first row of a connection and kept. While the tables were small
 * it took another index of the workspace than the key's, and then walked through all rooms for each member (decision 0049).
 * Where it is not said that the second column is there, as whoever looks for one says, these indexes fit no more.
 *
 * Made anew before the old one goes, so that whoever reads meanwhile waits for a moment only.
 */
const partial = (name: string, table: string, column: string): string[] => [
  `create index ${name}_given on ${table} (workspace_id, ${column}) where ${column} is not null`,
  `drop index ${name}`,
  `alter index ${name}_given rename to ${name}`,
]

export const oneWayToAKey: Migration = {
  version: 10,
  name: 'one-way-to-a-key',
  // SQLite always checks a reference by the key.
  sqlite: [],
  postgres: [...partial('chat_room', 'chat', 'room_wxid'), ...partial('bot_goes_by', 'bot', GOES_BY)],
}
