import { eventually } from '@qunhub/testing/eventually.ts'
import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runVerb } from '../operator/run-verb.ts'
import { contact, tenureOf } from '../store/contract/scene.contract.ts'
import { saveContacts } from '../store/rooms/contacts.ts'
import { HOUR_MS, SECOND_MS } from '../system/clock.ts'
import { type Log, silentLog } from '../system/log.ts'
import { type WecomApi, WecomApiFailed } from './official-api.ts'
import { createResolver } from './resolver.ts'

let office: Office
beforeEach(async () => {
  office = await openOffice()
})
afterEach(() => office.close())

const UNION_ID = `o${'u'.repeat(27)}`

/** Three contacts, of whom WeCom knows one; a coworker and one who has a unionId need not be asked for. */
async function stage(
  answer: WecomApi['unionIdOf'] = async id => ({ unionId: id === 'wmlin' ? UNION_ID : null, code: 0 }),
  log: Log = silentLog,
) {
  const workspace = await office.workspaceNamed('甲')
  const { botId } = await office.botInRoom(workspace)
  await saveContacts(office.deps.db, tenureOf(workspace, botId), [
    contact('lin'),
    contact('mo'),
    contact('has', { unionId: `o${'h'.repeat(27)}` }),
    contact('co', { coworker: true, handle: 'wmco' }),
    contact('none', { handle: null }),
  ])
  const asked: string[] = []
  const api: WecomApi = {
    unionIdOf(id) {
      asked.push(id)
      return answer(id)
    },
    async close() {},
  }
  const resolver = createResolver({ db: office.deps.db, clock: office.clock, log, api })
  return { workspace, botId, asked, resolver }
}

test('BOT-150 who has an externalUserId and no unionId is asked for; whom WeCom tells nothing of not again for a day', async () => {
  const { asked, resolver } = await stage()
  expect(await resolver.resolve(null, 9)).toEqual({ asked: 2, resolved: 1 })
  expect(asked).toEqual(['wmlin', 'wmmo'])
  expect(await office.value('list-contacts', { id: UNION_ID })).toMatchObject({
    contacts: [{ externalUserId: 'wmlin' }],
  })
  expect(await resolver.resolve(null, 9)).toEqual({ asked: 0, resolved: 0 })
  office.clock.advance(24 * HOUR_MS)
  expect(await resolver.resolve(null, 9)).toEqual({ asked: 1, resolved: 0 })
})

test('BOT-150 rounds go on by themselves, and come ever more rarely while WeCom refuses', async () => {
  let refuses = true
  const { asked, resolver } = await stage(async () => {
    if (refuses) throw new WecomApiFailed('WeCom refuses', 45009)
    return { unionId: UNION_ID, code: 0 }
  })
  resolver.start()
  const round = async (ms: number) => {
    const before = asked.length
    office.clock.advance(ms)
    await eventually('a round', () => asked.length > before && office.clock.nextIn() !== undefined)
  }
  await round(10 * SECOND_MS)
  await round(20 * SECOND_MS)
  office.clock.advance(39 * SECOND_MS)
  expect(asked).toHaveLength(2)
  refuses = false
  await round(SECOND_MS)
  await resolver.stop()
})

test('BOT-150 a code that is not known silences the contact and not the round, and is logged', async () => {
  const lines: object[] = []
  const log = { ...silentLog, warn: (fields: object) => void lines.push(fields) }
  const { asked, resolver } = await stage(
    async id => (id === 'wmlin' ? { unionId: null, code: 41056 } : { unionId: UNION_ID, code: 0 }),
    log,
  )
  expect(await resolver.resolve(null, 9)).toEqual({ asked: 2, resolved: 1 })
  expect(lines).toEqual([{ code: 41056, externalUserId: 'wmlin' }])
  expect(await resolver.resolve(null, 9)).toEqual({ asked: 0, resolved: 0 })
  office.clock.advance(24 * HOUR_MS)
  await resolver.resolve(null, 9)
  expect(asked).toEqual(['wmlin', 'wmmo', 'wmlin'])
})

test('BOT-152 a round after one that failed begins behind the contact with which it failed', async () => {
  const { asked, resolver } = await stage(async id => {
    if (id === 'wmlin') throw new WecomApiFailed('WeCom refuses', 60011)
    return { unionId: UNION_ID, code: 0 }
  })
  await expect(resolver.resolve(null, 9)).rejects.toThrow(WecomApiFailed)
  // The next one comes to the others first, and to this one again at the end of its way around.
  await expect(resolver.resolve(null, 9)).rejects.toThrow(WecomApiFailed)
  expect(asked).toEqual(['wmlin', 'wmmo', 'wmlin'])
  expect(await office.value('list-contacts', { id: UNION_ID })).toMatchObject({
    contacts: [{ externalUserId: 'wmmo' }],
  })
})

test('BOT-152 thousands of whom WeCom tells nothing hide nobody behind them', async () => {
  const { workspace, botId, asked, resolver } = await stage()
  const silent = Array.from({ length: 2500 }, (_, n) => contact(`a${String(n).padStart(4, '0')}`))
  await saveContacts(office.deps.db, tenureOf(workspace, botId), silent)
  for (let round = 0; round < 3; round++) await resolver.resolve(null, 1250)
  expect(asked).toHaveLength(2502)
  expect(asked.at(-1)).toBe('wmmo')
  expect(new Set(asked).size).toBe(2502)
})

test('BOT-152 a round looks through so many contacts at most, and the next one goes on where it stopped', async () => {
  const { workspace, botId, asked, resolver } = await stage()
  const known = Array.from({ length: 10_000 }, (_, n) => {
    const name = `a${String(n).padStart(5, '0')}`
    return contact(name, { unionId: `o${name.padStart(27, '0')}` })
  })
  await saveContacts(office.deps.db, tenureOf(workspace, botId), known)
  expect(await resolver.resolve(null, 9)).toEqual({ asked: 0, resolved: 0 })
  expect(await resolver.resolve(null, 9)).toEqual({ asked: 2, resolved: 1 })
  expect(asked).toEqual(['wmlin', 'wmmo'])
  // Who asks for a workspace by name waits for all of it.
  office.clock.advance(24 * HOUR_MS)
  expect(await resolver.resolve(workspace, 9)).toEqual({ asked: 1, resolved: 0 })
})

test('BOT-152 workspaces take turns', async () => {
  const { workspace, botId, asked, resolver } = await stage()
  const silent = Array.from({ length: 50 }, (_, n) => contact(`many${n}`))
  await saveContacts(office.deps.db, tenureOf(workspace, botId), silent)
  const other = await office.workspaceNamed('乙')
  const there = await office.botInRoom(other, { token: 'puppet_token_2' })
  await saveContacts(office.deps.db, tenureOf(other, there.botId), [contact('of-another')])
  await resolver.resolve(null, 10)
  await resolver.resolve(null, 10)
  expect(asked).toContain('wmof-another')
  expect(asked.length).toBeGreaterThan(10)
  for (let round = 0; round < 6; round++) await resolver.resolve(null, 10)
  expect(new Set(asked).size).toBe(53)
  expect(asked).toHaveLength(53)
})

test('BOT-152 whom several bots know is asked for once', async () => {
  const { workspace, asked, resolver } = await stage()
  const second = await office.botInRoom(workspace, {
    token: 'puppet_token_2',
    roomWxid: 'R:2',
    userId: 'dabei',
  })
  await saveContacts(office.deps.db, tenureOf(workspace, second.botId), [contact('lin'), contact('mo')])
  expect(await resolver.resolve(null, 9)).toEqual({ asked: 2, resolved: 1 })
  expect(asked.toSorted()).toEqual(['wmlin', 'wmmo'])
})

test('BOT-150 a stop waits for the contact that is asked for, and for no other of the round', async () => {
  const hearing = Promise.withResolvers<void>()
  const { asked, resolver } = await stage(async () => {
    await hearing.promise
    return { unionId: null, code: 0 }
  })
  resolver.start()
  office.clock.advance(10 * SECOND_MS)
  await eventually('a question', () => asked.length > 0)
  const stopped = resolver.stop()
  hearing.resolve()
  await stopped
  expect(asked).toEqual(['wmlin'])
})

test('BOT-150 the verb asks now, and says why it cannot', async () => {
  const { workspace, resolver } = await stage()
  const ask = (live: object | null) =>
    runVerb('resolve-contacts', { workspace }, { ...office.deps, live: live as never })
  expect(await ask(null)).toMatchObject({ refused: 'gateway-not-running' })
  expect(await ask({ resolver: null })).toMatchObject({ refused: 'wecom-unset' })
  expect(await ask({ resolver })).toMatchObject({ ok: true, value: { asked: 2, resolved: 1 } })
  const failing = { resolve: async () => Promise.reject(new WecomApiFailed('WeCom refuses', 60011)) }
  const refused = await ask({ resolver: failing })
  expect(refused).toMatchObject({ refused: 'wecom-failed', message: expect.stringContaining('60011') })
})
