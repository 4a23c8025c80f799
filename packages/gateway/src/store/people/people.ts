/** Who may sign in at the console. */
import type { PersonId, PersonRecord, Role } from '@qunhub/wire'
import type { Selectable } from 'kysely'
import { done, type Result, refuse } from '../../model/result.ts'
import { hex24, type Random } from '../../system/random.ts'
import type { Database, Queryable, Transaction } from '../database/database.ts'
import { locked } from '../database/lock-rows.ts'
import type { PersonTable } from '../schema/tables.ts'
import { endSessionsOf } from './sessions.ts'

/** So that no list of them needs pages. */
export const PEOPLE_MAX = 200

/** By this a name is found and is one person's: `小林 ` and `小林`, `Bob` and `bob` are the same. */
export const nameKey = (name: string): string => name.normalize('NFKC').trim().toLowerCase()

/** Somebody without a password yet: a setup code sets it. */
export const addPerson = (
  db: Database,
  random: Random,
  given: { name: string; role: Role; at: number },
): Promise<Result<PersonRecord, 'person-exists' | 'people-full'>> =>
  db.write(tx => insertPerson(tx, hex24(random) as PersonId, { ...given, password: null }))

/** The same inside of a write; who comes with a password can sign in at once. */
export async function insertPerson(
  tx: Transaction,
  id: PersonId,
  { name, role, at, password }: { name: string; role: Role; at: number; password: string | null },
): Promise<Result<PersonRecord, 'person-exists' | 'people-full'>> {
  const { count } = (await tx.first(
    tx.query
      .selectFrom('person')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .compile(),
  ))!
  if (Number(count) >= PEOPLE_MAX) return refuse('people-full')
  const added = await tx.run(
    tx.query
      .insertInto('person')
      .values({ id, name: name.trim(), name_key: nameKey(name), role, password, created_at: at })
      .onConflict(conflict => conflict.column('name_key').doNothing())
      .compile(),
  )
  if (added === 0) return refuse('person-exists')
  return done({
    ...{ id, name: name.trim(), role, createdAt: at, signedInAt: null },
    ...{ hasPassword: password !== null, sessions: 0 },
  })
}

/** Oldest first. `at` says which sessions still count. */
export async function listPeople(db: Queryable, at: number): Promise<PersonRecord[]> {
  const rows = await db.all(
    db.query
      .selectFrom('person')
      .selectAll()
      .select(({ selectFrom }) =>
        selectFrom('person_session')
          .select(({ fn }) => fn.countAll<number>().as('sessions'))
          .whereRef('person_session.person_id', '=', 'person.id')
          .where('person_session.expires_at', '>', at)
          .as('sessions'),
      )
      .orderBy('created_at')
      .orderBy('id')
      .compile(),
  )
  return rows.map(row => toRecord(row, Number(row.sessions)))
}

/** By id, or else by name. */
export async function findPerson(
  db: Queryable,
  named: string,
): Promise<{ id: PersonId; name: string; password: string | null } | undefined> {
  const rows = await db.all(
    db.query
      .selectFrom('person')
      .select(['id', 'name', 'password'])
      .where(({ or, eb }) => or([eb('id', '=', named), eb('name_key', '=', nameKey(named))]))
      .compile(),
  )
  const row = rows.find(({ id }) => id === named) ?? rows[0]
  return row && { ...row, id: row.id as PersonId }
}

/** An owner who is able to sign in. */
export async function hasOwner(db: Queryable): Promise<boolean> {
  const owner = db.query
    .selectFrom('person')
    .select('id')
    .where('role', '=', 'owner')
    .where('password', 'is not', null)
    .limit(1)
  return (await db.first(owner.compile())) !== undefined
}

/** It holds from the next request on, in sessions that are open, too. */
export const setRole = (
  db: Database,
  id: PersonId,
  role: Role,
): Promise<Result<void, 'person-unknown' | 'last-owner'>> =>
  db.write(async tx => {
    if (role !== 'owner' && (await isLastOwner(tx, id))) return refuse('last-owner')
    const set = await tx.run(tx.query.updateTable('person').set({ role }).where('id', '=', id).compile())
    return set === 1 ? done(undefined) : refuse('person-unknown')
  })

/** With all sessions, and the setup codes that nobody has used. */
export const removePerson = (
  db: Database,
  id: PersonId,
): Promise<Result<void, 'person-unknown' | 'last-owner'>> =>
  db.write(async tx => {
    if (await isLastOwner(tx, id)) return refuse('last-owner')
    await endSessionsOf(tx, id)
    await tx.run(tx.query.deleteFrom('setup_code').where('person_id', '=', id).compile())
    const removed = await tx.run(tx.query.deleteFrom('person').where('id', '=', id).compile())
    return removed === 1 ? done(undefined) : refuse('person-unknown')
  })

/** Of all who can sign in, the only owner. Two that leave at once do so one after the other. */
async function isLastOwner(tx: Transaction, id: PersonId): Promise<boolean> {
  const owners = tx.query
    .selectFrom('person')
    .select('id')
    .where('role', '=', 'owner')
    .where('password', 'is not', null)
    .orderBy('id')
  const rows = await tx.all(locked(tx, owners, 'references').compile())
  return rows.length === 1 && rows[0]!.id === id
}

const toRecord = (row: Selectable<PersonTable>, sessions: number): PersonRecord => ({
  id: row.id as PersonId,
  name: row.name,
  role: row.role,
  createdAt: row.created_at,
  hasPassword: row.password !== null,
  signedInAt: row.signed_in_at,
  sessions,
})
