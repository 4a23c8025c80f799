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

/** Texts that were looked at; the code has some hundred. */
const TEXTS_MAX = 1000

export const mayWrite = rememberingTexts(sql => !ONLY_ASKS.test(sql))

export const mayChangeLists = rememberingTexts(sql => mayWrite(sql) && !WRITES_NO_LISTS.test(sql))

/** A callback runs ten statements, whose texts are always the same. */
function rememberingTexts(judge: (sql: string) => boolean): (sql: string) => boolean {
  const known = new Map<string, boolean>()
  return sql => {
    const before = known.get(sql)
    if (before !== undefined) return before
    const verdict = judge(sql)
    if (known.size < TEXTS_MAX) known.set(sql, verdict)
    return verdict
  }
}
