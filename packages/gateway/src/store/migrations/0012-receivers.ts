import type { Migration } from './migration.ts'

/** Both dialects word it alike. */
const NEW_SWITCHES = [
  'alter table workspace add column chatroom_joined integer not null default 1',
  'alter table workspace add column chatroom_loaded integer not null default 1',
]

/**
 * What is known of receivers: why an attempt had no answer (CB-6), which kinds a callback base has ever accepted (CB-6), and
 * whether the workspace wants the page's own callbacks at all (CB-13).
 */
export const receivers: Migration = {
  version: 12,
  name: 'receivers',
  sqlite: [
    ...NEW_SWITCHES,
    'alter table attempt add column reason text',
    `create table accepted_kind (
      workspace_id text not null,
      address_id text not null,
      place text not null,
      kind text not null,
      accepted_at integer not null,
      primary key (workspace_id, address_id, place, kind),
      foreign key (workspace_id, address_id) references callback_address (workspace_id, id)
    ) strict, without rowid`,
  ],
  postgres: [
    ...NEW_SWITCHES,
    'alter table attempt add column reason text collate "C"',
    `create table accepted_kind (
      workspace_id text collate "C" not null,
      address_id text collate "C" not null,
      place text collate "C" not null,
      kind text collate "C" not null,
      accepted_at bigint not null,
      primary key (workspace_id, address_id, place, kind),
      foreign key (workspace_id, address_id) references callback_address (workspace_id, id)
    )`,
  ],
}
