import type { Migration } from './migration.ts'

/** A name of ASCII letters by its small ones; any other by nothing at all, for SQL and JavaScript fold those differently. */
const keyOn = (bytes: string, characters: string, name: string): string =>
  `case when ${bytes} = ${characters} then lower(${name}) when ${name} is not null then '' end`
const sqliteKey = (name: string) => keyOn(`length(cast(${name} as blob))`, `length(${name})`, name)
const postgresKey = (name: string) => keyOn(`octet_length(${name})`, `char_length(${name})`, name)

const GOES_BY = 'coalesce(user_id, expected_user_id)'

/**
 * Bots and coworkers are found by userId in any case of letters (`store/user-id-keys.ts`). And whoever runs a bot leaves to
 * the next one what it found out about the puppet: that it answers dings, and since when nothing was heard.
 *
 * In PostgreSQL `bot` comes before `contact`, as in every write of a running node.
 */
export const whatIsKnownOfBots: Migration = {
  version: 11,
  name: 'what-is-known-of-bots',
  sqlite: [
    'alter table bot add column answers_dings integer not null default 0',
    'alter table bot add column deaf_since integer',
    'drop index bot_user',
    `create index bot_goes_by on bot (workspace_id, ${sqliteKey(GOES_BY)})`,
    `create index contact_user_id on contact (workspace_id, bot_id, ${sqliteKey('handle')}) where coworker = 1`,
  ],
  postgres: [
    'alter table bot add column answers_dings integer not null default 0',
    'alter table bot add column deaf_since bigint',
    'drop index bot_user',
    `create index bot_goes_by on bot (workspace_id, (${postgresKey(GOES_BY)}))`,
    `create index contact_user_id on contact (workspace_id, bot_id, (${postgresKey('handle')})) where coworker = 1`,
  ],
}
