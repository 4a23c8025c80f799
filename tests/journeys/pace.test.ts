import type { Bot, Room } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Log } from '../../packages/gateway/src/system/log.ts'

let house: House
let bot: Bot
const clock = new ManualClock()
const STEP_MS = 20_000
const WALK_MS = 4000
const PACE_MS = 400
const warnings: string[] = []
const told: string[] = []
const log: Log = {
  debug() {},
  info: (_facts, sentence) => void told.push(sentence),
  warn: (_facts, sentence) => void warnings.push(sentence),
  error() {},
}

beforeAll(async () => {
  house = await openHouse({ clock, log })
  bot = house.world.addBot({ userId: 'xiaobei' })
  await house.host(bot)
})
afterAll(() => house.close())

const room = (): Room =>
  house.world.addRoom({
    ownerId: house.world.addCoworker().wxid,
    members: [bot.wxid, house.world.addContact().wxid],
  })
const add = (to: Room) =>
  house.post('/room/addMember', {
    botUserId: 'xiaobei',
    contactWxid: house.world.addContact({ friendOf: [bot.wxid] }).wxid,
    roomWxid: to.wxid,
  })
const tooMany = () => warnings.filter(sentence => sentence.includes('more additions within a minute'))

/**
 * Lets time pass in steps, each with an event that is heard: a stream that is silent for long would be given up. The
 * end of the way is walked, because where several nodes share a store a leap is a moment in which this one did not beat.
 */
async function pass(ms: number): Promise<void> {
  const known = room()
  for (let left = ms - WALK_MS; left > 0; left -= STEP_MS) {
    clock.advance(Math.min(left, STEP_MS))
    house.world.setTopic(known.wxid, `还剩 ${left}`)
    await eventually('the event is heard', async () =>
      (await house.get('/room/listByMHTag')).text.includes(`还剩 ${left}`),
    )
  }
  await walk(Math.min(ms, WALK_MS))
}

/** Slower than a node beats. */
async function walk(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= PACE_MS) {
    clock.advance(Math.min(left, PACE_MS))
    // Time for a beat to reach the store.
    for (let looks = 0; looks < 3; looks++) await house.send('/ready')
  }
  await isReady()
}

const isReady = () =>
  eventually('the node to be ready', async () => (await house.send('/ready')).status === 200)

async function addFifty(): Promise<void> {
  const rooms = [room(), room()]
  for (let n = 0; n < 50; n++) expect((await add(rooms[n % 2]!)).body).toEqual({ code: 0, message: '' })
}

test('AM-23 without pacing the 51st addition of a minute is carried out, and warned about', async () => {
  await addFifty()
  expect(tooMany()).toEqual([])
  expect((await add(room())).body).toEqual({ code: 0, message: '' })
  expect(tooMany()).toHaveLength(1)
})

test('AM-23 with pacing it is -7 when no turn comes free within 10 s', async () => {
  await pass(60_000)
  await house.operate('set-workspace', { workspace: house.workspaceId, paceAdditions: true })
  await addFifty()
  await pass(49_999)
  const last = room()
  expect((await add(last)).body).toEqual({ code: -7, message: '拉入群聊失败' })
  expect(last.members.size).toBe(3)
})

test('AM-23 with pacing it waits its turn when one comes free in time', async () => {
  clock.advance(1)
  const waiting = add(room())
  await eventually('the call waits', () => told.includes('an addition waits its turn'))
  let answered = false
  waiting.then(() => {
    answered = true
  })
  await walk(9_999)
  expect(answered).toBe(false)
  clock.advance(1)
  expect((await waiting).body).toEqual({ code: 0, message: '' })
})
