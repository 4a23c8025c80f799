import { inspect } from 'node:util'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { becomes, hears, openTrial, type RosterOptions } from '@qunhub/testing/trials/bot-trial.ts'
import { expect, onTestFinished, test } from 'vitest'
import { VERIFY_WITHIN_MS } from '../model/verification.ts'
import { silentLog } from '../system/log.ts'
import { Verifications } from './login/verifications.ts'
import { PuppetUnavailable } from './puppet-failures.ts'

/** A bot that is online, and what was told of its verifications. */
async function onlineBot(options: RosterOptions = {}) {
  const told: string[] = []
  const handlers: RosterOptions['handlers'] = {
    onVerification: (_bot, { kind, verification }) => void told.push(`${kind} ${verification.progress}`),
  }
  const trial = await openTrial({ ...options, handlers })
  onTestFinished(() => trial.close())
  const simulated = trial.world.addBot({ userId: 'xiaobei' })
  const bot = trial.host(simulated)
  await hears(trial, 'login')
  const { wxid } = simulated
  const shows = (progress: string | undefined) =>
    eventually(`a verification that is ${progress}`, () => bot.verification?.progress === progress)
  return { ...trial, wxid, bot, told, shows }
}

test('BOT-264 a verification is shown while the account is online, stays online meanwhile, and is done when it is confirmed', async () => {
  const { world, wxid, bot, told, shows, sessions } = await onlineBot()
  world.askToVerify(wxid)
  await shows('waiting')
  expect(bot.verification).toMatchObject({ by: 'scan', text: `qunhub-simulator://verify/${wxid}/1` })
  world.verify(wxid, 'scanned')
  await shows('scanned')
  expect(bot.session.state).toBe('online')
  world.verify(wxid, 'confirmed')
  await shows(undefined)
  expect(told).toEqual(['asked waiting', 'done scanned'])
  expect(sessions.map(({ state }) => state)).toEqual(['connecting', 'online'])
})

test('BOT-264 after a logout it is shown likewise, whoever wants to log in does not begin anew meanwhile, and the login ends it', async () => {
  const { world, wxid, bot, told, shows, roster, simulator } = await onlineBot()
  world.setBotState(wxid, 'logged-out')
  world.askToVerify(wxid)
  await shows('waiting')
  await becomes(bot, 'logged-out')
  const asked = simulator.asked.of(wxid).start
  roster.askForLogin(bot)
  world.verify(wxid, 'confirmed')
  await becomes(bot, 'online')
  expect(simulator.asked.of(wxid).start).toBe(asked)
  expect(bot.verification).toBeNull()
  expect(told).toEqual(['asked waiting', 'done waiting'])
})

test('BOT-264 one that is told of before the logout that it belongs to stays, and so does one that comes before the account could be read', async () => {
  const { world, wxid, bot, told, shows, simulator, roster } = await onlineBot()
  world.askToVerify(wxid)
  world.setBotState(wxid, 'logged-out')
  await becomes(bot, 'logged-out')
  expect(bot.verification).toMatchObject({ progress: 'waiting' })

  simulator.faults.add({ on: 'contactPayload', mode: 'refuse', times: 3 })
  world.setBotState(wxid, 'online')
  world.askToVerify(wxid)
  await becomes(bot, 'online')
  expect(bot.verification).toMatchObject({ progress: 'waiting' })
  expect(told).toEqual(['asked waiting', 'done waiting', 'asked waiting'])
  await roster.logOut(bot)
  await shows(undefined)
})

test('BOT-264 several quickly: the newest is shown; the same one told twice is no news', async () => {
  const { world, wxid, bot, told, shows } = await onlineBot()
  for (let times = 0; times < 3; times += 1) world.askToVerify(wxid)
  world.tell({ type: 'verification', wxid })
  await eventually('the newest', () => bot.verification?.text.endsWith('/3') === true)
  world.verify(wxid, 'cancelled')
  await shows('cancelled')
  expect(told).toEqual(['asked waiting', 'asked waiting', 'asked waiting', 'over cancelled'])
})

test('BOT-264 one that nobody does is over after two minutes, counted from its newest code', () => {
  const clock = new ManualClock()
  const told: string[] = []
  const verifications = new Verifications({ clock, tell: ({ kind }) => void told.push(kind) })
  const ask = (text: string) =>
    verifications.hear({ by: 'scan', text, id: '', message: '', progress: 'waiting' })
  ask('a')
  clock.advance(VERIFY_WITHIN_MS - 1)
  ask('b')
  clock.advance(VERIFY_WITHIN_MS - 1)
  expect(verifications.pending).toMatchObject({ text: 'b' })
  clock.advance(1)
  expect(verifications.pending).toBeNull()
  expect(verifications.current).toMatchObject({ text: 'b', progress: 'timed-out' })
  // How somebody got on with one that is over asks for nothing.
  verifications.hear({ by: 'scan', text: 'b', id: '', message: '', progress: 'confirmed' })
  verifications.end('over')
  expect(told).toEqual(['asked', 'asked', 'over'])
  expect(clock.nextIn()).toBeUndefined()
})

test('BOT-264 one whose connection is lost is over', async () => {
  const { world, wxid, told, shows, simulator } = await onlineBot()
  world.askToVerify(wxid)
  await shows('waiting')
  await simulator.restartServer({ downMs: 0 })
  await shows(undefined)
  expect(told).toEqual(['asked waiting', 'over waiting'])
})

test('BOT-264 a code to log in with takes the place of a verification', async () => {
  const { world, wxid, bot, shows } = await onlineBot()
  world.setBotState(wxid, 'logged-out')
  world.askToVerify(wxid)
  await shows('waiting')
  world.setBotState(wxid, 'awaiting-scan')
  await becomes(bot, 'awaiting-scan')
  expect(bot.verification).toBeNull()
})

test('BOT-266 a code is typed in: a wrong one is told, the right one logs in, and where none is asked for it is refused', async () => {
  const { world, wxid, bot, shows, roster } = await onlineBot()
  await expect(roster.enterCode(bot, '246810')).rejects.toThrow(PuppetUnavailable)
  world.setBotState(wxid, 'logged-out')
  world.askToVerify(wxid, 'code')
  await shows('waiting')
  expect(bot.verification).toMatchObject({ by: 'code', message: '验证码已发送到账号的手机' })
  await roster.enterCode(bot, '000000')
  await shows('wrong-code')
  await roster.enterCode(bot, '246810')
  await becomes(bot, 'online')
})

test('BOT-101 BOT-264 what is to be scanned or typed in stands in no line of the log', async () => {
  const lines: string[] = []
  const note = (facts: object, sentence: string) => void lines.push(`${inspect(facts)} ${sentence}`)
  const { world, wxid, shows, roster, bot } = await onlineBot({
    log: { ...silentLog, info: note, warn: note },
  })
  world.askToVerify(wxid)
  await shows('waiting')
  world.askToVerify(wxid, 'code')
  await eventually('the code', () => bot.verification?.by === 'code')
  await roster.enterCode(bot, '135791')
  await shows('wrong-code')
  expect(lines.join('\n')).toContain('WeCom wants a verification')
  expect(lines.join('\n')).not.toMatch(/verify\/|135791/)
})
