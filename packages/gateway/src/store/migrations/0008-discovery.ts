import type { Migration } from './migration.ts'

/** A puppet may be found by asking the authority that sold its token, and then has no endpoint of its own. */
export const discovery: Migration = {
  version: 8,
  name: 'discovery',
  sqlite: ['alter table bot add column discovery text'],
  postgres: ['alter table bot add column discovery text collate "C"'],
}
