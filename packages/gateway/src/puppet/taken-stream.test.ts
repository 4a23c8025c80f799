import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { openRival } from '@qunhub/testing/rival-client.ts'
import { becomes, botRow, claimed, hears, openTrial, type Trial } from '@qunhub/testing/trials/bot-trial.ts'
import { afterEach, expect, test } from 'vitest'
import { NO_PAST } from '../model/bot.ts'
import { SECOND_MS } from '../system/clock.ts'
import type { HostedBot } from './roster.ts'

let trial: Trial | undefined
afterEach(() => trial?.close())

/**
 * A bot that is online on a moved clock. `lose` takes its stream away and has the slot taken in the same moment, as by
 * the stream itself, of whose end the puppet has not heard.
 */
async function openScene() {
  const clock = new ManualClock()
  trial = await openTrial({ clock })
  const { host, simulator, world, sessions } = trial
  const simulated = world.addBot({ userId: 'xiaobei' })
  const bot = host(simulated)
  await hears(trial, 'login')
  const take = async () => {
    const held = openRival(simulator.endpoint, simulated.token)
    expect(await held.holds).toBe(true)
    return held
  }
  return {
    ...{ clock, bot, simulated, take, another: trial.another },
    async lose() {
      await simulator.restartServer({ downMs: 0 })
      await becomes(bot, 'reconnecting')
      return take()
    },
    states: () => sessions.map(({ state }) => state),
    tries: () => simulator.asked.of(simulated.wxid).event ?? 0,
  }
}

/** Moves on to the bot's next try, waits for its outcome, and says how long the bot had waited. */
async function nextTry(clock: ManualClock, bot: HostedBot, tries: () => number): Promise<number> {
  const waitMs = clock.nextIn() ?? 0
  const before = tries()
  const { session } = bot
  clock.advance(waitMs)
  await eventually('another try', () => tries() > before && bot.session !== session)
  return waitMs
}

test('BOT-260 while the puppet may still hold our own lost stream the bot is reconnecting, tried again after 1, 2 and 4 s, and back when it lets go', async () => {
  const { bot, clock, lose, states, tries } = await openScene()
  const held = await lose()
  await nextTry(clock, bot, tries)
  expect(bot.session).toMatchObject({
    state: 'reconnecting',
    reason: 'the puppet still holds the last stream',
  })
  const waits = [await nextTry(clock, bot, tries), await nextTry(clock, bot, tries)]
  held.leave()
  waits.push(await nextTry(clock, bot, tries))
  expect(waits).toEqual([SECOND_MS, 2 * SECOND_MS, 4 * SECOND_MS])
  await becomes(bot, 'online')
  expect(states()).not.toContain('occupied')
})

test('BOT-260 a slot that stays taken for 15 s after our own stream is somebody else`s: occupied, looked at every 8 s until 90 s are over, and then every 30 s', async () => {
  const { bot, clock, lose, tries } = await openScene()
  const lostAt = clock.now()
  await lose()
  await nextTry(clock, bot, tries)
  while (bot.session.state !== 'occupied') await nextTry(clock, bot, tries)
  expect(clock.now() - lostAt).toBeGreaterThanOrEqual(15 * SECOND_MS)
  expect(clock.now() - lostAt).toBeLessThan(16 * SECOND_MS)

  const waits: number[] = []
  while (clock.now() - lostAt < 150 * SECOND_MS) waits.push(await nextTry(clock, bot, tries))
  expect([...new Set(waits)]).toEqual([8 * SECOND_MS, 30 * SECOND_MS])
})

test('BOT-260 so it is with the process after one that was killed: its first code 6 may be the stream that the other left', async () => {
  const { another, simulated, clock } = await openScene()
  const before = trial!.roster
  const next = another({ clock })
  const row = botRow(trial!.simulator.endpoint, simulated.token)
  const bot = next.roster.add({ ...claimed(row), past: { ...NO_PAST, hadStream: true } })
  await becomes(bot, 'reconnecting')
  await before.stop()
  await eventually('the bot to be back', () => {
    clock.advance(SECOND_MS)
    return bot.session.state === 'online'
  })
  expect(next.sessions.map(({ state }) => state)).not.toContain('occupied')
  // It hands on what it was left with.
  expect(next.roster.claims()).toMatchObject([
    { past: { hadStream: true }, bot: { account: { userId: 'xiaobei' } } },
  ])
})
