import { big, ddlOf, orNull, table, text } from './describe-table.ts'
import type { Migration } from './migration.ts'

/**
 * Who changed what. Much of it belongs to no workspace (people, workspaces themselves), and it is read by those who see to all;
 * so its key is the moment, and the workspace a fact like others. It refers to nothing, for it outlives what it tells of.
 */
export const auditEntry = table(
  'audit_entry',
  {
    /** Begins with the moment, so that the order of ids is that of time. */
    id: text(),
    at: big(),
    realm: text<'machine' | 'management' | 'console'>(),
    /** The person's id or the management token's; null for the machine. */
    who_id: orNull(text()),
    /** The name of the person, the label of the token, as it was then. */
    who: text(),
    workspace_id: orNull(text()),
    verb: text(),
    /** JSON: what was named, and no secret. */
    about: text(),
    /** `done`, the name of the refusal, or `failed`. */
    outcome: text(),
  },
  { key: ['id'] },
)

export const audit: Migration = {
  version: 4,
  name: 'audit',
  sqlite: ddlOf(auditEntry, 'sqlite'),
  postgres: ddlOf(auditEntry, 'postgres'),
}
