import type { Migration } from './migration.ts'

/** Whoever looks for a room types how a member's name begins: of a million contacts some are found by it at once. */
const NAMES = 'create index contact_name on contact (workspace_id, name, wxid)'

export const findingRooms: Migration = {
  version: 8,
  name: 'finding-rooms',
  sqlite: [NAMES],
  postgres: [NAMES],
}
