import type { Migration } from './migration.ts'

/** The moves of each bot, for whoever wants to know later what became of it. */
export const botMoves: Migration = {
  version: 6,
  name: 'bot-moves',
  sqlite: [
    `create table bot_move (
      workspace_id text not null,
      bot_id text not null,
      ordinal integer not null,
      at integer not null,
      from_state text not null,
      to_state text not null,
      reason text not null,
      wxid text,
      attempt integer,
      scan text,
      missed integer not null,
      fence integer not null,
      seq integer not null,
      primary key (workspace_id, bot_id, ordinal),
      foreign key (workspace_id, bot_id) references bot (workspace_id, id)
    ) strict, without rowid`,
    'create index bot_move_at on bot_move (at)',
  ],
  postgres: [
    `create table bot_move (
      workspace_id text collate "C" not null,
      bot_id text collate "C" not null,
      ordinal bigint not null,
      at bigint not null,
      from_state text collate "C" not null,
      to_state text collate "C" not null,
      reason text collate "C" not null,
      wxid text collate "C",
      attempt bigint,
      scan text collate "C",
      missed bigint not null,
      fence bigint not null,
      seq bigint not null,
      primary key (workspace_id, bot_id, ordinal),
      foreign key (workspace_id, bot_id) references bot (workspace_id, id)
    )`,
    'create index bot_move_at on bot_move (at)',
  ],
}
