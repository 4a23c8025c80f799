import type { Migration } from './migration.ts'

/** What a token opens: the group-chat page, or the management of its workspace. Those issued before open the page. */
export const tokenRealms: Migration = {
  version: 5,
  name: 'token-realms',
  sqlite: [`alter table token add column realm text not null default 'api'`],
  postgres: [`alter table token add column realm text collate "C" not null default 'api'`],
}
