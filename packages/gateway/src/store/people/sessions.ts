/** Sessions of people: what stands in the cookie is known to nobody, its HMAC is the key. */
import type { PersonId, Role } from '@qunhub/wire'
import type { Database, Queryable, Transaction } from '../database/database.ts'

/** Of one person. When there is one more, the oldest ends. */
export const SESSIONS_PER_PERSON_MAX = 20

export interface SessionOfPerson {
  readonly personId: PersonId
  readonly name: string
  readonly role: Role
  readonly expiresAt: number
}

export interface NewSession {
  readonly hash: Uint8Array
  readonly personId: PersonId
  readonly at: number
  readonly expiresAt: number
}

/**
 * Begins a session, in the place of the one that the browser showed, if it did. False when the person is gone, or has another
 * password by now than the one that was compared.
 */
export const beginSession = (
  db: Database,
  session: NewSession,
  { password, instead }: { password: string; instead?: Uint8Array | undefined },
): Promise<boolean> =>
  db.write(async tx => {
    const signedIn = tx.query
      .updateTable('person')
      .set({ signed_in_at: session.at })
      .where('id', '=', session.personId)
      .where('password', '=', password)
    if ((await tx.run(signedIn.compile())) === 0) return false
    if (instead) await tx.run(withHash(tx, instead))
    await insertSession(tx, session)
    return true
  })

export async function insertSession(
  tx: Transaction,
  { hash, personId, at, expiresAt }: NewSession,
): Promise<void> {
  const expired = tx.query.deleteFrom('person_session').where('expires_at', '<=', at)
  await tx.run(expired.compile())
  const tooMany = tx.query
    .selectFrom('person_session')
    .select('hash')
    .where('person_id', '=', personId)
    .orderBy('created_at', 'desc')
    .offset(SESSIONS_PER_PERSON_MAX - 1)
    // SQLite knows no offset without a limit.
    .limit(SESSIONS_PER_PERSON_MAX)
  for (const { hash: old } of await tx.all(tooMany.compile())) await tx.run(withHash(tx, old))
  const row = { hash, person_id: personId, created_at: at, expires_at: expiresAt }
  await tx.run(tx.query.insertInto('person_session').values(row).compile())
}

/** Whose it is, in the role that he has at this moment; undefined when it has ended. */
export async function findSession(
  db: Queryable,
  hash: Uint8Array,
  at: number,
): Promise<SessionOfPerson | undefined> {
  const row = await db.first(
    db.query
      .selectFrom('person_session')
      .innerJoin('person', 'person.id', 'person_session.person_id')
      .select(['person.id', 'person.name', 'person.role', 'person_session.expires_at'])
      .where('person_session.hash', '=', hash)
      .where('person_session.expires_at', '>', at)
      .compile(),
  )
  return row && { personId: row.id as PersonId, name: row.name, role: row.role, expiresAt: row.expires_at }
}

export const endSession = async (db: Database, hash: Uint8Array): Promise<void> => {
  await db.write(tx => tx.run(withHash(tx, hash)))
}

/** How many ended. */
export const endSessionsOf = (tx: Transaction, personId: PersonId): Promise<number> =>
  tx.run(tx.query.deleteFrom('person_session').where('person_id', '=', personId).compile())

const withHash = (tx: Queryable, hash: Uint8Array) =>
  tx.query.deleteFrom('person_session').where('hash', '=', hash).compile()

/**
 * Another password in the place of `from`: all sessions end, and one begins. False when the person is gone, or has another
 * one by now.
 */
export const replacePassword = (
  db: Database,
  session: NewSession,
  { from, to }: { from: string; to: string },
): Promise<boolean> =>
  db.write(async tx => {
    const replaced = tx.query
      .updateTable('person')
      .set({ password: to })
      .where('id', '=', session.personId)
      .where('password', '=', from)
    if ((await tx.run(replaced.compile())) === 0) return false
    await endSessionsOf(tx, session.personId)
    await insertSession(tx, session)
    return true
  })
