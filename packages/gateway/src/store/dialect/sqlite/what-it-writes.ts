/** What a statement may do, told by its first words: taken for more than it does rather than for less. */

/** One that begins with WITH may write. */
const ONLY_ASKS = /^\s*select\b/i

/**
 * Tables that no list hangs on, nor whom a token opens what: what is written most stands in them. A contact is shown by chats, and
 * they get a new revision when it is shown differently.
 */
const NO_LISTS = [
  ...[
    'callback',
    'callback_body',
    'callback_address',
    'attempt',
    'accepted_kind',
    'replay',
    'callback_minute',
  ],
  ...['contact', 'counter', 'node', 'bot_move', 'request_entry', 'idempotency', 'token_permits'],
  ...['person', 'person_session', 'setup_code', 'audit_entry'],
]
const WRITES_NO_LISTS = new RegExp(
  `^\\s*(?:insert into|update|delete from)\\s+"?(?:${NO_LISTS.join('|')})(?=["\\s(])`,
  'i',
)

export const mayWrite = (sql: string): boolean => !ONLY_ASKS.test(sql)

export const mayChangeLists = (sql: string): boolean => mayWrite(sql) && !WRITES_NO_LISTS.test(sql)
