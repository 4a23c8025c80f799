/** Setup codes: each sets a password once, within a day. Only its HMAC is kept. */
import type { PersonId } from '@qunhub/wire'
import { done, type Result, refuse } from '../../model/result.ts'
import type { Database, Queryable, Transaction } from '../database/database.ts'
import { locked } from '../database/lock-rows.ts'
import { hasOwner, insertPerson, nameKey } from './people.ts'
import { endSessionsOf, insertSession } from './sessions.ts'

/** Codes that nobody has used yet; a gateway that starts over and over again leaves one at each start. */
const CODES_MAX = 500

export type CodePurpose =
  | { readonly purpose: 'first-owner' | 'owner' }
  | { readonly purpose: 'person'; readonly personId: PersonId }

export type SetupCode = CodePurpose & {
  readonly hash: Uint8Array
  readonly at: number
  readonly expiresAt: number
}

/** Of a person the last one counts. */
export const keepCode = (db: Database, code: SetupCode): Promise<void> =>
  db.write(async tx => {
    await tx.run(tx.query.deleteFrom('setup_code').where('expires_at', '<=', code.at).compile())
    const person_id = code.purpose === 'person' ? code.personId : null
    if (person_id !== null)
      await tx.run(tx.query.deleteFrom('setup_code').where('person_id', '=', person_id).compile())
    const tooMany = tx.query
      .selectFrom('setup_code')
      .select('hash')
      .orderBy('created_at', 'desc')
      .offset(CODES_MAX - 1)
      .limit(CODES_MAX)
    for (const { hash } of await tx.all(tooMany.compile())) await tx.run(withHash(tx, hash))
    const { hash, purpose, at, expiresAt } = code
    const row = { hash, purpose, person_id, created_at: at, expires_at: expiresAt }
    await tx.run(tx.query.insertInto('setup_code').values(row).compile())
  })

type CodeRefusal = 'code-wrong' | 'code-of-another'

/** Whether it would be taken for somebody of this name. It is asked before a password is hashed, which costs more. */
export async function vetCode(
  db: Queryable,
  hash: Uint8Array,
  name: string,
  at: number,
): Promise<Result<CodePurpose, CodeRefusal>> {
  const row = await db.first(
    db.query
      .selectFrom('setup_code')
      .leftJoin('person', 'person.id', 'setup_code.person_id')
      .select(['setup_code.purpose', 'setup_code.person_id', 'person.name_key'])
      .where('setup_code.hash', '=', hash)
      .where('setup_code.expires_at', '>', at)
      .compile(),
  )
  if (!row) return refuse('code-wrong')
  switch (row.purpose) {
    case 'first-owner':
      return (await hasOwner(db)) ? refuse('code-wrong') : done({ purpose: row.purpose })
    case 'owner':
      return done({ purpose: row.purpose })
    case 'person':
      return row.name_key === nameKey(name)
        ? done({ purpose: row.purpose, personId: row.person_id as PersonId })
        : refuse('code-of-another')
    default:
      return row.purpose satisfies never
  }
}

export interface SetUp {
  readonly hash: Uint8Array
  readonly name: string
  readonly password: string
  readonly at: number
  /** Of the person, where there is none of this name yet. */
  readonly newId: PersonId
  readonly session: { readonly hash: Uint8Array; readonly expiresAt: number }
}

/**
 * Uses a code up: the person has the password from now on, one session, and none of before. A code of an owner makes one of
 * whoever has the name already.
 */
export const useCode = (
  db: Database,
  { hash, name, password, at, newId, session }: SetUp,
): Promise<Result<PersonId, CodeRefusal | 'people-full'>> =>
  db.write(async tx => {
    // Of two that come with a code each, one makes the first owner, and the other finds his code gone.
    const firsts = tx.query.selectFrom('setup_code').select('hash').orderBy('hash')
    await tx.all(locked(tx, firsts, 'references').compile())
    const vetted = await vetCode(tx, hash, name, at)
    if (!vetted.ok) return vetted
    const code = vetted.value
    const id = code.purpose === 'person' ? code.personId : await ownerNamed(tx, name, newId, at)
    if (id === null) return refuse('people-full')
    await tx.run(
      tx.query.updateTable('person').set({ password, signed_in_at: at }).where('id', '=', id).compile(),
    )
    await tx.run(withHash(tx, hash))
    if (code.purpose !== 'person')
      await tx.run(tx.query.deleteFrom('setup_code').where('purpose', '=', 'first-owner').compile())
    await endSessionsOf(tx, id)
    await insertSession(tx, { ...session, personId: id, at })
    return done(id)
  })

/** Null when there are as many people as there can be. */
async function ownerNamed(
  tx: Transaction,
  name: string,
  newId: PersonId,
  at: number,
): Promise<PersonId | null> {
  const added = await insertPerson(tx, newId, { name, role: 'owner', at, password: null })
  if (added.ok) return newId
  if (added.refused === 'people-full') return null
  const named = tx.query.updateTable('person').set({ role: 'owner' }).where('name_key', '=', nameKey(name))
  const row = await tx.first(named.returning('id').compile())
  return row ? (row.id as PersonId) : null
}

const withHash = (tx: Queryable, hash: Uint8Array) =>
  tx.query.deleteFrom('setup_code').where('hash', '=', hash).compile()
