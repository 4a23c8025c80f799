import type { Tables } from '../schema/tables.ts'

export interface CopiedTable {
  readonly table: keyof Tables
  /** Its primary key, by which it is read piece by piece. */
  readonly key: readonly string[]
  /** Columns that say who works on a row at this moment; in a copy nobody does. */
  readonly nobodys?: readonly string[]
  readonly rowsPerBatch?: number
}

/**
 * Everything that is kept, parents before children. A bot without `free_since` starts with the gateway that claims it
 * first, as after any other start (CB-1); so no number of a beat comes along, and none has to be caught up with.
 */
export const COPIED: readonly CopiedTable[] = [
  { table: 'workspace', key: ['id'] },
  { table: 'counter', key: ['workspace_id', 'name'] },
  { table: 'token', key: ['workspace_id', 'id'] },
  { table: 'bot', key: ['workspace_id', 'id'], nobodys: ['node_id', 'free_since'] },
  { table: 'bot_move', key: ['workspace_id', 'bot_id', 'ordinal'] },
  { table: 'contact', key: ['workspace_id', 'bot_id', 'wxid'] },
  { table: 'chat', key: ['workspace_id', 'chat_id'] },
  { table: 'chat_member', key: ['workspace_id', 'chat_id', 'wxid'] },
  { table: 'tag', key: ['workspace_id', 'id'] },
  { table: 'chat_tag', key: ['workspace_id', 'tag_id', 'chat_id'] },
  { table: 'list_block', key: ['workspace_id', 'list', 'block'] },
  { table: 'idempotency', key: ['workspace_id', 'key'] },
  { table: 'callback_address', key: ['workspace_id', 'id'], nobodys: ['node_id'] },
  { table: 'accepted_kind', key: ['workspace_id', 'address_id', 'place', 'kind'] },
  { table: 'callback', key: ['workspace_id', 'id'] },
  // Up to 154 KB each.
  { table: 'callback_body', key: ['workspace_id', 'id'], rowsPerBatch: 50 },
  { table: 'attempt', key: ['workspace_id', 'callback_id', 'n'] },
  { table: 'replay', key: ['workspace_id', 'id'] },
  { table: 'callback_minute', key: ['workspace_id', 'minute'] },
  { table: 'request_entry', key: ['workspace_id', 'id'] },
  { table: 'person', key: ['id'] },
  { table: 'audit_entry', key: ['id'] },
]

/**
 * What belongs to running processes or to one store alone. `installation` is the trace of the master key: both sides
 * leave it themselves, before anything is copied, and it must be the same.
 */
export const NOT_COPIED: readonly (keyof Tables)[] = [
  'schema_version',
  'installation',
  'node',
  'token_permits',
  // Whoever was signed in signs in again, and a code that is still wanted is issued again.
  'person_session',
  'setup_code',
]
