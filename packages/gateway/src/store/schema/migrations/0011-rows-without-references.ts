import type { Migration } from './migration.ts'

/**
 * Rows that are written by the thousand. For each one PostgreSQL looked up the row that it belongs to and locked it, and nothing
 * that they belong to is ever deleted (docs/decisions/0092-…). SQLite has them at hand, and goes on checking.
 */
const UNCHECKED = {
  chat_member: 'workspace_id_chat_id',
  contact: 'workspace_id_bot_id',
  callback: 'workspace_id_address_id',
  callback_body: 'workspace_id',
  attempt: 'workspace_id',
}

export const rowsWithoutReferences: Migration = {
  version: 11,
  name: 'rows-without-references',
  sqlite: [],
  postgres: Object.entries(UNCHECKED).map(
    ([table, columns]) => `alter table ${table} drop constraint ${table}_${columns}_fkey`,
  ),
}
