import type { Migration } from './migration.ts'

/**
 * Who runs what. A node is one gateway process; a bot is run by the node that its row names, under the fence that grew
 * with the claim. Two tables begin with no workspace: `node` and `installation` belong to all of them.
 *
 * Numbers of beats order everything that nodes do: whoever entered before a bot became free was there all the time.
 */
export const manyNodes: Migration = {
  version: 3,
  name: 'many-nodes',
  sqlite: [
    `create table node (
      id text not null primary key,
      address text,
      entered integer not null,
      beat integer not null
    ) strict, without rowid`,

    `create table installation (
      id integer not null primary key check (id = 1),
      key_check blob not null
    ) strict`,

    'alter table bot add column node_id text references node (id)',
    'alter table bot add column fence integer not null default 0',
    'alter table bot add column starting integer not null default 1',
    'alter table bot add column free_since integer',
    'create index bot_node on bot (node_id)',
    'create index bot_user on bot (workspace_id, user_id)',
    'create index lane_owned on lane (owner) where owner is not null',
  ],
  postgres: [
    `create table node (
      id text collate "C" not null primary key,
      address text collate "C",
      entered bigint not null,
      beat bigint not null
    )`,
    'create sequence beat',

    `create table installation (
      id integer not null primary key check (id = 1),
      key_check bytea not null
    )`,

    // The permits of G-6 that were granted of late; whoever loses them with a crash of the database grants them anew.
    `create unlogged table token_permits (
      workspace_id text collate "C" not null,
      token_id text collate "C" not null,
      grants bigint[] not null,
      primary key (workspace_id, token_id)
    )`,

    'alter table bot add column node_id text collate "C" references node (id)',
    'alter table bot add column fence bigint not null default 0',
    'alter table bot add column starting integer not null default 1',
    'alter table bot add column free_since bigint',
    'create index bot_node on bot (node_id)',
    'create index bot_user on bot (workspace_id, user_id)',
    'create index lane_owned on lane (owner) where owner is not null',
  ],
}
