import type { Migration } from './migration.ts'

/**
 * On SQLite the next callback of a workspace follows the highest that is there, and a row that counted them was a page more for
 * each one (docs/decisions/0063-…). Only where the highest goes must its number be kept, whoever takes it away: no number
 * comes again.
 */
const KEEP_HIGHEST = `create trigger callback_highest_gone after delete on callback
  when not exists (select 1 from callback where workspace_id = old.workspace_id and id > old.id)
  begin
    insert into counter (workspace_id, name, last) values (old.workspace_id, 'callback', old.id)
      on conflict do update set last = max(last, excluded.last);
  end`

/** The webhook-id says when the callback was owed, and by that it is found (`outbox/find-webhook.ts`). */
const WEBHOOK_IDS = 'drop index callback_webhook_id'

/**
 * Retention walks along the states, in the order of ids (`outbox/prune-callbacks.ts`). PostgreSQL keeps the index as long as nodes of the
 * version before, which ask by it, may run beside: a later step drops it.
 */
const SETTLED_AT = 'drop index callback_settled_at'

/** What a callback writes on SQLite, page by page. */
export const fewerPages: Migration = {
  version: 12,
  name: 'fewer-pages',
  sqlite: [KEEP_HIGHEST, WEBHOOK_IDS, SETTLED_AT],
  postgres: [],
}
