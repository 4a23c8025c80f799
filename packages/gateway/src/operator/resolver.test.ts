import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../testing/eventually.ts'
import { type Office, openOffice } from '../../testing/open-office.ts'
import { HOUR_MS, SECOND_MS } from '../model/clock.ts'
import { silentLog } from '../model/log.ts'
import { contact, tenureOf } from '../store/contract/scene.contract.ts'
import { saveContacts } from '../store/contacts.ts'
import { type WecomApi, WecomApiFailed } from '../wecom/official-api.ts'
import { createResolver } from './resolver.ts'
import { runVerb } from './run-verb.ts'

let office: Office
beforeEach(async () => {
  office = await openOffice()
})
afterEach(() => office.close())

const UNION_ID = `o${'u'.repeat(27)}`

/** Three contacts, of whom WeCom knows one; a coworker and one who has a unionId need not be asked for. */
async function stage(
  answer: WecomApi['unionIdOf'] = async id => ({ unionId: id === 'wmlin' ? UNION_ID : null, code: 0 }),
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
  const resolver = createResolver({ db: office.deps.db, clock: office.clock, log: silentLog, api })
  return { workspace, asked, resolver }
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
