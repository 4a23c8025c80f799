import type { PersonId } from '@qunhub/wire'
import { done, refuse } from '../model/result.ts'
import { newSetupCode, plainSetupCode } from '../model/setup-code.ts'
import { addPerson, findPerson, listPeople, removePerson, setRole } from '../store/people/people.ts'
import { type CodePurpose, keepCode } from '../store/people/setup-codes.ts'
import { DAY_MS } from '../system/clock.ts'
import type { VerbDeps, Verbs } from './verb.ts'

const CODE_MS = DAY_MS

/** Who may sign in at the console, and the codes with which they begin. */
export const personVerbs = {
  /** Oldest first. */
  'list-people': async (_asked, { db, clock }) => done({ people: await listPeople(db, clock.now()) }),

  /** They choose the password themselves, with the code that is told here and never again. */
  'add-person': async ({ name, role }, deps) => {
    const added = await addPerson(deps.db, deps.random, { name, role, at: deps.clock.now() })
    if (!added.ok) return added
    return done({
      person: added.value,
      ...(await issueCode(deps, { purpose: 'person', personId: added.value.id })),
    })
  },

  'set-role': async ({ person, role }, { db, clock }) => {
    const found = await findPerson(db, person)
    if (!found) return refuse('person-unknown', person)
    const set = await setRole(db, found.id, role)
    if (!set.ok) return set
    const record = (await listPeople(db, clock.now())).find(({ id }) => id === found.id)
    return record ? done(record) : refuse('person-unknown', person)
  },

  'remove-person': async ({ person }, { db }) => {
    const found = await findPerson(db, person)
    if (!found) return refuse('person-unknown', person)
    const removed = await removePerson(db, found.id)
    return removed.ok ? done({ id: found.id }) : removed
  },

  /** The present password holds until the code is used. Without a name the code makes an owner of whoever comes with it. */
  'issue-setup-code': async ({ person }, deps) => {
    if (person === undefined) return done(await issueCode(deps, { purpose: 'owner' }))
    const found = await findPerson(deps.db, person)
    if (!found) return refuse('person-unknown', person)
    return done(await issueCode(deps, { purpose: 'person', personId: found.id as PersonId }))
  },
} satisfies Verbs

/** A new code, which is told here and never again. */
export async function issueCode(
  { db, keyring, random, clock }: Pick<VerbDeps, 'db' | 'keyring' | 'random' | 'clock'>,
  purpose: CodePurpose,
): Promise<{ code: string; codeExpiresAt: number }> {
  const code = newSetupCode(random)
  const at = clock.now()
  const codeExpiresAt = at + CODE_MS
  const hash = keyring.hashToken(plainSetupCode(code))
  await keepCode(db, { ...purpose, hash, at, expiresAt: codeExpiresAt })
  return { code, codeExpiresAt }
}
