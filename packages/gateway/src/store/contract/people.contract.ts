import type { PersonId } from '@qunhub/wire'
import { describe, expect, test } from 'vitest'
import { hex24 } from '../../system/random.ts'
import {
  addPerson,
  findPerson,
  hasOwner,
  insertPerson,
  listPeople,
  nameKey,
  PEOPLE_MAX,
  removePerson,
  setRole,
} from '../people/people.ts'
import {
  beginSession,
  endSession,
  findSession,
  type NewSession,
  replacePassword,
  SESSIONS_PER_PERSON_MAX,
} from '../people/sessions.ts'
import { type CodePurpose, keepCode, useCode, vetCode } from '../people/setup-codes.ts'
import { NOON, type OpenStore, Scene } from './scene.contract.ts'

const bytes = (text: string) => Buffer.from(text.padEnd(32))

/** Who may sign in at the console: people, setup codes, sessions. */
export function peopleContract(open: OpenStore): void {
  const opened = async () => {
    const { db, random } = await Scene.open(open)
    const newId = () => hex24(random) as PersonId
    return {
      db,
      random,
      keep: (name: string, code: CodePurpose, expiresAt = NOON + 100) =>
        keepCode(db, { ...code, hash: bytes(name), at: NOON, expiresAt }),
      use: (code: string, name: string, at = NOON) =>
        useCode(db, {
          ...{ hash: bytes(code), name, password: `hash of ${name}`, at, newId: newId() },
          session: { hash: bytes(`session of ${name}`), expiresAt: at + 100 },
        }),
      /** Somebody who can sign in. */
      async owner(name: string): Promise<PersonId> {
        const given = { name, role: 'owner' as const, at: NOON, password: `hash of ${name}` }
        await db.write(tx => insertPerson(tx, newId(), given))
        return (await findPerson(db, name))!.id
      },
    }
  }
  const session = (personId: PersonId, name: string, at = NOON): NewSession => ({
    ...{ hash: bytes(name), personId, at, expiresAt: at + 100 },
  })

  describe('people', () => {
    test('CON-4 a code for the first owner is worth nothing where there is one, however many were printed', async () => {
      const { db, keep, use } = await opened()
      await keep('a', { purpose: 'first-owner' })
      await keep('b', { purpose: 'first-owner' })
      expect(await hasOwner(db)).toBe(false)
      const used = await Promise.all([use('a', '小北'), use('b', '小南')])
      expect(used.map(({ ok }) => ok).toSorted()).toEqual([false, true])
      expect(await hasOwner(db)).toBe(true)
      await keep('c', { purpose: 'first-owner' })
      expect(await use('c', '小东')).toMatchObject({ refused: 'code-wrong' })
      expect(await listPeople(db, NOON)).toHaveLength(1)
    })

    test('CON-4 a code is taken once, and not when its time is over', async () => {
      const { db, keep, use } = await opened()
      await keep('a', { purpose: 'owner' }, NOON + 5)
      expect(await vetCode(db, bytes('a'), '小北', NOON + 5)).toMatchObject({ refused: 'code-wrong' })
      expect(await use('a', '小北', NOON + 4)).toMatchObject({ ok: true })
      expect(await use('a', '小北', NOON + 4)).toMatchObject({ refused: 'code-wrong' })
      expect(await use('never', '小北')).toMatchObject({ refused: 'code-wrong' })
    })

    test('CON-4 a code from the command line makes an owner of whoever has the name already, and ends what was open', async () => {
      const { db, keep, use } = await opened()
      const id = (await addPerson(db, (await opened()).random, { name: '小北', role: 'viewer', at: NOON })).ok
      expect(id).toBe(true)
      await keep('a', { purpose: 'owner' })
      await use('a', ' 小北')
      const first = (await findSession(db, bytes('session of  小北'), NOON))!
      expect(first).toMatchObject({ name: '小北', role: 'owner' })
      expect((await listPeople(db, NOON)).map(({ name, role }) => ({ name, role }))).toEqual([
        { name: '小北', role: 'owner' },
      ])
      await beginSession(db, session(first.personId, 'old'), { password: 'hash of  小北' })
      await keep('b', { purpose: 'owner' })
      await use('b', '小北')
      expect(await findSession(db, bytes('old'), NOON)).toBeUndefined()
    })

    test('CON-5 a code for a person is nobody else’s, leaves his role, and of several the last one counts', async () => {
      const { db, random, keep, use } = await opened()
      const added = await addPerson(db, random, { name: 'Bob', role: 'operator', at: NOON })
      if (!added.ok) throw new Error(added.refused)
      const personId = added.value.id
      await keep('a', { purpose: 'person', personId })
      await keep('b', { purpose: 'person', personId })
      expect(await use('a', 'Bob')).toMatchObject({ refused: 'code-wrong' })
      expect(await use('b', '小北')).toMatchObject({ refused: 'code-of-another' })
      expect(await use('b', 'ＢＯＢ ')).toEqual({ ok: true, value: personId })
      expect(await findSession(db, bytes('session of ＢＯＢ '), NOON)).toMatchObject({ role: 'operator' })
    })

    test('CON-7 the last owner who can sign in is not removed, and keeps the role; of two that leave at once one stays', async () => {
      const { db, random, owner } = await opened()
      const [first, second] = [await owner('甲'), await owner('乙')]
      await addPerson(db, random, { name: '丙', role: 'owner', at: NOON })
      const left = await Promise.all([removePerson(db, first), setRole(db, second, 'viewer')])
      expect(left.map(each => (each.ok ? 'done' : each.refused)).toSorted()).toEqual(['done', 'last-owner'])
      expect(await hasOwner(db)).toBe(true)
    })

    test('CON-7 a name is one person’s, in any case and width of letters', async () => {
      const { db, random } = await opened()
      const add = (name: string) => addPerson(db, random, { name, role: 'viewer', at: NOON })
      expect(await add('Bob')).toMatchObject({ ok: true, value: { hasPassword: false, sessions: 0 } })
      expect(await add(' BOB')).toMatchObject({ refused: 'person-exists' })
      expect(nameKey('ＢＯＢ')).toBe('bob')
      expect(await findPerson(db, 'bOb')).toMatchObject({ name: 'Bob', password: null })
    })

    test('CON-7 there are 200 people at most', async () => {
      const { db, random } = await opened()
      const row = (n: number) => ({
        ...{ id: hex24(random), name: `p${n}`, name_key: `p${n}`, role: 'viewer' as const, created_at: NOON },
      })
      const rows = Array.from({ length: PEOPLE_MAX }, (_, n) => row(n))
      await db.write(tx => tx.run(tx.query.insertInto('person').values(rows).compile()))
      expect(await addPerson(db, random, { name: '多', role: 'viewer', at: NOON })).toMatchObject({
        refused: 'people-full',
      })
    })
  })

  describe('sessions', () => {
    test('CON-2 a session ends when its time is over, and when it is ended', async () => {
      const { db, owner } = await opened()
      const id = await owner('甲')
      expect(await beginSession(db, session(id, 'one'), { password: 'hash of 甲' })).toBe(true)
      expect(await findSession(db, bytes('one'), NOON + 99)).toEqual({
        ...{ personId: id, name: '甲', role: 'owner', expiresAt: NOON + 100 },
      })
      expect(await findSession(db, bytes('one'), NOON + 100)).toBeUndefined()
      await endSession(db, bytes('one'))
      expect(await findSession(db, bytes('one'), NOON)).toBeUndefined()
    })

    test('CON-2 a new session takes the place of the one that was shown, and of twenty the oldest', async () => {
      const { db, owner } = await opened()
      const id = await owner('甲')
      await beginSession(db, session(id, 'one'), { password: 'hash of 甲' })
      await beginSession(db, session(id, 'two'), { password: 'hash of 甲', instead: bytes('one') })
      expect(await findSession(db, bytes('one'), NOON)).toBeUndefined()
      for (let n = 1; n <= SESSIONS_PER_PERSON_MAX; n++)
        await beginSession(db, session(id, `more ${n}`, NOON + n), { password: 'hash of 甲' })
      expect(await findSession(db, bytes('two'), NOON)).toBeUndefined()
      expect(await listPeople(db, NOON)).toMatchObject([
        { sessions: SESSIONS_PER_PERSON_MAX, signedInAt: NOON + SESSIONS_PER_PERSON_MAX },
      ])
    })

    test('CON-8 whoever compared a password that is no longer the one gets no session; another password ends all', async () => {
      const { db, owner } = await opened()
      const id = await owner('甲')
      await beginSession(db, session(id, 'one'), { password: 'hash of 甲' })
      const change = { from: 'hash of 甲', to: 'another' }
      expect(await replacePassword(db, session(id, 'two'), change)).toBe(true)
      expect(await replacePassword(db, session(id, 'three'), change)).toBe(false)
      expect(await beginSession(db, session(id, 'four'), { password: 'hash of 甲' })).toBe(false)
      const open = await Promise.all(
        ['one', 'two', 'three', 'four'].map(name => findSession(db, bytes(name), NOON)),
      )
      expect(open.map(each => each !== undefined)).toEqual([false, true, false, false])
    })
  })
}
