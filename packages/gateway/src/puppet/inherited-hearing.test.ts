import type { Timers } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { becomes, botRow, claimed, hears, openTrial } from '@qunhub/testing/trials/bot-trial.ts'
import { expect, type TestContext, test } from 'vitest'
import { type BotPast, deafnessOf, NO_PAST } from '../model/bot.ts'
import { SECOND_MS } from '../system/clock.ts'
import { PROVE_MAX_MS, UNHEARD_MAX_MS } from './hearing-watch.ts'

/** Both ends go by this clock, so that heartbeats come in moved time, too. */
const timersOf = (clock: ManualClock): Timers => ({
  after: (ms, run) => clock.after(ms, run),
  every(ms, run) {
    let callOff = clock.after(ms, tick)
    function tick() {
      callOff = clock.after(ms, tick)
      run()
    }
    return () => callOff()
  },
})

/** A gateway that begins, with what the one before it left, on a puppet that tells heartbeats and nothing else. */
async function beginDeaf({ onTestFinished }: TestContext, past: Partial<BotPast>) {
  const clock = new ManualClock()
  const answered: string[] = []
  const handlers = { onDingAnswered: async () => void answered.push('answered') }
  const trial = await openTrial({ clock, timers: timersOf(clock), handlers })
  onTestFinished(() => trial.close())
  trial.simulator.faults.add({ on: 'stream', mode: 'heartbeat-only' })
  const { token } = trial.world.addBot({ userId: 'xiaobei' })
  const row = botRow(trial.simulator.endpoint, token)
  const bot = trial.roster.add({ ...claimed(row), past: { ...NO_PAST, ...past } })
  const passUntil = async (what: string, isSo: () => boolean) => {
    const from = clock.now()
    let looks = 0
    await eventually(
      what,
      () => {
        if (isSo()) return true
        if (++looks % 3 === 0) clock.advance(SECOND_MS)
        return false
      },
      30_000,
    )
    return clock.now() - from
  }
  return { trial, clock, bot, passUntil, answered }
}

test('BOT-263 a bot that is deaf when the gateway starts is found deaf: that its puppet answers dings is known from before', async context => {
  const { trial, bot, passUntil } = await beginDeaf(context, { answersDings: true })
  await hears(trial, 'login')
  const took = await passUntil('the bot to be found deaf', () => deafnessOf(bot.session) !== null)
  expect(took).toBeLessThanOrEqual(UNHEARD_MAX_MS + 5 * SECOND_MS)
  trial.simulator.faults.clear()
  await passUntil('the bot to hear again', () => bot.session.state === 'online')
})

test('BOT-263 a bot that was deaf when the gateway was killed is never online before it has proved that it hears, and is deaf since then', async context => {
  const since = Date.UTC(2026, 10, 22)
  const { trial, bot, passUntil } = await beginDeaf(context, { answersDings: true, deafSince: since })
  const took = await passUntil('the bot to be deaf', () => deafnessOf(bot.session) !== null)
  expect(took).toBeLessThanOrEqual(PROVE_MAX_MS + 10 * SECOND_MS)
  expect(deafnessOf(bot.session)).toEqual({ since, stage: 'start-again' })
  expect(trial.sessions.map(({ state }) => state)).not.toContain('online')
  expect(trial.roster.claims()).toMatchObject([{ past: { answersDings: true, deafSince: since } }])
  trial.simulator.faults.clear()
  await passUntil('the bot to hear again', () => bot.session.state === 'online')
})

test('BOT-263 one that has never answered is dinged every minute though heartbeats come, until it does, and that is told once', async context => {
  const { trial, clock, bot, passUntil, answered } = await beginDeaf(context, {})
  await becomes(bot, 'online')
  const until = clock.now() + UNHEARD_MAX_MS + 60 * SECOND_MS
  await passUntil('two minutes and a half', () => clock.now() >= until)
  expect(bot.session.state).toBe('online')
  expect(answered).toEqual([])
  trial.simulator.faults.clear()
  await passUntil('the answer', () => answered.length > 0)
  trial.simulator.faults.add({ on: 'stream', mode: 'heartbeat-only' })
  const took = await passUntil('the bot to be found deaf', () => deafnessOf(bot.session) !== null)
  expect(took).toBeLessThanOrEqual(UNHEARD_MAX_MS + 5 * SECOND_MS)
  expect(answered).toEqual(['answered'])
})
