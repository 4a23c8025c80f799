import type { Migration } from './migration.ts'

/**
 * What the callbacks' engine remembers beyond single callbacks: each address's breaker (CB-7) and how crowded it is,
 * replays of many callbacks, and the switches of a workspace. Everything in here is either small or empty at first, so
 * the step is short however many callbacks there are.
 */
export const wholeOutbox: Migration = {
  version: 4,
  name: 'whole-outbox',
  sqlite: [
    'alter table workspace add column joined_on_any_member integer not null default 0',
    'alter table workspace add column room_joined integer not null default 0',
    'alter table workspace add column room_left integer not null default 0',
    'alter table workspace add column room_topic integer not null default 0',

    `alter table token add column realm text not null default 'api'`,

    'alter table callback_address add column ramp integer',
    'alter table callback_address add column ramp_delivered integer not null default 0',
    'alter table callback_address add column crowded integer not null default 0',

    'alter table lane add column urgent integer not null default 0',
    `create index lane_urgent_of_address on lane (workspace_id, address_id, due_at)
      where urgent = 1 and due_at is not null and owner is null`,

    'alter table callback add column replay_id text',
    `create index callback_replayed on callback (workspace_id, replay_id)
      where replay_id is not null and state = 'due'`,

    `create table exhaustion (
      workspace_id text not null,
      address_id text not null,
      at integer not null,
      callback_id integer not null,
      primary key (workspace_id, address_id, at, callback_id),
      foreign key (workspace_id, address_id) references callback_address (workspace_id, id)
    ) strict, without rowid`,

    `create table replay (
      workspace_id text not null references workspace (id),
      id text not null,
      state text not null,
      only_state text,
      only_kind text,
      only_room text,
      owed_from integer,
      owed_until integer,
      last_id integer not null,
      until_id integer not null,
      replayed integer not null default 0,
      created_at integer not null,
      ended_at integer,
      primary key (workspace_id, id)
    ) strict, without rowid`,
    `create index replay_running on replay (workspace_id, id) where state = 'running'`,
  ],
  postgres: [
    'alter table workspace add column joined_on_any_member integer not null default 0',
    'alter table workspace add column room_joined integer not null default 0',
    'alter table workspace add column room_left integer not null default 0',
    'alter table workspace add column room_topic integer not null default 0',

    `alter table token add column realm text collate "C" not null default 'api'`,

    'alter table callback_address add column ramp integer',
    'alter table callback_address add column ramp_delivered integer not null default 0',
    'alter table callback_address add column crowded integer not null default 0',

    'alter table lane add column urgent integer not null default 0',
    `create index lane_urgent_of_address on lane (workspace_id, address_id, due_at)
      where urgent = 1 and due_at is not null and owner is null`,

    'alter table callback add column replay_id text collate "C"',
    `create index callback_replayed on callback (workspace_id, replay_id)
      where replay_id is not null and state = 'due'`,

    `create table exhaustion (
      workspace_id text collate "C" not null,
      address_id text collate "C" not null,
      at bigint not null,
      callback_id bigint not null,
      primary key (workspace_id, address_id, at, callback_id),
      foreign key (workspace_id, address_id) references callback_address (workspace_id, id)
    )`,

    `create table replay (
      workspace_id text collate "C" not null references workspace (id),
      id text collate "C" not null,
      state text collate "C" not null,
      only_state text collate "C",
      only_kind text collate "C",
      only_room text collate "C",
      owed_from bigint,
      owed_until bigint,
      last_id bigint not null,
      until_id bigint not null,
      replayed bigint not null default 0,
      created_at bigint not null,
      ended_at bigint,
      primary key (workspace_id, id)
    )`,
    `create index replay_running on replay (workspace_id, id) where state = 'running'`,
  ],
}
