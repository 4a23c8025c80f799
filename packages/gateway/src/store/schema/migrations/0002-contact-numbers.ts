import type { Migration } from './migration.ts'

/** What the step adds to `contact`. */
export interface NumberedContact {
  /** Counts the friends and coworkers of the bot in the order in which they were met; null for whoever is neither (NB-4). */
  ordinal: number | null
}

const INDEX =
  'create unique index contact_listed on contact (workspace_id, bot_id, ordinal) where ordinal is not null'

/** Whoever is kept already is numbered when the bot sees him next: at its start, as a rule. */
export const contactNumbers: Migration = {
  version: 2,
  name: 'contact-numbers',
  sqlite: ['alter table contact add column ordinal integer', INDEX],
  postgres: ['alter table contact add column ordinal bigint', INDEX],
}
