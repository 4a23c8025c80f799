import type { Migration } from './migration.ts'

/** Numbers only, so that both dialects word it alike. */
const steps = ['alter table workspace add column verify_additions integer not null default 0']

/** A workspace may have its additions verified before they are answered (AM-25). */
export const verifiedAdditions: Migration = {
  version: 7,
  name: 'verified-additions',
  sqlite: steps,
  postgres: steps,
}
