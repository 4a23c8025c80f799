import { inspect } from 'node:util'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import {
  becomes,
  hears,
  openTrial,
  type RosterOptions,
  type Trial,
  WORKSPACE,
} from '@qunhub/testing/trials/bot-trial.ts'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type BotMove, isLoggedIn } from '../model/bot.ts'
import { MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { silentLog } from '../system/log.ts'
import { PuppetRefused, PuppetTimeout, PuppetUnavailable } from './puppet-failures.ts'

/** A trial that closes with its test. */
async function stage(options: RosterOptions = {}): Promise<Trial> {
  const trial = await openTrial(options)
  onTestFinished(() => trial.close())
  return trial
}

/** A bot that waits for its scan. */
async function waitingBot(options: RosterOptions = {}) {
  const trial = await stage(options)
  const simulated = trial.world.addBot({ userId: 'xiaobei', state: 'awaiting-scan' })
  const bot = trial.host(simulated)
  await becomes(bot, 'awaiting-scan')
  return { ...trial, simulated, bot, step: (step: Step) => trial.world.takeScanStep(simulated.wxid, step) }
}

type Step = Parameters<Trial['world']['takeScanStep']>[1]

/** Lets time pass a second at a time, so that what is asked over the socket is answered on the way. */
async function pass(clock: ManualClock, ms: number) {
  for (let passed = 0; passed < ms; passed += SECOND_MS) {
    clock.advance(SECOND_MS)
    await new Promise(resolve => setImmediate(resolve))
  }
}

test('BOT-111 a code is replaced by the next scan event, and told from when it is; the wait began with the first', async () => {
  const clock = new ManualClock()
  const { bot, step, sessions } = await waitingBot({ clock })
  const first = bot.session
  expect(first).toMatchObject({ scan: 'waiting', since: clock.now(), givenAt: clock.now() })

  clock.advance(SECOND_MS)
  step('expired')
  await eventually('a fresh code', () => sessions.length === 4)
  const fresh = {
    state: 'awaiting-scan',
    scan: 'waiting',
    since: clock.now() - SECOND_MS,
    givenAt: clock.now(),
  }
  expect(bot.session).toMatchObject(fresh)
  expect(bot.session).not.toMatchObject({ qrcode: 'qrcode' in first ? first.qrcode : '' })

  clock.advance(SECOND_MS)
  step('scanned')
  await eventually('the scan', () => sessions.length === 5)
  expect(bot.session).toMatchObject({ ...fresh, scan: 'scanned' })

  step('confirmed')
  await becomes(bot, 'online')
  await eventually('all of them', () => sessions.length === 7)
  expect(sessions.map(each => ('scan' in each ? each.scan : each.state))).toEqual([
    'connecting',
    'waiting',
    'timed-out',
    'waiting',
    'scanned',
    'confirmed',
    'online',
  ])
})

test('BOT-111 the same code told twice is no news', async () => {
  const { world, simulated, sessions, bot, step } = await waitingBot()
  for (let again = 0; again < 3; again += 1) world.tell({ type: 'scan', wxid: simulated.wxid })
  step('confirmed')
  await becomes(bot, 'online')
  await eventually('the login is told', () => sessions.at(-1)?.state === 'online')
  expect(sessions.map(({ state }) => state)).toEqual([
    'connecting',
    'awaiting-scan',
    'awaiting-scan',
    'online',
  ])
})

test('BOT-122 a code is shown for as long as the connection that gave it lives', async () => {
  const trial = await stage()
  const { world, simulator } = trial
  const simulated = world.addBot({ userId: 'xiaobei' })
  const bot = trial.host(simulated)
  await becomes(bot, 'online')
  world.setBotState(simulated.wxid, 'awaiting-scan')
  await becomes(bot, 'awaiting-scan')
  const isBack = simulator.restartServer({ downMs: 300 })
  await becomes(bot, 'logged-out')
  expect(bot.session).toMatchObject({ reason: 'UNAVAILABLE' })
  await isBack
  await becomes(bot, 'awaiting-scan')
  // Nobody had scanned it meanwhile, so the puppet shows the same one.
  expect(bot.session).toMatchObject({ qrcode: world.snapshot().bots[0]!.scan!.qrcode })
})

test('BOT-124 a logged-out bot whose puppet dies is offline when that lasts, logged out all the same, and told again when it is back', async () => {
  const clock = new ManualClock()
  const counted: string[] = []
  const meter = { moved: (from: string, to: string) => void counted.push(`${from} ${to}`) }
  const { world, simulator, host, sessions } = await stage({ clock, meter })
  const simulated = world.addBot({ userId: 'xiaobei' })
  const bot = host(simulated)
  await becomes(bot, 'online')
  world.setBotState(simulated.wxid, 'logged-out')
  await becomes(bot, 'logged-out')
  simulator.killServer()
  const untilIt = (what: string, is: () => boolean) =>
    eventually(what, () => {
      if (!is()) clock.advance(100)
      return is()
    })
  await untilIt('offline', () => bot.session.state === 'offline')
  expect(bot.session).toMatchObject({ reason: 'UNAVAILABLE; the account was logged out before' })
  expect(isLoggedIn(bot.session, bot.account)).toBe(false)
  await pass(clock, MINUTE_MS)
  expect(bot.session.state).toBe('offline')

  await simulator.restartServer({ downMs: 0 })
  await untilIt('logged out', () => bot.session.state === 'logged-out')
  await eventually('all of it is told', () => sessions.at(-1)?.state === 'logged-out')
  const way = ['connecting', 'online', 'logged-out', 'offline', 'logged-out']
  expect(sessions.map(({ state }) => state)).toEqual(way)
  expect(counted.slice(-2)).toEqual(['logged-out offline', 'offline logged-out'])
  world.setBotState(simulated.wxid, 'online')
  await becomes(bot, 'online')
})

test('BOT-112 what is told late of a scan neither calls off a login nor ends it', async () => {
  const accountKept = Promise.withResolvers<boolean>()
  const { world, simulated, bot, heard } = await waitingBot({
    handlers: { onAccount: () => accountKept.promise },
  })
  const late = () => {
    simulated.state = 'awaiting-scan'
    world.scans.set(simulated.wxid, { number: 1, status: 'scanned' })
    world.tell({ type: 'scan', wxid: simulated.wxid })
    simulated.state = 'online'
  }
  world.setBotState(simulated.wxid, 'online')
  late()
  accountKept.resolve(true)
  await hears({ heard }, 'login')
  late()
  // The stream keeps its order: what is heard over it now came after the late scan.
  await bot.listRooms()
  expect(bot.session.state).toBe('online')
})

describe('a code that is told of while an account is logged in', () => {
  /** Tells of a code although the account is logged in, as a puppet does whose events come late. */
  const tellLate = ({ world, simulated }: Awaited<ReturnType<typeof waitingBot>>, number: number) => {
    simulated.state = 'awaiting-scan'
    world.scans.set(simulated.wxid, { number, status: 'waiting' })
    world.tell({ type: 'scan', wxid: simulated.wxid })
    simulated.state = 'online'
  }

  test.each([
    ['the one that was scanned, again', 1],
    ['another one', 2],
  ])('BOT-112 %s, late: the puppet is asked, and the bot stays online', async (_which, number) => {
    const clock = new ManualClock()
    const waiting = await waitingBot({ clock })
    const { bot, step, sessions } = waiting
    step('confirmed')
    await becomes(bot, 'online')
    tellLate(waiting, number)
    await pass(clock, 10 * MINUTE_MS)
    await bot.listRooms()
    expect(bot.session.state).toBe('online')
    expect(sessions.filter(({ state }) => state === 'online')).toHaveLength(1)
  })

  test('BOT-112 late, while the login that came of it is under way: it is not called off', async () => {
    const accountKept = Promise.withResolvers<boolean>()
    const waiting = await waitingBot({ handlers: { onAccount: () => accountKept.promise } })
    waiting.world.setBotState(waiting.simulated.wxid, 'online')
    tellLate(waiting, 2)
    accountKept.resolve(true)
    await hears(waiting, 'login')
    expect(waiting.bot.session.state).toBe('online')
  })

  test('BOT-112 a puppet that does not say who is logged in is asked again, and nobody is logged out meanwhile', async () => {
    const clock = new ManualClock()
    const waiting = await waitingBot({ clock })
    const { bot, step, simulator, sessions } = waiting
    step('confirmed')
    await hears(waiting, 'login')
    simulator.faults.add({ on: 'currentUser', mode: 'hang', times: 1 })
    tellLate(waiting, 2)
    await eventually('the answer that does not come', () => clock.nextIn() === 10 * SECOND_MS)
    expect(bot.session.state).toBe('online')
    waiting.simulated.state = 'awaiting-scan'
    await eventually('the code to be believed', () => {
      clock.advance(SECOND_MS)
      return bot.session.state === 'awaiting-scan'
    })
    expect(sessions.map(({ state }) => state)).not.toContain('logged-out')
  })

  test('BOT-112 in earnest, without a logout before it: nobody is logged in, and the code is shown', async () => {
    const waiting = await waitingBot()
    const { bot, step, simulated, world } = waiting
    step('confirmed')
    await becomes(bot, 'online')
    tellLate(waiting, 2)
    simulated.state = 'awaiting-scan'
    await becomes(bot, 'awaiting-scan')
    expect(bot.session).toMatchObject({ qrcode: world.snapshot().bots[0]!.scan!.qrcode })
    step('confirmed')
    await hears(waiting, 'resync returned')
  })
})

test.each(['awaiting-scan', 'logged-out'] as const)(
  'BOT-112 a login that is told to nobody ends being %s within 30 s',
  async state => {
    const clock = new ManualClock()
    const { world, host } = await stage({ clock })
    const simulated = world.addBot({ userId: 'xiaobei' })
    const bot = host(simulated)
    await becomes(bot, 'online')
    world.setBotState(simulated.wxid, state)
    await becomes(bot, state)
    simulated.state = 'online'
    const begun = clock.now()
    await eventually('the login', () => {
      if (clock.now() - begun < 31 * SECOND_MS) clock.advance(SECOND_MS)
      return bot.session.state === 'online'
    })
  },
)

test('BOT-125 another account than the operator’s is no presence; it is told once, looked at every 30 s, and taken when he accepts it', async () => {
  const clock = new ManualClock()
  const warned: string[] = []
  let isAccepted = false
  const { world, host, sessions, heard } = await stage({
    clock,
    log: { ...silentLog, warn: (facts, sentence) => void warned.push(`${sentence} ${inspect(facts)}`) },
    handlers: { onAccount: async () => isAccepted },
  })
  const simulated = world.addBot({ userId: 'xiaonan', nickName: '小南' })
  const bot = host(simulated)
  await becomes(bot, 'wrong-account')
  expect(bot.session).toMatchObject({ account: { wxid: simulated.wxid } })
  expect(bot.account).toBeNull()
  await expect(bot.listRooms()).rejects.toThrow(PuppetUnavailable)
  await pass(clock, 5 * MINUTE_MS)
  expect(sessions.map(({ state }) => state)).toEqual(['connecting', 'wrong-account'])
  expect(heard).toEqual([])
  const lines = warned.filter(line => line.includes('another account'))
  expect(lines).toEqual([expect.stringContaining(simulated.wxid)])
  expect(lines.join()).not.toContain('小南')

  isAccepted = true
  await eventually('it is taken', () => {
    if (bot.session.state !== 'online') clock.advance(SECOND_MS)
    return bot.session.state === 'online'
  })
  await hears({ heard }, 'login')
})

test('BOT-125 the wrong account stays the wrong one over a lost connection and a late code, and is missed when it leaves unheard', async () => {
  const clock = new ManualClock()
  const { world, simulator, host, sessions } = await stage({
    clock,
    handlers: { onAccount: async () => false },
  })
  const simulated = world.addBot({ userId: 'xiaonan' })
  const known = { wxid: 'wx-bei' as never, userId: 'xiaobei' as never, nickName: '小北', avatarUrl: '' }
  const bot = host(simulated, { account: { ...known, kind: 'wecom' } })
  await becomes(bot, 'wrong-account')
  const greeted = () => simulator.asked.of(simulated.wxid).event
  simulator.killServer()
  await simulator.restartServer({ downMs: 0 })
  await eventually('another stream', () => {
    if (greeted() === 1) clock.advance(10)
    return greeted() === 2
  })
  simulated.state = 'awaiting-scan'
  world.scans.set(simulated.wxid, { number: 1, status: 'waiting' })
  world.tell({ type: 'scan', wxid: simulated.wxid })
  simulated.state = 'online'
  await pass(clock, 2 * MINUTE_MS)
  expect(sessions.map(({ state }) => state)).toEqual(['connecting', 'wrong-account'])
  expect(bot.account).toMatchObject(known)

  simulated.state = 'logged-out'
  await eventually('it is missed', () => {
    if (bot.session.state === 'wrong-account') clock.advance(SECOND_MS)
    return bot.session.state === 'logged-out'
  })
})

test('BOT-113 a puppet that is logged in to nothing is asked to begin again, at most once in 10 s, and nobody else is', async () => {
  const clock = new ManualClock()
  const { roster, host, world, simulator } = await stage({ clock })
  const simulated = world.addBot({ userId: 'xiaobei' })
  const bot = host(simulated)
  await becomes(bot, 'online')
  const asked = () => 3 - (simulator.faults.list()[0]?.times ?? 0)
  // Three answers to `start` fail; each that is asked takes one away. The first stream's own has passed by then.
  await bot.listRooms()
  simulator.faults.add({ on: 'start', mode: 'refuse', times: 3 })
  roster.askForLogin(bot)
  world.setBotState(simulated.wxid, 'logged-out')
  await becomes(bot, 'logged-out')
  for (let impatient = 0; impatient < 5; impatient += 1) roster.askForLogin(bot)
  await eventually('the puppet is asked', () => asked() === 1)
  clock.advance(10 * SECOND_MS)
  roster.askForLogin(bot)
  await eventually('the puppet is asked again', () => asked() === 2)
  expect(bot.session.state).toBe('logged-out')
})

test('BOT-113 a puppet whose code has timed out is asked for another one, at most once in 10 s; one whose code is good is not', async () => {
  const clock = new ManualClock()
  const { roster, bot, world, simulated, simulator, step } = await waitingBot({ clock })
  const asked = () => simulator.asked.of(simulated.wxid).start
  await eventually('the start of the stream', () => asked() === 1)
  roster.askForLogin(bot)
  step('scanned')
  await eventually('the scan', () => 'scan' in bot.session && bot.session.scan === 'scanned')
  roster.askForLogin(bot)

  world.scans.set(simulated.wxid, { number: 1, status: 'expired' })
  world.tell({ type: 'scan', wxid: simulated.wxid })
  await eventually('its end', () => 'scan' in bot.session && bot.session.scan === 'timed-out')
  for (let impatient = 0; impatient < 5; impatient += 1) roster.askForLogin(bot)
  await eventually('the puppet is asked', () => asked() === 2)
  clock.advance(10 * SECOND_MS)
  roster.askForLogin(bot)
  await eventually('the puppet is asked again', () => asked() === 3)
})

test('BOT-114 a bot that is not online cannot be logged out', async () => {
  const { roster, bot, simulated } = await waitingBot()
  await expect(roster.logOut(bot)).rejects.toThrow(PuppetUnavailable)
  expect(simulated.state).toBe('awaiting-scan')
})

test.each([
  ['answers', null],
  ['does so and does not answer', { on: 'logout', mode: 'done-but-timeout' }],
] as const)(
  'BOT-114 an operator logs an account out of a puppet that %s; the next login is a new one',
  async (_how, fault) => {
    const { roster, host, world, simulator, heard, sessions } = await stage()
    const simulated = world.addBot({ userId: 'xiaobei' })
    const bot = host(simulated)
    await hears({ heard }, 'login')
    if (fault) simulator.faults.add(fault)
    await roster.logOut(bot)
    expect(simulated.state).toBe('logged-out')
    expect(bot.session).toMatchObject({ state: 'logged-out', reason: 'an operator logged it out' })
    await eventually('it is told once', () => sessions.at(-1)?.state === 'logged-out')

    world.setBotState(simulated.wxid, 'online')
    await hears({ heard }, 'login', 2)
    expect(sessions.filter(({ state }) => state === 'logged-out')).toHaveLength(1)
  },
)

test.each([
  ['refuses', ['logout'], 'refuse', PuppetRefused],
  ['does not answer', ['logout'], 'hang', PuppetRefused],
  ['does not answer anything', ['logout', 'currentUser'], 'hang', PuppetTimeout],
] as const)(
  'BOT-114 a puppet that %s leaves the account logged in, and so it is said',
  async (_how, calls, mode, failure) => {
    const { roster, host, world, simulator } = await stage()
    const simulated = world.addBot({ userId: 'xiaobei' })
    const bot = host(simulated)
    await becomes(bot, 'online')
    for (const on of calls) simulator.faults.add({ on, mode })
    await expect(roster.logOut(bot)).rejects.toThrow(failure)
    expect(bot.session.state).toBe('online')
    expect(simulated.state).toBe('online')
  },
)

test('BOT-114 a connection that is lost meanwhile leaves it unclear whether the account was logged out', async () => {
  const trial = await stage()
  const { roster, world, simulator } = trial
  const bot = trial.host(world.addBot({ userId: 'xiaobei' }))
  await becomes(bot, 'online')
  simulator.faults.add({ on: 'logout', mode: 'hang' })
  const ended = expect(roster.logOut(bot)).rejects.toThrow(PuppetTimeout)
  await simulator.restartServer({ downMs: 50 })
  await ended
  await becomes(bot, 'online')
})

test('BOT-105 a bot that is left and hosted again while the store is away tells what it had to tell before', async () => {
  const clock = new ManualClock()
  const storeBack = Promise.withResolvers<void>()
  const told: number[] = []
  const { roster, host, world } = await stage({
    clock,
    handlers: {
      async onSession(_bot, _session, { seq }) {
        await storeBack.promise
        told.push(seq)
      },
    },
  })
  const simulated = world.addBot({ userId: 'xiaobei' })
  const first = host(simulated)
  await becomes(first, 'online')
  const left = roster.remove(WORKSPACE, first.bot.id)
  await eventually(
    'the puppet to be left',
    () => first.session.state === 'online' && clock.nextIn() === 5 * SECOND_MS,
  )
  clock.advance(5 * SECOND_MS)
  await left
  const second = host(simulated, { id: first.bot.id })
  await becomes(second, 'online')
  storeBack.resolve()
  await eventually('all of them', () => told.length === 4)
  expect(told).toEqual([1, 2, 3, 4])
})

test('BOT-106 each move is told with where it came from and when, counted, and a line in the log without the code', async () => {
  const clock = new ManualClock()
  const lines: string[] = []
  const counted: string[] = []
  const moves: BotMove[] = []
  const { bot, step } = await waitingBot({
    clock,
    log: { ...silentLog, info: (facts, sentence) => void lines.push(`${sentence} ${inspect(facts)}`) },
    meter: { moved: (from, to) => void counted.push(`${from} ${to}`) },
    handlers: { onSession: (_bot, _session, move) => void moves.push(move) },
  })
  const begun = clock.now()
  clock.advance(SECOND_MS)
  step('confirmed')
  await becomes(bot, 'online')
  await eventually('all of them', () => moves.length === 4)
  const way = [
    'new connecting',
    'connecting awaiting-scan',
    'awaiting-scan awaiting-scan',
    'awaiting-scan online',
  ]
  expect(moves.map(({ from, to }) => `${from} ${to.state}`)).toEqual(way)
  expect(moves.map(({ at }) => at - begun)).toEqual([0, 0, SECOND_MS, SECOND_MS])
  expect(moves.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  expect(counted).toEqual(way)
  const told = lines.filter(line => line.startsWith('bot changed its state'))
  expect(told).toHaveLength(way.length)
  expect(told.join('\n')).not.toContain('://')
})
