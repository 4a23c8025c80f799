import { createServer, type Server } from 'node:http'
import { createServer as createHttp2Server, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { grpc } from '@juzi/wechaty-grpc'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import {
  asRoom,
  becomes,
  botRow,
  CALL_DEADLINE_MS,
  claimed,
  hears,
  openNotedRoster,
  openTrial,
  type RosterOptions,
  type Trial,
  WORKSPACE,
} from '@qunhub/testing/trials/bot-trial.ts'
import type { ContactWxid, UserId } from '@qunhub/wire'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../system/clock.ts'
import { silentLog } from '../system/log.ts'
import { PuppetUnavailable } from './puppet-failures.ts'

let trial: Trial | undefined
afterEach(() => trial?.close())
const stage = async (options?: RosterOptions) => (trial = await openTrial(options))

const SECOND_MS = 1000

test('BOT-1 a token that the puppet does not know makes the bot offline, and says why', async () => {
  const { host, world } = await stage()
  const bot = host(world.addBot({ userId: 'xiaobei' }), {
    address: { endpoint: world.endpoint, token: 'puppet_nobody-knows-this', tls: false },
  })
  await becomes(bot, 'offline')
  expect(bot.session).toMatchObject({ reason: 'the puppet refused the token' })
})

const listen = async (server: Server | Http2Server): Promise<string> => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** As a proxy answers, or whatever else speaks HTTP and no gRPC. */
const answering = (status: number) => () =>
  listen(createHttp2Server((_request, response) => response.writeHead(status).end('<html>no</html>')))

const anotherGrpcServer = async () => {
  const server = new grpc.Server()
  onTestFinished(() => server.forceShutdown())
  const port = await new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  )
  return `127.0.0.1:${port}`
}

test.each([
  ['401', answering(401), 'no puppet service answers there, but HTTP 401'],
  ['403', answering(403), 'no puppet service answers there, but HTTP 403'],
  ['404', answering(404), 'no puppet service answers there, but HTTP 404'],
  ['502', answering(502), 'no puppet service answers there, but HTTP 502'],
  ['a web page', answering(200), 'what came is too large to be an event of a puppet'],
  ['another gRPC server', anotherGrpcServer, 'UNIMPLEMENTED'],
  ['a server of HTTP/1', () => listen(createServer((_request, response) => response.end())), 'UNAVAILABLE'],
])(
  'BOT-234 where no puppet answers, nobody is said to have refused the token: %s',
  async (_what, open, reason) => {
    const endpoint = await open()
    const { host, world } = await stage()
    const bot = host(world.addBot({ userId: 'xiaobei' }), {
      address: { endpoint, token: 'puppet_token', tls: false },
    })
    await becomes(bot, 'reconnecting')
    expect(bot.session).toMatchObject({ reason })
    await becomes(bot, 'offline')
    expect(bot.session).toMatchObject({ reason })
  },
)

test.each([
  ['an endpoint that nobody answers at', { endpoint: 'not an address', token: 'puppet_token' }],
  ['an endpoint that cannot be read', { endpoint: '', token: 'puppet_token' }],
  ['a token that fits into no header', { endpoint: '127.0.0.1:9', token: '令牌\n令牌' }],
])('BOT-2 %s makes the bot unreachable and harms nothing else', async (_what, { endpoint, token }) => {
  const { host, world, sessions } = await stage()
  const bot = host(world.addBot({ userId: 'xiaobei' }), { address: { endpoint, token, tls: false } })
  await becomes(bot, 'reconnecting')
  await eventually('a second try', () => sessions.length > 2)
  await expect(bot.listRooms()).rejects.toThrow(PuppetUnavailable)
})

test('BOT-3 before it is online a bot answers every call at once: it is not there', async () => {
  const { host, world } = await stage()
  const bot = host(world.addBot({ userId: 'xiaobei' }))
  const room = asRoom('R:1')
  const calls = [
    bot.listRooms(),
    bot.listContacts(),
    bot.readRoom(room),
    bot.readRooms([room])[Symbol.asyncIterator]().next(),
    bot.readContacts([]),
    bot.createRoom([], ''),
    bot.quitRoom(room),
    bot.sendText(room, '你好'),
  ]
  for (const call of calls) await expect(call).rejects.toThrow(PuppetUnavailable)
})

test('BOT-4 a login makes the bot online under its own name, and asks for a sync', async () => {
  const stageNow = await stage()
  const simulated = stageNow.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  const bot = stageNow.host(simulated)
  expect(bot.userId).toBe('expected')

  await hears(stageNow, 'login')
  expect(bot.session).toMatchObject({ state: 'online', account: { wxid: simulated.wxid } })
  expect(bot.account).toMatchObject({ userId: 'xiaobei', nickName: '小北', kind: 'wecom' })
  expect(stageNow.roster.byUserId(WORKSPACE, bot.account!.userId)).toEqual([bot])
  expect(stageNow.sessions.map(({ state }) => state)).toEqual(['connecting', 'online'])
})

test('BOT-5 a personal WeChat account is told apart from a WeCom account', async () => {
  const stageNow = await stage()
  const bot = stageNow.host(stageNow.world.addBot({ userId: 'geren', kind: 'wechat' }))
  await becomes(bot, 'online')
  expect(bot.account).toMatchObject({ kind: 'wechat' })
})

test('BOT-6 an account that cannot be read at its login is asked for until it can', async () => {
  const { host, world, simulator } = await stage()
  const simulated = world.addBot({ userId: 'xiaobei' })
  simulator.faults.add({ on: 'contactPayload', mode: 'refuse', times: 3 })
  await becomes(host(simulated), 'online')
  expect(simulator.faults.list()).toEqual([])
})

test('BOT-7 a bot that waits for a scan shows the code and goes online when it was scanned', async () => {
  const stageNow = await stage()
  const simulated = stageNow.world.addBot({ userId: 'xiaobei', state: 'awaiting-scan' })
  const bot = stageNow.host(simulated)
  await becomes(bot, 'awaiting-scan')
  expect(bot.session).toMatchObject({ qrcode: expect.stringContaining(simulated.wxid) })
  await expect(bot.listRooms()).rejects.toThrow(PuppetUnavailable)

  stageNow.world.setBotState(simulated.wxid, 'online')
  await hears(stageNow, 'login')
})

test('BOT-8 a logout ends being online at once; who logs in again within ten minutes returns, later it starts', async () => {
  let passedMs = 0
  const clock = { ...systemClock, now: () => Date.now() + passedMs }
  const stageNow = await stage({ clock })
  const simulated = stageNow.world.addBot({ userId: 'xiaobei' })
  const bot = stageNow.host(simulated)
  await hears(stageNow, 'login')

  stageNow.world.setBotState(simulated.wxid, 'logged-out')
  await becomes(bot, 'logged-out')
  expect(bot.session).toMatchObject({ reason: '账号已退出登录' })
  await expect(bot.listRooms()).rejects.toThrow(PuppetUnavailable)
  expect(bot.userId).toBe('xiaobei')

  stageNow.world.setBotState(simulated.wxid, 'online')
  await hears(stageNow, 'resync returned')
  stageNow.world.setBotState(simulated.wxid, 'logged-out')
  await becomes(bot, 'logged-out')
  passedMs += 10 * 60 * SECOND_MS
  stageNow.world.setBotState(simulated.wxid, 'online')
  await hears(stageNow, 'login', 2)
})

test('BOT-9 a puppet that is connected but logged in to nothing is logged out', async () => {
  const clock = new ManualClock()
  const stageNow = await stage({ clock })
  const bot = stageNow.host(stageNow.world.addBot({ userId: 'xiaobei', state: 'logged-out' }))
  await eventually(
    'the stream',
    () => clock.nextIn() === 10 * SECOND_MS && bot.session.state === 'connecting',
  )
  await eventually('the bot to be logged out', () => {
    clock.advance(SECOND_MS)
    return bot.session.state === 'logged-out'
  })
})

test('BOT-10 a puppet that is away at the start is tried until it comes, and is called offline meanwhile', async () => {
  const stageNow = await stage()
  const simulated = stageNow.world.addBot({ userId: 'xiaobei' })
  stageNow.simulator.killServer()
  const bot = stageNow.host(simulated)
  await becomes(bot, 'reconnecting')
  await becomes(bot, 'offline')
  expect(bot.session).toMatchObject({ reason: 'UNAVAILABLE' })
  const told = stageNow.sessions.length
  await stageNow.simulator.restartServer({ downMs: 200 })
  await hears(stageNow, 'login')
  // Tries go on, but a bot that stays offline is not news.
  expect(stageNow.sessions.slice(told).map(({ state }) => state)).toEqual(['online'])
})

test('BOT-11 a lost stream is replaced, and what happened in between is found by a resync', async () => {
  const stageNow = await stage()
  const simulated = stageNow.world.addBot({ userId: 'xiaobei' })
  const bot = stageNow.host(simulated)
  await hears(stageNow, 'login')

  await stageNow.simulator.restartServer({ downMs: 100 })
  await hears(stageNow, 'resync reconnected')
  expect(bot.session.state).toBe('online')
  expect(stageNow.heard).toEqual(['login', 'resync reconnected'])
  const lost = stageNow.sessions.filter(session => session.state === 'reconnecting')
  expect(lost.length).toBeGreaterThan(0)
  expect(new Set(lost.map(({ since }) => since)).size).toBe(1)
  expect(lost.map(({ attempt }) => attempt)).toEqual(lost.map((_, index) => index + 1))
})

test('BOT-12 many losses leave no connection behind', async () => {
  const stageNow = await stage()
  const bot = stageNow.host(stageNow.world.addBot({ userId: 'xiaobei' }))
  await hears(stageNow, 'login')
  const sockets = () => process.getActiveResourcesInfo().filter(kind => kind === 'TCPSocketWrap').length
  const before = sockets()

  for (let restart = 1; restart <= 5; restart += 1) {
    await stageNow.simulator.restartServer({ downMs: 20 })
    await hears(stageNow, 'resync reconnected', restart)
  }
  await becomes(bot, 'online')
  await eventually('the old sockets to be gone', () => sockets() <= before)
})

test('BOT-13 a stream that says nothing for 45 s is given up and replaced', async () => {
  const clock = new ManualClock()
  const stageNow = await stage({ clock })
  const bot = stageNow.host(stageNow.world.addBot({ userId: 'xiaobei' }))
  await hears(stageNow, 'login')
  stageNow.simulator.faults.add({ on: 'stream', mode: 'freeze' })

  clock.advance(44 * SECOND_MS)
  expect(bot.session.state).toBe('online')
  clock.advance(SECOND_MS)
  await becomes(bot, 'reconnecting')
  expect(bot.session).toMatchObject({
    reason: 'the stream fell silent',
    nextTryAt: expect.toSatisfy((at: number) => at > clock.now()),
  })

  stageNow.simulator.faults.clear()
  clock.advance(SECOND_MS)
  await hears(stageNow, 'resync reconnected')
})

test('BOT-14 a quiet puppet that answers ding is alive', async () => {
  const clock = new ManualClock()
  const stageNow = await stage({ clock })
  const bot = stageNow.host(stageNow.world.addBot({ userId: 'xiaobei' }))
  await hears(stageNow, 'login')
  for (let quiet = 0; quiet < 4; quiet += 1) {
    clock.advance(30 * SECOND_MS)
    await eventually('the dong', () => clock.nextIn() === 30 * SECOND_MS)
  }
  expect(bot.session.state).toBe('online')
  expect(stageNow.heard).toEqual(['login'])
})

test('BOT-15 a puppet whose only stream is held by another client is occupied, and looked at again half a minute later', async () => {
  const clock = new ManualClock()
  const stageNow = await stage()
  const simulated = stageNow.world.addBot({ userId: 'xiaobei' })
  stageNow.host(simulated)
  await hears(stageNow, 'login')

  const second = stageNow.another({ clock })
  const late = second.host(simulated)
  await becomes(late, 'occupied')
  expect(late.session).toMatchObject({ nextTryAt: clock.now() + 30 * SECOND_MS })
  expect(simulated.state).toBe('online')

  clock.advance(30 * SECOND_MS)
  await eventually('a second look', () => clock.nextIn() === 30 * SECOND_MS)
  expect(late.session).toMatchObject({ state: 'occupied', nextTryAt: clock.now() + 30 * SECOND_MS })
  expect(second.sessions.map(({ state }) => state)).toEqual(['connecting', 'occupied'])

  await stageNow.roster.stop()
  clock.advance(29 * SECOND_MS)
  expect(late.session.state).toBe('occupied')
  clock.advance(SECOND_MS)
  await hears(second, 'login')
})

test('BOT-16 detaching frees the puppet at once and does not log the account out', async () => {
  const stageNow = await stage()
  const simulated = stageNow.world.addBot({ userId: 'xiaobei' })
  const bot = stageNow.host(simulated)
  await hears(stageNow, 'login')
  await stageNow.roster.remove(WORKSPACE, bot.bot.id)
  expect(stageNow.roster.all()).toEqual([])
  expect(simulated.state).toBe('online')
  await expect(bot.listRooms()).rejects.toThrow(PuppetUnavailable)

  const second = stageNow.another()
  second.host(simulated)
  await hears(second, 'login')
  expect(second.sessions.map(({ state }) => state)).toEqual(['connecting', 'online'])
})

test('BOT-17 an account that another one replaces on the same puppet is synced as itself', async () => {
  const stageNow = await stage()
  const { world } = stageNow
  const first = world.addBot({ userId: 'xiaobei', token: 'puppet_one-phone' })
  const bot = stageNow.host(first)
  await hears(stageNow, 'login')
  world.bots.delete(first.wxid)
  const second = world.addBot({ userId: 'xiaonan', token: 'puppet_one-phone' })
  await stageNow.simulator.restartServer({ downMs: 20 })
  await hears(stageNow, 'login', 2)
  expect(bot.account).toMatchObject({ wxid: second.wxid, userId: 'xiaonan' })
})

test('BOT-18 a store that is away is waited for: the sync is tried again until it succeeds', async () => {
  const clock = new ManualClock()
  let fails = 2
  const stageNow = await stage({
    clock,
    handlers: {
      async onLogin() {
        fails -= 1
        if (fails >= 0) throw new Error('the store is away')
      },
    },
  })
  stageNow.host(stageNow.world.addBot({ userId: 'xiaobei' }))
  await hears(stageNow, 'login')
  await eventually('the wait', () => clock.nextIn() === SECOND_MS)
  clock.advance(SECOND_MS)
  await hears(stageNow, 'login', 2)
  await eventually('the longer wait', () => clock.nextIn() === 2 * SECOND_MS)
  clock.advance(2 * SECOND_MS)
  await hears(stageNow, 'login', 3)
})

test('BOT-19 hints that cannot be followed are stood in for by one resync, however many they are', async () => {
  const storeBack = Promise.withResolvers<void>()
  let isAway = true
  const stageNow = await stage({
    handlers: {
      async onHint() {
        if (isAway) throw new Error('the store is away')
      },
      onLogin: () => storeBack.promise,
    },
  })
  const { world } = stageNow
  const simulated = world.addBot({ userId: 'xiaobei' })
  const bot = stageNow.host(simulated)
  await hears(stageNow, 'login')
  for (let room = 0; room < 5; room += 1)
    world.addRoom({ ownerId: simulated.wxid, members: [world.addContact().wxid] })
  // The stream keeps its order: once this is heard over it, the joins were too.
  await bot.listRooms()
  storeBack.resolve()
  await hears(stageNow, 'resync hint-failed')
  isAway = false
  await stageNow.roster.sync(bot, async () => {})
  expect(stageNow.heard.filter(note => note.startsWith('resync'))).toEqual(['resync hint-failed'])
})

test('BOT-20 hints wait until the sync is done, and a room is hinted at once however often it changed', async () => {
  const syncDone = Promise.withResolvers<void>()
  const stageNow = await stage({ handlers: { onLogin: () => syncDone.promise } })
  const { world, simulator } = stageNow
  const simulated = world.addBot({ userId: 'xiaobei' })
  const room = world.addRoom({ ownerId: simulated.wxid, members: [world.addContact().wxid] })
  const bot = stageNow.host(simulated)
  await hears(stageNow, 'login')

  simulator.faults.add({ on: 'events', mode: 'duplicate', times: 2 })
  world.setTopic(room.wxid, '大街小巷')
  world.join(room.wxid, world.addContact().wxid)
  await bot.listRooms()
  expect(stageNow.heard).toEqual(['login'])
  syncDone.resolve()
  await stageNow.roster.sync(bot, async () => {})
  expect(stageNow.heard).toEqual(['login', `join ${room.wxid}`])
})

test('BOT-21 what changes in a room the bot is in arrives as a hint of its kind', async () => {
  const stageNow = await stage()
  const { world } = stageNow
  const simulated = world.addBot({ userId: 'xiaobei' })
  const guest = world.addContact({ friendOf: [simulated.wxid] })
  const room = world.addRoom({ ownerId: simulated.wxid, members: [guest.wxid] })
  stageNow.host(simulated)
  await hears(stageNow, 'login')
  const happen = async (note: string, act: () => void) => {
    act()
    await hears(stageNow, note)
  }
  await happen(`topic ${room.wxid}`, () => world.setTopic(room.wxid, '新的群名'))
  await happen(`leave ${room.wxid}`, () => world.leave(room.wxid, guest.wxid))
  await happen(`join ${room.wxid}`, () => world.join(room.wxid, guest.wxid))
  await happen(`dirty ${room.wxid}`, () => world.setAlias(room.wxid, guest.wxid, '老张'))
  await happen(`contact ${guest.wxid}`, () => world.renameContact(guest.wxid, '张三'))
})

test('BOT-22 events that come twice, late or garbled lose no hint', async () => {
  const stageNow = await stage()
  const { world, simulator } = stageNow
  const simulated = world.addBot({ userId: 'xiaobei' })
  stageNow.host(simulated)
  await hears(stageNow, 'login')
  for (const mode of ['reorder', 'duplicate', 'no-inviter', 'names-for-ids'] as const) {
    simulator.faults.add({ on: 'events', mode, times: 1 })
    const room = world.addRoom({ ownerId: simulated.wxid, members: [world.addContact().wxid] })
    await hears(stageNow, `join ${room.wxid}`)
  }
})

test('BOT-23 four bots sync at a time', async () => {
  const mayEnd = Promise.withResolvers<void>()
  const stageNow = await stage({ handlers: { onLogin: () => mayEnd.promise } })
  const bots = ['one', 'two', 'three', 'four', 'five', 'six'].map(userId =>
    stageNow.host(stageNow.world.addBot({ userId })),
  )
  for (const bot of bots) await becomes(bot, 'online')
  await hears(stageNow, 'login', 4)
  // Every bot has logged in and answers; only its sync waits for a turn.
  for (const bot of bots) await bot.listRooms()
  expect(stageNow.heard).toHaveLength(4)
  mayEnd.resolve()
  await hears(stageNow, 'login', 6)
})

test('BOT-277 what happens to a bot that was taken over is followed while its re-read still waits for a turn', async () => {
  const clock = new ManualClock()
  const mayEnd = Promise.withResolvers<void>()
  const stageNow = await stage({ clock, handlers: { onResync: () => mayEnd.promise } })
  const { world, simulator, roster } = stageNow
  const simulated = ['one', 'two', 'three', 'four', 'five'].map(userId => world.addBot({ userId }))
  const takeOver = async ({ wxid, token }: (typeof simulated)[number]) => {
    const account = { wxid: wxid as ContactWxid, userId: 'x' as UserId, nickName: '', avatarUrl: '' }
    const bot = { ...botRow(simulator.endpoint, token), account: { ...account, kind: 'wecom' as const } }
    const hosted = roster.add({ ...claimed(bot), starting: false })
    await eventually('the bot to be online', () => {
      clock.advance(10)
      return hosted.session.state === 'online'
    })
    return hosted
  }
  for (const bot of simulated.slice(0, 4)) await takeOver(bot)
  await hears(stageNow, 'resync reconnected', 4)
  const [last] = simulated.slice(-1)
  const waiting = await takeOver(last!)
  const room = world.addRoom({ ownerId: world.addCoworker().wxid, members: [last!.wxid] })
  await hears(stageNow, `join ${room.wxid}`)
  // Nothing of it was read again yet, and its turn comes all the same.
  expect(stageNow.heard.filter(note => note.startsWith('resync'))).toHaveLength(4)
  mayEnd.resolve()
  await hears(stageNow, 'resync reconnected', 5)
  await waiting.listRooms()
})

test("BOT-24 an operator's sync takes its turn, and its failure is the operator's", async () => {
  const stageNow = await stage()
  const bot = stageNow.host(stageNow.world.addBot({ userId: 'xiaobei' }))
  const run = async () => {
    throw new RangeError('no')
  }
  await expect(stageNow.roster.sync(bot, run)).rejects.toThrow(PuppetUnavailable)
  await becomes(bot, 'online')
  await expect(stageNow.roster.sync(bot, run)).rejects.toThrow(RangeError)
  await stageNow.roster.remove(WORKSPACE, bot.bot.id)
  await expect(stageNow.roster.sync(bot, run)).rejects.toThrow(PuppetUnavailable)
})

test('BOT-25 a lost connection calls off the sync that is under way', async () => {
  let calledOff = false
  const stageNow = await stage({
    handlers: {
      onLogin: (_bot, _account, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            calledOff = true
            reject(new Error('called off'))
          })
        }),
    },
  })
  stageNow.host(stageNow.world.addBot({ userId: 'xiaobei' }))
  await hears(stageNow, 'login')
  await stageNow.simulator.restartServer({ downMs: 20 })
  // The sync was never finished, so it is queued once more and not a mere reconcile.
  await hears(stageNow, 'login', 2)
  expect(calledOff).toBe(true)
  expect(stageNow.heard).toEqual(['login', 'login'])
})

test('BOT-26 stopping takes no longer than 5 s, whatever a handler does', async () => {
  const clock = new ManualClock()
  const stageNow = await stage({ clock, handlers: { onLogin: () => new Promise(() => {}) } })
  stageNow.host(stageNow.world.addBot({ userId: 'xiaobei' }))
  await hears(stageNow, 'login')
  const stopped = stageNow.roster.stop()
  clock.advance(5 * SECOND_MS)
  await stopped
})

test('BOT-200 a bot that is given back takes no request any more, and leaves when those under way have ended', async () => {
  const stageNow = await stage()
  const bot = stageNow.host(stageNow.world.addBot({ userId: 'xiaobei' }))
  await becomes(bot, 'online')
  const errand = Promise.withResolvers<string>()
  const asked = bot.onErrand(() => errand.promise)
  let hasLeft = false
  const retired = stageNow.roster.retire(WORKSPACE, bot.bot.id).then(() => {
    hasLeft = true
  })
  expect(stageNow.roster.all()).toEqual([])
  await expect(bot.onErrand(async () => 'late')).rejects.toThrow(PuppetUnavailable)
  // Whatever is under way still reaches the puppet.
  await bot.listRooms()
  expect(hasLeft).toBe(false)
  errand.resolve('done')
  expect(await asked).toBe('done')
  await retired
  await expect(bot.listRooms()).rejects.toThrow(PuppetUnavailable)
})

test('BOT-201 a request that does not end is waited for 12 s, and not at all once somebody else has the bot', async () => {
  const clock = new ManualClock()
  const stageNow = await stage({ clock })
  const [slow, lost] = ['one', 'two'].map(userId => stageNow.host(stageNow.world.addBot({ userId })))
  for (const bot of [slow!, lost!]) {
    await becomes(bot, 'online')
    bot.onErrand(() => new Promise(() => {}))
  }
  const retiring = stageNow.roster.retire(WORKSPACE, slow!.bot.id)
  clock.advance(11_999)
  await slow!.listRooms()
  clock.advance(1)
  await retiring

  const leaving = stageNow.roster.retire(WORKSPACE, lost!.bot.id)
  await stageNow.roster.remove(WORKSPACE, lost!.bot.id)
  await leaving
  await expect(lost!.listRooms()).rejects.toThrow(PuppetUnavailable)
})

test('BOT-220 bots of one start connect one after another, 20 ms apart, and not all at once', async () => {
  const clock = new ManualClock()
  const { roster } = openNotedRoster('127.0.0.1:1', { clock })
  onTestFinished(() => roster.stop())
  roster.start(Array.from({ length: 4 }, (_, n) => claimed(botRow('127.0.0.1:1', `puppet_token_${n}`))))
  const begun = () => roster.all().filter(({ session }) => session.state !== 'new').length
  const settle = () => new Promise(resolve => setImmediate(resolve))
  const seen: number[] = []
  for (let step = 0; step < 4; step++) {
    await settle()
    seen.push(begun())
    clock.advance(20)
  }
  expect(seen).toEqual([1, 2, 3, 4])
})

test('BOT-27 the states of a bot are told one after another, however slow the listener', async () => {
  const told: string[] = []
  const slow = Promise.withResolvers<void>()
  const stageNow = await stage({
    handlers: {
      async onSession(_bot, { state }) {
        if (state === 'connecting') await slow.promise
        told.push(state)
      },
    },
  })
  const bot = stageNow.host(stageNow.world.addBot({ userId: 'xiaobei' }))
  await becomes(bot, 'online')
  expect(told).toEqual([])
  slow.resolve()
  await eventually('both states', () => told.length === 2)
  expect(told).toEqual(['connecting', 'online'])
})

test('BOT-28 neither tokens nor names reach the log', async () => {
  const lines: string[] = []
  const note = (facts: object, sentence: string) => lines.push(`${sentence} ${inspectDeep(facts)}`)
  const stageNow = await stage({ log: { ...silentLog, debug: note, info: note, warn: note, error: note } })
  const { world, simulator } = stageNow
  const simulated = world.addBot({ userId: 'xiaobei', nickName: '秘密昵称' })
  simulator.faults.add({ on: 'contactPayload', mode: 'refuse', times: 1 })
  stageNow.host(simulated)
  stageNow.host(simulated, {
    address: { endpoint: world.endpoint, token: 'puppet_canary-token', tls: false },
  })
  await hears(stageNow, 'login')
  world.addRoom({
    ownerId: simulated.wxid,
    members: [world.addContact({ name: '秘密客户' }).wxid],
    topic: '秘密群名',
  })
  await simulator.restartServer({ downMs: 20 })
  await hears(stageNow, 'resync reconnected')
  expect(lines.length).toBeGreaterThan(3)
  for (const secret of ['秘密', simulated.token, 'canary-token'])
    expect(lines.join('\n')).not.toContain(secret)
})

const inspectDeep = (facts: object): string =>
  JSON.stringify(facts, (_key, value: unknown) =>
    value instanceof Error ? { message: value.message, stack: value.stack, cause: value.cause } : value,
  )

test('BOT-29 a call that hangs ends at its deadline and leaves the bot online', async () => {
  const { host, world, simulator } = await stage()
  const bot = host(world.addBot({ userId: 'xiaobei' }))
  await becomes(bot, 'online')
  simulator.faults.add({ on: 'roomList', mode: 'hang', times: 1 })
  const begun = performance.now()
  await expect(bot.listRooms()).rejects.toMatchObject({ name: 'PuppetTimeout' })
  expect(performance.now() - begun).toBeGreaterThan(CALL_DEADLINE_MS - 50)
  expect(await bot.listRooms()).toEqual([])
})

test('BOT-33 calls under way when the bot is detached end as unavailable, and so do those that follow', async () => {
  const { host, world, simulator, roster } = await stage()
  const simulated = world.addBot({ userId: 'xiaobei' })
  const room = world.addRoom({ ownerId: simulated.wxid, members: [world.addContact().wxid] })
  const bot = host(simulated)
  await becomes(bot, 'online')
  simulator.faults.add({ on: 'roomList', mode: 'hang' })
  simulator.faults.add({ on: 'dirtyPayload', mode: 'hang' })
  const underWay = [bot.listRooms(), bot.readRoom(asRoom(room.wxid), { fresh: true })]
  const ends = underWay.map(call => expect(call).rejects.toThrow(PuppetUnavailable))
  await roster.stop()
  await Promise.all(ends)
})

test('BOT-231 an event that is too large to be read costs the stream, and the next one is read as usual', async () => {
  const stageNow = await stage()
  const { world, sessions } = stageNow
  const simulated = world.addBot({ userId: 'xiaobei' })
  const room = world.addRoom({ ownerId: simulated.wxid, members: [world.addContact().wxid] })
  const bot = stageNow.host(simulated)
  await hears(stageNow, 'login')
  world.setTopic(room.wxid, 'x'.repeat(9 * 1024 * 1024), simulated.wxid)
  await hears(stageNow, 'resync reconnected')
  expect(sessions).toContainEqual(
    expect.objectContaining({
      state: 'reconnecting',
      reason: 'what came is too large to be an event of a puppet',
    }),
  )
  await becomes(bot, 'online')
  world.join(room.wxid, world.addContact().wxid)
  await hears(stageNow, `join ${room.wxid}`)
})
