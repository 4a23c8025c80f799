import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { FaultInput, Timers } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { becomes, hears, openTrial } from '@qunhub/testing/trials/bot-trial.ts'
import { expect, type TestContext, test } from 'vitest'
import { deafnessOf, NO_PAST } from '../model/bot.ts'
import { MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { DOUBT_MAX_MS } from './event-stream.ts'
import {
  Hearing,
  OPERATOR_WAIT_MS,
  PROBATION_MIN_MS,
  STABLE_MS,
  START_AGAIN_TRIES_MAX,
  START_AGAIN_WAIT_MS,
} from './hearing.ts'
import { PROVE_MAX_MS, UNHEARD_MAX_MS } from './hearing-watch.ts'
import { PuppetTimeout, PuppetUnavailable } from './puppet-failures.ts'
import type { HearingNews, HostedBot } from './roster.ts'

/** Both ends go by this clock, so that heartbeats come in moved time, too. */
const timersOf = (clock: ManualClock): Timers => {
  const every = (ms: number, run: () => void): (() => void) => {
    let callOff = clock.after(ms, tick)
    function tick() {
      callOff = clock.after(ms, tick)
      run()
    }
    return () => callOff()
  }
  return { after: (ms, run) => clock.after(ms, run), every }
}

/** A bot that is online on a moved clock, its puppet known to answer dings, and all the news of its hearing. */
async function openHearing({ onTestFinished }: TestContext) {
  const clock = new ManualClock()
  const news: HearingNews[] = []
  const toldAt: number[] = []
  const onHearing = (_bot: HostedBot, each: HearingNews) => {
    news.push(each)
    toldAt.push(clock.now())
  }
  const handlers = { onHearing }
  const trial = await openTrial({ clock, timers: timersOf(clock), handlers })
  onTestFinished(() => trial.close())
  const { world, simulator, sessions } = trial
  const simulated = world.addBot({ userId: 'xiaobei' })
  const bot = trial.host(simulated)
  await hears(trial, 'login')
  // The stream keeps its order: what was said before this answer has arrived, the first dong included.
  await bot.listRooms()
  return { trial, clock, news, toldAt, bot, simulated, world, simulator, sessions, faults: simulator.faults }
}
type Scene = Awaited<ReturnType<typeof openHearing>>

/** Real time for each moved second, in looks of 5 ms. More where what the two ends say has to cross a socket in time. */
const HASTE = 1
const CARE = 3
/** However slow the machine is: what one end has written, the other one reads a tick of the event loop later. */
const TURNS_PER_LOOK = 15

/** Moves on, a second at a time, until it is so; returns how long it took. */
async function passUntil(
  { clock }: Pick<Scene, 'clock'>,
  what: string,
  isSo: () => boolean,
  looksPerSecond = CARE,
): Promise<number> {
  const from = clock.now()
  let looks = 0
  await eventually(what, async () => {
    for (let turn = 0; turn < TURNS_PER_LOOK; turn++) await yieldToLoop()
    if (isSo()) return true
    if (++looks % looksPerSecond === 0) clock.advance(SECOND_MS)
    return false
  })
  return clock.now() - from
}

const pass = (scene: Pick<Scene, 'clock'>, ms: number, looksPerSecond?: number): Promise<number> => {
  const until = scene.clock.now() + ms
  return passUntil(scene, `${ms} ms`, () => scene.clock.now() >= until, looksPerSecond)
}

/** How long a bot that has just gone deaf still looks online. */
const timeUntilDeaf = (scene: Scene) =>
  passUntil(scene, 'the bot to be found deaf', () => scene.bot.session.state !== 'online')

const stagesOf = (news: readonly HearingNews[]) => news.map(({ kind, deaf }) => `${kind} ${deaf.stage}`)
const stageOf = ({ bot }: Scene) => deafnessOf(bot.session)?.stage

test.concurrent('BOT-180 a puppet that opens no stream is told to start all the same, and never to stop', async context => {
  const scene = await openHearing(context)
  const { faults } = scene
  faults.add({ on: 'stream', mode: 'freeze' })
  // They count the calls that are made.
  faults.add({ on: 'start', mode: 'refuse', times: 100 })
  for (const on of ['stop', 'logout'] as const) faults.add({ on, mode: 'refuse', times: 100 })
  const made = (call: string) => 100 - faults.list().find(({ on }) => on === call)!.times!

  await passUntil(scene, 'the second stage', () => stageOf(scene) === 'start-again', HASTE)
  expect(made('start')).toBe(0)
  await passUntil(scene, 'the last stage', () => stageOf(scene) === 'operator', HASTE)
  expect(made('start')).toBe(START_AGAIN_TRIES_MAX)
  expect([made('stop'), made('logout')]).toEqual([0, 0])
  expect(scene.simulated.state).toBe('online')
})

const silent = 'the stream fell silent'
const unheard = 'the stream lives, but no events come'

test.concurrent.for<[string, string, readonly FaultInput[]]>([
  [
    'a frozen stream and no answer to any ding',
    silent,
    [
      { on: 'stream', mode: 'freeze' },
      { on: 'ding', mode: 'hang' },
    ],
  ],
  ['a frozen stream, although the ding itself is answered', silent, [{ on: 'stream', mode: 'freeze' }]],
  ['a stream on which nothing comes any more', silent, [{ on: 'stream', mode: 'greeting-only' }]],
  [
    'heartbeats only, although the ding itself is answered',
    unheard,
    [{ on: 'stream', mode: 'heartbeat-only' }],
  ],
  [
    'heartbeats only, and a ding that hangs',
    unheard,
    [
      { on: 'stream', mode: 'heartbeat-only' },
      { on: 'ding', mode: 'hang' },
    ],
  ],
  [
    'heartbeats, but neither events nor dongs, and a ding that is refused',
    unheard,
    [
      { on: 'events', mode: 'drop' },
      { on: 'ding', mode: 'refuse' },
    ],
  ],
])(
  'BOT-181 with %s the bot is not online within two minutes, and says since when it is deaf',
  async ([, reason, faults], context) => {
    const scene = await openHearing(context)
    const { bot, clock, world, simulated, news } = scene
    const deafAt = clock.now()
    for (const fault of faults) scene.faults.add(fault)
    world.addRoom({ ownerId: simulated.wxid, members: [world.addContact().wxid] })

    expect(await timeUntilDeaf(scene)).toBeLessThan(2 * MINUTE_MS)
    expect(bot.session).toMatchObject({ reason, deaf: { stage: 'new-stream' } })
    expect(deafnessOf(bot.session)!.since).toBeLessThanOrEqual(deafAt + 15 * SECOND_MS)
    expect(stagesOf(news)).toEqual(['deaf new-stream'])
    await expect(bot.listRooms()).rejects.toThrow(PuppetUnavailable)
  },
)

test.concurrent('BOT-163 a call that times out is a reason to doubt: a frozen puppet is not online 10 s later', async context => {
  const scene = await openHearing(context)
  scene.faults.add({ on: 'stream', mode: 'freeze' })
  scene.faults.add({ on: 'ding', mode: 'hang' })
  scene.faults.add({ on: 'roomList', mode: 'hang' })
  await expect(scene.bot.listRooms()).rejects.toThrow(PuppetTimeout)
  expect(await timeUntilDeaf(scene)).toBeLessThanOrEqual(DOUBT_MAX_MS + 2 * SECOND_MS)
})

test.concurrent('BOT-163 a puppet that hangs on one call and answers the ding stays online', async context => {
  const scene = await openHearing(context)
  scene.faults.add({ on: 'roomList', mode: 'hang' })
  await expect(scene.bot.listRooms()).rejects.toThrow(PuppetTimeout)
  await pass(scene, 3 * DOUBT_MAX_MS)
  expect(scene.bot.session.state).toBe('online')
  expect(scene.sessions.filter(({ state }) => state === 'online')).toHaveLength(1)
})

test.concurrent('BOT-182 a deaf bot is healed in stages: a new stream, then a start before it, then an operator every minute', async context => {
  const scene = await openHearing(context)
  const { news, toldAt, sessions, simulated } = scene
  scene.faults.add({ on: 'stream', mode: 'greeting-only' })
  await timeUntilDeaf(scene)
  await passUntil(scene, 'the last stage', () => stageOf(scene) === 'operator', HASTE)
  const tries = START_AGAIN_TRIES_MAX * (START_AGAIN_WAIT_MS + PROVE_MAX_MS)
  const [, startAgainAt, operatorAt] = toldAt
  expect(operatorAt! - startAgainAt!).toBeGreaterThanOrEqual(tries - SECOND_MS)
  expect(stagesOf(news)).toEqual(['deaf new-stream', 'next-stage start-again', 'next-stage operator'])

  await pass(scene, 2 * (OPERATOR_WAIT_MS + PROVE_MAX_MS), HASTE)
  expect(stageOf(scene)).toBe('operator')
  // Every new stream greeted it with its login, and it was not online for a moment.
  expect(sessions.filter(({ state }) => state === 'online')).toHaveLength(1)
  // Asked to stop, the account would have been logged out.
  expect(simulated.state).toBe('online')

  scene.faults.clear()
  await passUntil(scene, 'the bot to hear again', () => scene.bot.session.state === 'online')
  expect(stagesOf(news).slice(3)).toEqual(['hears-again operator'])
  await hears(scene.trial, 'resync reconnected')
})

test.concurrent('BOT-183 a puppet that answers again is heard at once: one proof ends the first deafness', async context => {
  const scene = await openHearing(context)
  scene.faults.add({ on: 'stream', mode: 'heartbeat-only' })
  await timeUntilDeaf(scene)
  scene.faults.clear()
  expect(
    await passUntil(scene, 'the bot to be online', () => scene.bot.session.state === 'online'),
  ).toBeLessThan(PROVE_MAX_MS)
  expect(stagesOf(scene.news)).toEqual(['deaf new-stream', 'hears-again new-stream'])
  expect(deafnessOf(scene.bot.session)).toBeNull()
  await hears(scene.trial, 'resync reconnected')
})

test.concurrent('BOT-183 a puppet that was frozen for minutes is heard soon after it thaws', async context => {
  const scene = await openHearing(context)
  scene.faults.add({ on: 'stream', mode: 'freeze' })
  await pass(scene, 4 * MINUTE_MS, HASTE)
  expect(stageOf(scene)).toBe('operator')
  scene.faults.clear()
  const took = await passUntil(
    scene,
    'the bot to be online',
    () => scene.bot.session.state === 'online',
    HASTE,
  )
  expect(took).toBeLessThan(20 * SECOND_MS)
})

test.concurrent('BOT-184 who relapses begins a stage later, and must hear for a minute before it is online again', async context => {
  const scene = await openHearing(context)
  const { faults, bot, news } = scene
  const fallSilent = () => faults.add({ on: 'stream', mode: 'greeting-only' })
  const isOnline = () => bot.session.state === 'online'
  fallSilent()
  await timeUntilDeaf(scene)
  faults.clear()
  await passUntil(scene, 'the bot to be online', isOnline)

  fallSilent()
  await timeUntilDeaf(scene)
  expect(stageOf(scene)).toBe('start-again')
  faults.clear()
  expect(await passUntil(scene, 'the bot to be online', isOnline)).toBeGreaterThanOrEqual(
    START_AGAIN_WAIT_MS + PROBATION_MIN_MS,
  )
  expect(stagesOf(news).slice(2)).toEqual(['deaf start-again', 'hears-again start-again'])
})

test.concurrent('BOT-185 a puppet that falls silent again after every proof is not online any more, and is tried without end but slowly', async context => {
  const scene = await openHearing(context)
  const { faults, clock, news } = scene
  let onlineMs = 0
  const from = clock.now()
  // Deaf for 45 s out of every 60: each new stream answers its first ding, and falls silent before the probation is over.
  await passUntil(
    scene,
    'twelve minutes',
    () => {
      const isDeaf = faults.list().length > 0
      const shouldBeDeaf = (clock.now() - from) % MINUTE_MS < 45 * SECOND_MS
      if (shouldBeDeaf && !isDeaf) faults.add({ on: 'stream', mode: 'greeting-only' })
      if (!shouldBeDeaf && isDeaf) faults.clear()
      return clock.now() - from >= 12 * MINUTE_MS
    },
    HASTE,
  )
  for (const [index, session] of scene.sessions.entries()) {
    if (session.state !== 'online') continue
    const next = scene.sessions[index + 1]
    onlineMs += (next && 'since' in next ? next.since : clock.now()) - Math.max(session.since, from)
  }
  expect(onlineMs).toBeLessThan(4 * MINUTE_MS)
  expect(stageOf(scene)).toBe('operator')
  expect(news.length).toBeLessThan(10)
})

test('BOT-186 after ten minutes of hearing a deafness is a first one again', () => {
  const hearing = new Hearing(NO_PAST)
  const fall = (at: number) => hearing.fail(at, at)?.deaf.stage
  expect(fall(0)).toBe('new-stream')
  expect(hearing.hear(1)?.kind).toBe('hears-again')
  expect(fall(1 + STABLE_MS)).toBe('new-stream')
  expect(hearing.hear(2 + STABLE_MS)?.kind).toBe('hears-again')
  expect(fall(1 + 2 * STABLE_MS)).toBe('start-again')
})

test('BOT-187 the probation doubles with every relapse, up to eight minutes', () => {
  const hearing = new Hearing(NO_PAST)
  let now = 0
  const probations = Array.from({ length: 6 }, () => {
    hearing.fail(now, now)
    hearing.beginStream()
    const from = now
    while (hearing.hear(now) === null) now += SECOND_MS
    return (now - from) / MINUTE_MS
  })
  expect(probations).toEqual([0, 1, 2, 4, 8, 8])
})

test.concurrent.for<[string, FaultInput[]]>([
  ['answers the call and nothing else', []],
  ['refuses the call', [{ on: 'ding', mode: 'refuse' }]],
])(
  'BOT-188 a puppet that never answered a ding is believed as long as its stream lives: it %s',
  async ([, faults], { onTestFinished }) => {
    const clock = new ManualClock()
    const trial = await openTrial({ clock, timers: timersOf(clock) })
    onTestFinished(() => trial.close())
    const simulated = trial.world.addBot({ userId: 'xiaobei' })
    for (const fault of [{ on: 'stream', mode: 'heartbeat-only' } as const, ...faults])
      trial.simulator.faults.add(fault)
    const bot = trial.host(simulated)
    await hears(trial, 'login')
    await pass({ clock }, UNHEARD_MAX_MS + 15 * SECOND_MS)
    expect(bot.session.state).toBe('online')
  },
)

test.concurrent('BOT-189 an account that is not logged in cannot be deaf', async context => {
  const scene = await openHearing(context)
  scene.world.setBotState(scene.simulated.wxid, 'logged-out')
  await becomes(scene.bot, 'logged-out')
  scene.faults.add({ on: 'stream', mode: 'heartbeat-only' })
  await pass(scene, 2 * UNHEARD_MAX_MS, HASTE)
  expect(scene.bot.session.state).toBe('logged-out')
  expect(scene.news).toEqual([])
})

test.concurrent('BOT-189 a deaf bot that turns out to be logged out is logged out, and its next login needs no more proof', async context => {
  const scene = await openHearing(context)
  const { faults, bot, world, simulated } = scene
  // A relapse, so that it would be on probation for a minute.
  faults.add({ on: 'stream', mode: 'greeting-only' })
  await timeUntilDeaf(scene)
  faults.clear()
  await passUntil(scene, 'the bot to be online', () => bot.session.state === 'online')
  faults.add({ on: 'stream', mode: 'greeting-only' })
  await timeUntilDeaf(scene)

  world.setBotState(simulated.wxid, 'awaiting-scan')
  await passUntil(scene, 'the code to scan', () => bot.session.state === 'awaiting-scan')
  expect(stagesOf(scene.news).at(-1)).toBe('hears-again start-again')
  faults.clear()
  world.setBotState(simulated.wxid, 'online')
  await becomes(bot, 'online')
})
