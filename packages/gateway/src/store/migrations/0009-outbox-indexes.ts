import type { Migration } from './migration.ts'

/**
 * The two indexes of the courier without the workspace, of which an address is known to be. Asked by address alone
 * PostgreSQL has no other index to choose; with the workspace in front it took whichever was lower at that moment, among
 * them those through everything that is due, or everything there is, in a workspace, as long as its statistics came from a
 * moment when little was. SQLite is told which index to take.
 *
 * The third one, of all addresses, serves only who says `due_at >= 0`, so that nobody is led through the lanes of others.
 *
 * Only what is due is in them, so they are short.
 */
export const outboxIndexes: Migration = {
  version: 9,
  name: 'outbox-indexes',
  sqlite: [],
  postgres: [
    // In the order in which every write of a running node takes them.
    'lock table lane, callback in access exclusive mode',
    'drop index callback_lane',
    `create index callback_lane on callback (address_id, lane_key, id) where state = 'due'`,
    'drop index lane_due_of_address',
    `create index lane_due_of_address on lane (address_id, due_at)
      where due_at is not null and owner is null`,
    'drop index lane_due',
    'create index lane_due on lane (due_at) where due_at >= 0 and owner is null',
  ],
}
