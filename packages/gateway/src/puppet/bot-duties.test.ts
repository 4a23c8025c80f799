import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { botRow, claimed } from '@qunhub/testing/trials/bot-trial.ts'
import type { ContactWxid, RoomWxid, UserId } from '@qunhub/wire'
import { expect, test } from 'vitest'
import type { BotAccount } from '../model/bot.ts'
import { seededRandom } from '../store/contract/scene.contract.ts'
import { MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { silentLog } from '../system/log.ts'
import { BotDuties } from './bot-duties.ts'
import { silentBotMeter } from './bot-meter.ts'
import type { HostingDeps, RosterHandlers } from './hosted-bot.ts'
import { Hosting } from './hosting.ts'
import { MoveTeller } from './move-teller.ts'
import type { BotHint } from './puppet-events.ts'
import { SyncTurns } from './sync-turns.ts'

const EVERY_MS = 30 * MINUTE_MS
const HANDLERS: RosterHandlers = {
  onAccount: async () => true,
  async onLogin() {},
  async onResync() {},
  async onHint() {},
  async onSession() {},
}

const ACCOUNT: BotAccount = {
  ...{ wxid: '788' as ContactWxid, userId: 'xiaobei' as UserId },
  ...{ nickName: '小北', avatarUrl: '', kind: 'wecom' },
}
const ROOM = 'R:1' as RoomWxid
const EVENT: BotHint = { kind: 'room-changed', roomWxid: ROOM, why: 'topic' }

/** Lets everything happen that needs no time. */
const settle = () => new Promise(resolve => setImmediate(resolve))

function stage({ handlers, everyMs = EVERY_MS }: { handlers: Partial<RosterHandlers>; everyMs?: number }) {
  const clock = new ManualClock()
  const deps: HostingDeps = {
    clock,
    random: seededRandom(7),
    log: silentLog,
    handlers: { ...HANDLERS, ...handlers },
    turns: new SyncTurns(4, { clock, idleMaxMs: 10 * SECOND_MS }),
    callDeadlineMs: SECOND_MS,
    reconnectMs: { min: 10, max: 50 },
    reconcileEveryMs: everyMs,
    mayAct: () => true,
    meter: silentBotMeter,
    teller: new MoveTeller(),
    nextSeq: () => 1,
  }
  const row = botRow('127.0.0.1:1', 'puppet_token')
  const another = () => new BotDuties(new Hosting(claimed(row), deps), deps)
  /** Of a bot whose start is over. */
  const started = () => {
    const bot = { ...claimed({ ...row, account: ACCOUNT }), starting: false }
    return new BotDuties(new Hosting(bot, deps), deps)
  }
  return { clock, another, started, turns: deps.turns }
}

test('BOT-210 with 0 minutes nobody is compared by the clock', async () => {
  const reasons: string[] = []
  const { clock, another } = stage({
    handlers: { onResync: async (_bot, reason) => void reasons.push(reason) },
    everyMs: 0,
  })
  another().enter()
  clock.advance(100 * EVERY_MS)
  await settle()
  expect(reasons).toEqual([])
})

test('BOT-210 a thousand bots that came together are compared between a quarter and three quarters of an hour later, not together', async () => {
  const bots = 1000
  const at: number[] = []
  const { clock, another } = stage({ handlers: { onResync: async () => void at.push(clock.now()) } })
  const since = clock.now()
  for (let n = 0; n < bots; n++) another().enter()
  for (let minute = 0; minute < 45; minute++) {
    clock.advance(MINUTE_MS)
    for (let n = 0; n < 5; n++) await settle()
  }
  const minutes = at.map(ms => Math.floor((ms - since) / MINUTE_MS))
  expect(Math.min(...minutes)).toBeGreaterThanOrEqual(15)
  expect(at.length).toBeGreaterThanOrEqual(bots)
  const busiest = Math.max(
    ...Map.groupBy(minutes, minute => minute)
      .values()
      .map(each => each.length),
  )
  // Evenly spread there were 33 a minute.
  expect(busiest).toBeLessThan(80)
})

test('BOT-211 however long one takes, no more than one waits, and none once the bot has left', async () => {
  let begun = 0
  const ends: (() => void)[] = []
  const { clock, another } = stage({
    handlers: {
      onResync: () => {
        begun++
        return new Promise(resolve => ends.push(resolve))
      },
    },
  })
  const duties = another()
  duties.enter()
  for (let n = 0; n < 10; n++) {
    clock.advance(2 * EVERY_MS)
    await settle()
  }
  expect(begun).toBe(1)
  ends.shift()!()
  await settle()
  expect(begun).toBe(2)

  duties.leave()
  ends.shift()!()
  clock.advance(10 * EVERY_MS)
  await settle()
  expect(begun).toBe(2)
})

test('BOT-211 an event that fails while a sync waits for its turn is found by that sync; a look that waits finds it not', async () => {
  const done: string[] = []
  const { started, turns } = stage({
    handlers: {
      onResync: async (_bot, reason) => void done.push(reason),
      onHint: async () => {
        throw new Error('the puppet is slow')
      },
    },
    everyMs: 0,
  })
  const { signal } = new AbortController()
  const taken = await Promise.all([1, 2, 3, 4].map(() => turns.take(signal)))
  const [waiting, looking] = [started(), started()]
  for (const duties of [waiting, looking]) duties.enter()
  waiting.queueResync('reconnected')
  looking.queueResync('look-again')
  await settle()
  for (const duties of [waiting, looking]) duties.hint(EVENT)
  await settle()
  waiting.queueResync('look-again')
  looking.queueResync('look-again')
  for (const turn of taken) turn!.giveBack()
  await settle()
  await Promise.all([waiting.idle(), looking.idle()])
  expect(done.sort()).toEqual(['hint-failed', 'look-again', 'reconnected'])
})

test('BOT-215 a room that cannot be seen whole is looked at seven times, ever later, and never once the bot has left', async () => {
  let looks = 0
  const { clock, another } = stage({ handlers: { onHint: async () => void looks++ } })
  const duties = another()
  const room = 'R:1' as never
  duties.lookLater(room)
  duties.enter()
  const waits: number[] = []
  for (let look = 1; look <= 7; look++) {
    duties.lookLater(room)
    const since = clock.now()
    while (looks < look) {
      clock.advance(SECOND_MS)
      await settle()
    }
    waits.push((clock.now() - since) / SECOND_MS)
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64])
  duties.lookLater(room)
  clock.advance(10 * MINUTE_MS)
  await settle()
  expect(looks).toBe(7)

  duties.leave()
  duties.enter()
  duties.lookLater(room)
  duties.leave()
  clock.advance(10 * MINUTE_MS)
  await settle()
  expect(looks).toBe(7)
})

test('BOT-215 what requests find has the room looked at once more, a second later, and takes none of the looks of a late room', async () => {
  const looks: string[] = []
  const { clock, another } = stage({
    handlers: { onHint: async (_bot, hint) => void looks.push(hint.kind === 'room-changed' ? hint.why : '') },
    everyMs: 0,
  })
  const duties = another()
  duties.enter()
  for (let request = 0; request < 20; request++) {
    duties.lookLater(ROOM, 'asked')
    if (request % 2 === 0) continue
    clock.advance(SECOND_MS)
    await settle()
  }
  expect(looks).toEqual(Array.from({ length: 10 }, () => 'asked'))
  duties.lookLater(ROOM)
  clock.advance(SECOND_MS)
  await settle()
  expect(looks.slice(10)).toEqual(['late'])
  duties.lookLater(ROOM, 'asked')
  duties.leave()
  clock.advance(SECOND_MS)
  await settle()
  expect(looks).toHaveLength(11)
})

test('BOT-251 a look that is due comes when it is due, or within a second when it is hurried; with none due, hurry begins nothing', async () => {
  const looks: number[] = []
  const { clock, another } = stage({
    handlers: { onResync: async (_bot, reason) => void (reason === 'look-again' && looks.push(clock.now())) },
    everyMs: 0,
  })
  const since = clock.now()
  const duties = another()
  duties.enter()
  const pass = async (seconds: number) => {
    for (let n = 0; n < seconds; n++) {
      clock.advance(SECOND_MS)
      await settle()
    }
  }
  duties.hurryLook()
  await pass(10)
  duties.lookAgain(64 * SECOND_MS)
  await pass(64)
  duties.lookAgain(64 * SECOND_MS)
  duties.hurryLook()
  duties.hurryLook()
  await pass(100)
  expect(looks.map(at => (at - since) / SECOND_MS)).toEqual([74, 75])

  duties.lookAgain(SECOND_MS)
  duties.leave()
  await pass(10)
  expect(looks).toHaveLength(2)
})

test('BOT-277 CB-1 an account that returns is read before its events are followed, also where a re-read from before is still ending', async () => {
  const done: string[] = []
  const end = Promise.withResolvers<void>()
  const { started } = stage({
    handlers: {
      async onResync(_bot, reason) {
        done.push(reason)
        if (reason === 'reconnected') await end.promise
      },
      onHint: async () => void done.push('event'),
    },
  })
  const duties = started()
  duties.enter()
  duties.queueResync('reconnected')
  await settle()
  duties.enter()
  duties.queueResync('returned')
  duties.hint(EVENT)
  await settle()
  expect(done).toEqual(['reconnected'])
  end.resolve()
  await settle()
  expect(done).toEqual(['reconnected', 'returned', 'event'])
})

test('BOT-277 CB-2 events are followed beside a re-read that waits for its turn, once it is known how the rooms were, which is asked once', async () => {
  const done: string[] = []
  const known = Promise.withResolvers<void>()
  const { clock, started, turns } = stage({
    handlers: {
      async beforeResync() {
        done.push('asked')
        await known.promise
        done.push('known')
      },
      async onResync() {
        done.push('re-read')
        if (done.filter(what => what === 're-read').length === 1) throw new Error('no puppet')
      },
      onHint: async () => void done.push('event'),
    },
    everyMs: 0,
  })
  const { signal } = new AbortController()
  const taken = await Promise.all([1, 2, 3, 4].map(() => turns.take(signal)))
  const duties = started()
  duties.enter()
  duties.queueResync('reconnected')
  duties.hint(EVENT)
  await settle()
  expect(done).toEqual(['asked'])
  known.resolve()
  await settle()
  expect(done).toEqual(['asked', 'known', 'event'])
  taken[0]!.giveBack()
  await settle()
  duties.hint(EVENT)
  await settle()
  clock.advance(SECOND_MS)
  await settle()
  expect(done).toEqual(['asked', 'known', 'event', 're-read', 'event', 're-read'])
})

test("BOT-278 a reconcile by the clock never counts as news, and an operator's sync always does", async () => {
  const done: string[] = []
  const mayGoOn = Promise.withResolvers<void>()
  const { started, turns } = stage({
    handlers: {
      async onResync(_bot, reason) {
        await mayGoOn.promise
        await duties.keepTurn('news')
        done.push(reason)
      },
    },
    everyMs: 0,
  })
  const take = () => turns.take(new AbortController().signal)
  for (let n = 0; n < 3; n++) await take()
  const duties = started()
  duties.enter()
  duties.queueResync('periodic')
  await settle()
  const other = take()
  mayGoOn.resolve()
  await settle()
  expect(done).toEqual([])
  ;(await other)!.giveBack()
  await settle()
  expect(done).toEqual(['periodic'])
  await duties.sync(async () => {
    take().then(() => done.push('other'))
    await duties.keepTurn('known')
    done.push('asked')
  })
  await settle()
  expect(done).toEqual(['periodic', 'asked', 'other'])
})
