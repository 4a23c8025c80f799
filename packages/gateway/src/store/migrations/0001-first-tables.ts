import type { Migration } from './migration.ts'

/**
 * Every primary key begins with workspace_id, so that the data can be sharded by it and no statement can forget it.
 * Two tables are excepted: `workspace`, whose id it is, and `schema_version`, which belongs to no workspace.
 * Secondary indexes begin otherwise only where the caller cannot know the workspace yet: a token's hash, a callback's
 * webhook id, and the two that the courier and the retention sweep over all workspaces.
 */
export const firstTables: Migration = {
  version: 1,
  name: 'first-tables',
  sqlite: [
    `create table workspace (
      id text not null primary key,
      name text not null,
      created_at integer not null,
      show_wecom_chat_id integer not null default 0,
      pace_additions integer not null default 0,
      revision integer not null default 1
    ) strict, without rowid`,

    // The last number given, per kind of thing that is counted: chats, tags, callbacks.
    `create table counter (
      workspace_id text not null references workspace (id),
      name text not null,
      last integer not null,
      primary key (workspace_id, name)
    ) strict, without rowid`,

    `create table token (
      workspace_id text not null references workspace (id),
      id text not null,
      hash blob not null,
      label text not null,
      created_at integer not null,
      revoked_at integer,
      primary key (workspace_id, id)
    ) strict, without rowid`,
    'create unique index token_hash on token (hash)',

    `create table bot (
      workspace_id text not null references workspace (id),
      id text not null,
      endpoint text not null,
      token_sealed blob not null,
      tls integer not null,
      expected_user_id text,
      wxid text,
      user_id text,
      nick_name text,
      avatar_url text,
      kind text,
      revision integer not null default 1,
      last_seq integer,
      created_at integer not null,
      state text not null default 'new',
      state_reason text not null default '',
      state_since integer not null,
      primary key (workspace_id, id)
    ) strict, without rowid`,

    `create table contact (
      workspace_id text not null,
      bot_id text not null,
      wxid text not null,
      name text not null,
      alias text,
      avatar_url text not null,
      gender integer not null,
      type integer not null,
      is_friend integer not null,
      coworker integer not null,
      corporation text,
      handle text,
      union_id text,
      primary key (workspace_id, bot_id, wxid),
      foreign key (workspace_id, bot_id) references bot (workspace_id, id)
    ) strict, without rowid`,
    'create index contact_handle on contact (workspace_id, bot_id, handle) where handle is not null',
    'create index contact_union_id on contact (workspace_id, bot_id, union_id) where union_id is not null',

    `create table chat (
      workspace_id text not null,
      chat_id text not null,
      bot_id text not null,
      room_wxid text not null,
      topic text not null,
      avatar_url text not null,
      owner_id text not null,
      external integer not null,
      wecom_chat_id text,
      ordinal integer not null,
      created_at integer not null,
      left_at integer,
      revision integer not null default 1,
      member_count integer not null,
      primary key (workspace_id, chat_id),
      foreign key (workspace_id, bot_id) references bot (workspace_id, id)
    ) strict, without rowid`,
    // Two halves of one index: the lists read the first, and ask the second which chats of a tag were left. With left_at
    // in it SQLite need not look at the chat itself: a million are read in a sixth of the time.
    'create index chat_listed on chat (workspace_id, ordinal, left_at) where left_at is null',
    'create index chat_left on chat (workspace_id, ordinal, left_at) where left_at is not null',
    // Unique among the chats that are not left: a bot that logs in as another account leaves the chats of the first
    // one behind, and may meet the same rooms again under new chat ids.
    'create unique index chat_bot on chat (workspace_id, bot_id, room_wxid) where left_at is null',
    'create index chat_room on chat (workspace_id, room_wxid)',

    `create table chat_member (
      workspace_id text not null,
      chat_id text not null,
      wxid text not null,
      position integer not null,
      room_alias text,
      primary key (workspace_id, chat_id, wxid),
      foreign key (workspace_id, chat_id) references chat (workspace_id, chat_id)
    ) strict, without rowid`,
    'create index chat_member_wxid on chat_member (workspace_id, wxid, chat_id)',

    `create table tag (
      workspace_id text not null references workspace (id),
      id text not null,
      name text not null,
      ordinal integer not null,
      primary key (workspace_id, id)
    ) strict, without rowid`,

    `create table chat_tag (
      workspace_id text not null,
      tag_id text not null,
      chat_id text not null,
      ordinal integer not null,
      chat_ordinal integer not null,
      primary key (workspace_id, tag_id, chat_id),
      foreign key (workspace_id, tag_id) references tag (workspace_id, id),
      foreign key (workspace_id, chat_id) references chat (workspace_id, chat_id)
    ) strict, without rowid`,
    'create unique index chat_tag_ordinal on chat_tag (workspace_id, chat_id, ordinal)',
    'create unique index chat_tag_chats on chat_tag (workspace_id, tag_id, chat_ordinal)',

    `create table idempotency (
      workspace_id text not null references workspace (id),
      key text not null,
      body_hash text not null,
      answer text not null,
      at integer not null,
      primary key (workspace_id, key)
    ) strict, without rowid`,
    'create index idempotency_at on idempotency (at)',

    `create table callback_address (
      workspace_id text not null references workspace (id),
      id text not null,
      base_url text,
      secrets_sealed blob not null,
      created_at integer not null,
      concurrency integer not null default 4,
      state text not null default 'closed',
      open_until integer,
      primary key (workspace_id, id)
    ) strict, without rowid`,

    `create table lane (
      workspace_id text not null,
      address_id text not null,
      lane_key text not null,
      due_at integer,
      gen integer not null default 0,
      token integer not null default 0,
      owner text,
      lease_until integer,
      primary key (workspace_id, address_id, lane_key),
      foreign key (workspace_id, address_id) references callback_address (workspace_id, id)
    ) strict, without rowid`,
    // What nobody works on: the first tells when to look again, the second what one address may be given next.
    'create index lane_due on lane (due_at) where due_at is not null and owner is null',
    `create index lane_due_of_address on lane (workspace_id, address_id, due_at)
      where due_at is not null and owner is null`,

    `create table callback (
      workspace_id text not null,
      id integer not null,
      webhook_id text not null,
      address_id text not null,
      lane_key text not null,
      kind text not null,
      state text not null default 'due',
      attempt integer not null default 0,
      due_at integer not null,
      body_id integer not null,
      owed_at integer not null,
      settled_at integer,
      faults integer not null default 0,
      primary key (workspace_id, id),
      foreign key (workspace_id, address_id) references callback_address (workspace_id, id)
    ) strict, without rowid`,
    'create unique index callback_webhook_id on callback (webhook_id)',
    `create index callback_lane on callback (workspace_id, address_id, lane_key, id) where state = 'due'`,
    'create index callback_state on callback (workspace_id, state, id)',
    'create index callback_settled_at on callback (settled_at) where settled_at is not null',

    // Apart from the callback, so that retention is cheap; a rowid table, because rows of 154 KB make a poor B-tree.
    `create table callback_body (
      workspace_id text not null references workspace (id),
      id integer not null,
      bytes blob not null,
      primary key (workspace_id, id)
    ) strict`,

    `create table attempt (
      workspace_id text not null references workspace (id),
      callback_id integer not null,
      n integer not null,
      started_at integer not null,
      ms integer not null,
      outcome text not null,
      status integer,
      error_class text,
      snippet text,
      primary key (workspace_id, callback_id, n)
    ) strict, without rowid`,
  ],

  // Text is compared byte by byte ("C"), as SQLite does it, and no upgrade of the system's collations damages an index.
  postgres: [
    `create table workspace (
      id text collate "C" not null primary key,
      name text collate "C" not null,
      created_at bigint not null,
      show_wecom_chat_id integer not null default 0,
      pace_additions integer not null default 0,
      revision bigint not null default 1
    )`,

    // The last number given, per kind of thing that is counted: chats, tags, callbacks.
    `create table counter (
      workspace_id text collate "C" not null references workspace (id),
      name text collate "C" not null,
      last bigint not null,
      primary key (workspace_id, name)
    )`,

    `create table token (
      workspace_id text collate "C" not null references workspace (id),
      id text collate "C" not null,
      hash bytea not null,
      label text collate "C" not null,
      created_at bigint not null,
      revoked_at bigint,
      primary key (workspace_id, id)
    )`,
    'create unique index token_hash on token (hash)',

    `create table bot (
      workspace_id text collate "C" not null references workspace (id),
      id text collate "C" not null,
      endpoint text collate "C" not null,
      token_sealed bytea not null,
      tls integer not null,
      expected_user_id text collate "C",
      wxid text collate "C",
      user_id text collate "C",
      nick_name text collate "C",
      avatar_url text collate "C",
      kind text collate "C",
      revision bigint not null default 1,
      last_seq bigint,
      created_at bigint not null,
      state text collate "C" not null default 'new',
      state_reason text collate "C" not null default '',
      state_since bigint not null,
      primary key (workspace_id, id)
    )`,

    `create table contact (
      workspace_id text collate "C" not null,
      bot_id text collate "C" not null,
      wxid text collate "C" not null,
      name text collate "C" not null,
      alias text collate "C",
      avatar_url text collate "C" not null,
      gender integer not null,
      type integer not null,
      is_friend integer not null,
      coworker integer not null,
      corporation text collate "C",
      handle text collate "C",
      union_id text collate "C",
      primary key (workspace_id, bot_id, wxid),
      foreign key (workspace_id, bot_id) references bot (workspace_id, id)
    )`,
    'create index contact_handle on contact (workspace_id, bot_id, handle) where handle is not null',
    'create index contact_union_id on contact (workspace_id, bot_id, union_id) where union_id is not null',

    `create table chat (
      workspace_id text collate "C" not null,
      chat_id text collate "C" not null,
      bot_id text collate "C" not null,
      room_wxid text collate "C" not null,
      topic text collate "C" not null,
      avatar_url text collate "C" not null,
      owner_id text collate "C" not null,
      external integer not null,
      wecom_chat_id text collate "C",
      ordinal bigint not null,
      created_at bigint not null,
      left_at bigint,
      revision bigint not null default 1,
      member_count integer not null,
      primary key (workspace_id, chat_id),
      foreign key (workspace_id, bot_id) references bot (workspace_id, id)
    )`,
    'create index chat_listed on chat (workspace_id, ordinal) where left_at is null',
    'create index chat_left on chat (workspace_id, ordinal) where left_at is not null',
    // Unique among the chats that are not left: a bot that logs in as another account leaves the chats of the first
    // one behind, and may meet the same rooms again under new chat ids.
    'create unique index chat_bot on chat (workspace_id, bot_id, room_wxid) where left_at is null',
    'create index chat_room on chat (workspace_id, room_wxid)',

    `create table chat_member (
      workspace_id text collate "C" not null,
      chat_id text collate "C" not null,
      wxid text collate "C" not null,
      position integer not null,
      room_alias text collate "C",
      primary key (workspace_id, chat_id, wxid),
      foreign key (workspace_id, chat_id) references chat (workspace_id, chat_id)
    )`,
    'create index chat_member_wxid on chat_member (workspace_id, wxid, chat_id)',

    `create table tag (
      workspace_id text collate "C" not null references workspace (id),
      id text collate "C" not null,
      name text collate "C" not null,
      ordinal bigint not null,
      primary key (workspace_id, id)
    )`,

    `create table chat_tag (
      workspace_id text collate "C" not null,
      tag_id text collate "C" not null,
      chat_id text collate "C" not null,
      ordinal bigint not null,
      chat_ordinal bigint not null,
      primary key (workspace_id, tag_id, chat_id),
      foreign key (workspace_id, tag_id) references tag (workspace_id, id),
      foreign key (workspace_id, chat_id) references chat (workspace_id, chat_id)
    )`,
    'create unique index chat_tag_ordinal on chat_tag (workspace_id, chat_id, ordinal)',
    'create unique index chat_tag_chats on chat_tag (workspace_id, tag_id, chat_ordinal)',

    `create table idempotency (
      workspace_id text collate "C" not null references workspace (id),
      key text collate "C" not null,
      body_hash text collate "C" not null,
      answer text collate "C" not null,
      at bigint not null,
      primary key (workspace_id, key)
    )`,
    'create index idempotency_at on idempotency (at)',

    `create table callback_address (
      workspace_id text collate "C" not null references workspace (id),
      id text collate "C" not null,
      base_url text collate "C",
      secrets_sealed bytea not null,
      created_at bigint not null,
      concurrency integer not null default 4,
      state text collate "C" not null default 'closed',
      open_until bigint,
      primary key (workspace_id, id)
    )`,

    `create table lane (
      workspace_id text collate "C" not null,
      address_id text collate "C" not null,
      lane_key text collate "C" not null,
      due_at bigint,
      gen bigint not null default 0,
      token bigint not null default 0,
      owner text collate "C",
      lease_until bigint,
      primary key (workspace_id, address_id, lane_key),
      foreign key (workspace_id, address_id) references callback_address (workspace_id, id)
    )`,
    // What nobody works on: the first tells when to look again, the second what one address may be given next.
    'create index lane_due on lane (due_at) where due_at is not null and owner is null',
    `create index lane_due_of_address on lane (workspace_id, address_id, due_at)
      where due_at is not null and owner is null`,

    `create table callback (
      workspace_id text collate "C" not null,
      id bigint not null,
      webhook_id text collate "C" not null,
      address_id text collate "C" not null,
      lane_key text collate "C" not null,
      kind text collate "C" not null,
      state text collate "C" not null default 'due',
      attempt integer not null default 0,
      due_at bigint not null,
      body_id bigint not null,
      owed_at bigint not null,
      settled_at bigint,
      faults integer not null default 0,
      primary key (workspace_id, id),
      foreign key (workspace_id, address_id) references callback_address (workspace_id, id)
    )`,
    'create unique index callback_webhook_id on callback (workspace_id, webhook_id)',
    // Numbers of callbacks come from here: a counter's row would let one write of a workspace wait for the other.
    'create sequence callback_id',
    `create index callback_lane on callback (workspace_id, address_id, lane_key, id) where state = 'due'`,
    'create index callback_state on callback (workspace_id, state, id)',
    'create index callback_settled_at on callback (settled_at) where settled_at is not null',

    // Apart from the callback, so that retention is cheap.
    `create table callback_body (
      workspace_id text collate "C" not null references workspace (id),
      id bigint not null,
      bytes bytea not null,
      primary key (workspace_id, id)
    )`,

    `create table attempt (
      workspace_id text collate "C" not null references workspace (id),
      callback_id bigint not null,
      n integer not null,
      started_at bigint not null,
      ms integer not null,
      outcome text collate "C" not null,
      status integer,
      error_class text collate "C",
      snippet text collate "C",
      primary key (workspace_id, callback_id, n)
    )`,
  ],
}
