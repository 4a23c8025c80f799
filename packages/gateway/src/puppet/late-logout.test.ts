import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { becomes, hears, openTrial, type RosterOptions } from '@qunhub/testing/trials/bot-trial.ts'
import { expect, onTestFinished, test } from 'vitest'
import { SECOND_MS } from '../system/clock.ts'

/** A bot that is hosted, and a puppet that may tell of its logout although it is logged in. */
async function hostedBot(options: RosterOptions = {}) {
  const clock = new ManualClock()
  const trial = await openTrial({ clock, ...options })
  onTestFinished(() => trial.close())
  const { world, simulator } = trial
  const simulated = world.addBot({ userId: 'xiaobei' })
  const { wxid } = simulated
  return {
    ...trial,
    simulated,
    clock,
    bot: trial.host(simulated),
    set: (state: 'online' | 'logged-out' | 'awaiting-scan') => world.setBotState(wxid, state),
    tellLate() {
      simulated.state = 'logged-out'
      world.tell({ type: 'bot-state', wxid, state: 'logged-out', before: 'online' })
      simulated.state = 'online'
    },
    asked: () => simulator.asked.of(wxid).currentUser ?? 0,
    states: () => trial.sessions.map(({ state }) => state),
  }
}

/** Lets time pass a second at a time, so that what is asked over the socket is answered on the way. */
async function pass(clock: ManualClock, seconds: number) {
  for (let passed = 0; passed < seconds; passed += 1) {
    clock.advance(SECOND_MS)
    await new Promise(resolve => setImmediate(resolve))
  }
}

test('BOT-282 a logout that is told once more, when its account is back: the puppet is asked, and the bot stays online', async () => {
  const { heard, sessions, bot, clock, set, tellLate, asked, states } = await hostedBot()
  await hears({ heard }, 'login')
  set('logged-out')
  await becomes(bot, 'logged-out')
  set('online')
  await hears({ heard }, 'resync returned')
  await eventually('all of it is told', () => sessions.at(-1)?.state === 'online')
  const before = asked()
  for (let times = 0; times < 3; times += 1) tellLate()
  await eventually('the puppet is asked', () => asked() > before)
  await bot.listRooms()
  await pass(clock, 60)
  await bot.listRooms()
  expect(bot.session.state).toBe('online')
  expect(states()).toEqual(['connecting', 'online', 'logged-out', 'online'])
  expect(heard).toEqual(['login', 'resync returned'])
})

test('BOT-282 while the login that came after it is under way, a late one calls nothing off', async () => {
  const accountKept = Promise.withResolvers<boolean>()
  const { heard, bot, tellLate, asked, simulator, simulated } = await hostedBot({
    handlers: { onAccount: () => accountKept.promise },
  })
  await eventually('the account is read', () => simulator.asked.of(simulated.wxid).contactPayload === 1)
  tellLate()
  await eventually('the puppet is asked', () => asked() === 1)
  accountKept.resolve(true)
  await hears({ heard }, 'login')
  expect(bot.session.state).toBe('online')
})

test.each(['hang', 'refuse'] as const)(
  'BOT-282 a puppet that does not say who is logged in (%s) is believed, and so is the code that it tells of then',
  async mode => {
    const { heard, bot, set, simulator, states } = await hostedBot()
    await hears({ heard }, 'login')
    simulator.faults.add({ on: 'currentUser', mode, times: 1 })
    set('awaiting-scan')
    await becomes(bot, 'awaiting-scan')
    await eventually('all of it is told', () => states().at(-1) === 'awaiting-scan')
    expect(states()).toEqual(['connecting', 'online', 'logged-out', 'awaiting-scan'])
  },
)

test('BOT-282 a puppet that tells of a logout before it knows of it itself is asked again after 10 s', async () => {
  const { heard, bot, clock, tellLate, asked, simulated } = await hostedBot()
  await hears({ heard }, 'login')
  tellLate()
  await eventually('the puppet is asked', () => asked() === 1)
  await bot.listRooms()
  simulated.state = 'logged-out'
  await eventually('it is logged out', () => {
    clock.advance(SECOND_MS)
    return bot.session.state === 'logged-out'
  })
  expect(bot.session).toMatchObject({ reason: '账号已退出登录' })
})

test('BOT-282 who logs in again before the puppet has said anything returns, and what happened meanwhile is found', async () => {
  const { heard, bot, set, states } = await hostedBot()
  await hears({ heard }, 'login')
  set('logged-out')
  set('online')
  await hears({ heard }, 'resync returned')
  expect(bot.session.state).toBe('online')
  expect(states()).not.toContain('logged-out')
})
