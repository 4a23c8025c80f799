import type { Role } from '@qunhub/wire'
import { big, bytes, ddlOf, index, orNull, table, text, unique } from './describe-table.ts'
import type { Migration } from './migration.ts'

/**
 * Who signs in at the console. People belong to no workspace, for roles are the same in all (decision 0074); so these tables,
 * like `workspace` itself, have no workspace_id. There are a few hundred rows of each at the most.
 */
export const person = table(
  'person',
  {
    id: text(),
    name: text(),
    /** By which the name is found and is one person's, in any case of letters. */
    name_key: text(),
    role: text<Role>(),
    /** A hash and how it was made; null until a setup code was used. */
    password: orNull(text()),
    created_at: big(),
    signed_in_at: orNull(big()),
  },
  { key: ['id'], indexes: [unique('person_name', '(name_key)')] },
)

export const personSession = table(
  'person_session',
  {
    /** HMAC of what stands in the cookie. */
    hash: bytes(),
    person_id: text(),
    created_at: big(),
    expires_at: big(),
  },
  {
    key: ['hash'],
    references: [{ to: person, columns: ['person_id'] }],
    indexes: [index('person_session_of', '(person_id, created_at)')],
  },
)

export const setupCode = table(
  'setup_code',
  {
    hash: bytes(),
    /** `first-owner`: while there is no owner. `owner`: at any time. `person`: for one that there is already. */
    purpose: text<'first-owner' | 'owner' | 'person'>(),
    person_id: orNull(text()),
    created_at: big(),
    expires_at: big(),
  },
  { key: ['hash'], references: [{ to: person, columns: ['person_id'] }] },
)

const TABLES = [person, personSession, setupCode]

export const people: Migration = {
  version: 3,
  name: 'people',
  sqlite: TABLES.flatMap(each => ddlOf(each, 'sqlite')),
  postgres: TABLES.flatMap(each => ddlOf(each, 'postgres')),
}
