import type { Migration } from './migration.ts'

/** Numbers only, so that both dialects word them alike. */
const NEW_COLUMNS = [
  'alter table workspace add column joined_on_any_member integer not null default 0',
  'alter table workspace add column room_joined integer not null default 0',
  'alter table workspace add column room_left integer not null default 0',
  'alter table workspace add column room_topic integer not null default 0',
  'alter table callback_address add column ramp integer',
  'alter table callback_address add column ramp_delivered integer not null default 0',
]
const NEW_INDEXES = [
  `create index callback_replayed on callback (workspace_id, replay_id)
    where replay_id is not null and state = 'due'`,
  `create index replay_running on replay (workspace_id, id) where state = 'running'`,
]

/**
 * What the callbacks' engine remembers beyond single callbacks: each address's breaker (CB-7), replays of many callbacks,
 * and the switches of a workspace. Everything in here is either small or empty at first, so
 * the step is short however many callbacks there are.
 */
export const wholeOutbox: Migration = {
  version: 4,
  name: 'whole-outbox',
  sqlite: [
    ...NEW_COLUMNS,
    'alter table callback add column replay_id text',
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
    ...NEW_INDEXES,
  ],
  postgres: [
    ...NEW_COLUMNS,
    'alter table callback add column replay_id text collate "C"',
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
    ...NEW_INDEXES,
  ],
}
