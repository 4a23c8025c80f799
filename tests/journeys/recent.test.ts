import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { noteStatements } from '@qunhub/testing/note-statements.ts'
import type { WorkspaceId } from '@qunhub/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { silentMeter } from '../../packages/gateway/src/callback/callback-meter.ts'
import { createTallies, tallied } from '../../packages/gateway/src/callback/tallies.ts'
import { createRequestLog, REQUESTS_PER_WRITE_MAX } from '../../packages/gateway/src/http/request-log.ts'
import type { Database, Statement } from '../../packages/gateway/src/store/database/database.ts'
import { StoreBusy } from '../../packages/gateway/src/store/database/store-error.ts'
import { readTallies } from '../../packages/gateway/src/store/outbox/callback-minutes.ts'
import { listRequests } from '../../packages/gateway/src/store/workspaces/request-entries.ts'
import { silentLog } from '../../packages/gateway/src/system/log.ts'

let house: House

beforeAll(async () => {
  house = await openHouse()
  const bot = house.world.addBot({ userId: 'xiaobei' })
  for (const topic of ['一群', '二群', '三群'])
    house.world.addRoom({ topic, ownerId: bot.wxid, members: [bot.wxid], external: true })
  await house.host(bot)
})
afterAll(() => house.close())

test('CON-17 the rate tells of each callback what became of it', async () => {
  const rate = async () => {
    const { steps, stepMinutes } = await house.operate('show-callback-rate', { workspace: house.workspaceId })
    expect(stepMinutes).toBe(1)
    return steps.reduce((sum, { delivered }) => sum + delivered, 0)
  }
  await eventually('three deliveries are counted', async () => (await rate()) === 3)
})

test('CON-18 each request of a program with a token is told, and what strangers ask is not', async () => {
  const listed = async () =>
    (await house.operate('list-requests', { workspace: house.workspaceId, limit: 500 })).requests
  await house.get('/room/listByMember', { wxid: 'nobody' })
  await house.get('/room/listByMHTag', {})
  await house.post('/room/exit', { wecomUserId: 'nobody', roomWxid: 'R:1' })
  await house.post('/room/exit', { token: 'wrong', wecomUserId: 'nobody', roomWxid: 'R:1' })
  const last = await house.get('/room/list')
  await eventually('they are written', async () => (await listed()).length === 4)
  const [newest, ...others] = await listed()
  expect(newest).toEqual({
    ...{ id: expect.any(String), at: expect.any(Number), ms: expect.any(Number) },
    ...{ endpoint: '/room/list', status: 200, code: 0, tokenLabel: '' },
    ...{ requestId: last.headers.get('x-request-id'), tokenId: expect.stringMatching(/^[0-9a-f]{24}$/) },
  })
  expect(others.map(({ endpoint, status, code }) => `${endpoint} ${status} ${code}`)).toEqual([
    '/room/exit 200 -2',
    '/room/listByMHTag 200 0',
    '/room/listByMember 400 400',
  ])
  // Nothing of what was asked.
  expect(JSON.stringify(await listed())).not.toContain('nobody')
})

/** The house's store, but that it counts what it is asked, and takes nothing where it is told so. */
function watched() {
  const statements: Statement[] = []
  const state = { isAway: false }
  const noting = noteStatements(house.gateway.operator.db, statements)
  const db = new Proxy(noting, {
    get: (target, name) =>
      name === 'write' && state.isAway
        ? () => Promise.reject(new StoreBusy('away'))
        : (Reflect.get(target, name) as unknown),
  }) as Database
  return { db, statements, state, clock: new ManualClock(), log: silentLog }
}

test('CON-17 ten thousand callbacks are one statement, and what a store that is away did not take is added later', async () => {
  const deps = watched()
  const { workspaceId } = await house.anotherWorkspace()
  const tallies = createTallies(deps)
  const meter = tallied(silentMeter, tallies)
  tallies.start()
  for (let n = 0; n < 10_000; n++)
    meter.settled('chatroom/loaded', n % 10 === 0 ? 'held' : 'delivered', workspaceId)
  expect(deps.statements).toEqual([])
  deps.state.isAway = true
  deps.clock.advance(5_000)
  await eventually('it has tried', async () => deps.clock.nextIn() !== undefined)
  meter.settled('chatroom/loaded', 'parked', workspaceId)
  deps.state.isAway = false
  await tallies.stop()
  expect(deps.statements).toHaveLength(1)
  const minute = Math.floor(deps.clock.now() / 60_000) * 60_000
  expect(
    await readTallies(house.gateway.operator.db, workspaceId, { from: minute, until: minute + 1 }),
  ).toMatchObject([{ delivered: 9000, retried: 1000, parked: 1 }])
})

test('CON-18 a crowd of requests is one statement a write, of which the oldest are left out', async () => {
  const deps = watched()
  const workspaceId: WorkspaceId = (await house.anotherWorkspace()).workspaceId
  const log = createRequestLog(deps)
  for (let n = 0; n < 5 * REQUESTS_PER_WRITE_MAX; n++)
    log.note({
      ...{ workspaceId, at: deps.clock.now(), endpoint: '/room/exit', status: 200, code: 0 },
      ...{ tokenId: 'a'.repeat(24), ms: 1, requestId: `r${n}` },
    })
  await log.stop()
  expect(deps.statements.filter(({ sql }) => sql.startsWith('insert'))).toHaveLength(1)
  const kept = await listRequests(house.gateway.operator.db, workspaceId, { before: undefined, limit: 9999 })
  expect(kept.length).toBeGreaterThanOrEqual(REQUESTS_PER_WRITE_MAX)
  expect(kept.length).toBeLessThanOrEqual(2 * REQUESTS_PER_WRITE_MAX)
  expect(kept[0]!.requestId).toBe(`r${5 * REQUESTS_PER_WRITE_MAX - 1}`)
})
