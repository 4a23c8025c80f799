import { eventually } from '@qunhub/testing/eventually.ts'
import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import type { OperatorReply, VerbOutput, WorkspaceId } from '@qunhub/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { enqueueCallback } from '../../store/contract/scene.contract.ts'
import { MINUTE_MS } from '../../system/clock.ts'
import { AWAY_MAX_MS, type Following, followCallbacks, type News } from './listen.ts'

let office: Office
let workspace: WorkspaceId
beforeEach(async () => {
  office = await openOffice()
  workspace = await office.workspaceNamed('甲')
  await office.value('set-callback-url', { workspace, url: 'http://127.0.0.1:9/' })
})
afterEach(() => office.close())

const owe = (...rooms: string[]) =>
  office.deps.db.write(async tx => {
    for (const room of rooms) {
      const owed = {
        kind: 'chatroom/loaded',
        laneKey: room,
        body: Buffer.from(`{"topic":"${room}"}`),
      } as const
      await enqueueCallback(tx, workspace, owed, office.clock.now())
    }
  })

/** What a courier does with one, at once. */
const deliver = async (room: string) => {
  const { query } = office.deps.db
  const statement = query
    .updateTable('callback')
    .set({ state: 'delivered', attempt: 1, settled_at: office.clock.now() })
    .where('lane_key', '=', room)
  await office.deps.db.write(tx => tx.run(statement.compile()))
}

/** Follows until it is ended; told in short: `owed R:1`, `delivered R:1`. */
function follow(more: Partial<Following> = {}) {
  const told: string[] = []
  const ending = new AbortController()
  let asked = 0
  const ended = followCallbacks({
    ask: async input => {
      asked++
      return office.ask('list-callbacks-after', { workspace, ...input })
    },
    show: async id => office.value('show-callback', { workspace, id }),
    tell: news => void told.push(short(news)),
    clock: office.clock,
    begin: {},
    signal: ending.signal,
    ...more,
  })
  return {
    told,
    ended,
    /** Until it waits for the next second, then that second. */
    async aSecond() {
      const before = asked
      await eventually('its rest', () => office.clock.nextIn() !== undefined)
      office.clock.advance(1000)
      await eventually('the next question', () => asked > before && office.clock.nextIn() !== undefined)
    },
    async end() {
      ending.abort()
      await ended
    },
  }
}

const short = (news: News): string => {
  switch (news.event) {
    case 'owed':
      return `owed ${news.callback.room}`
    case 'changed':
      return `${news.callback.state} ${news.callback.room}`
    case 'lost':
      return `lost ${news.message}`
    case 'reconnected':
      return `reconnected ${news.after === null ? 'at the beginning' : 'behind one'}`
    default:
      return news satisfies never
  }
}

test('CLI-117 from now on each is told once as it is owed, and again when it is delivered', async () => {
  await owe('R:before')
  const following = follow()
  await eventually('its first rest', () => office.clock.nextIn() !== undefined)
  await owe('R:1', 'R:2')
  await following.aSecond()
  expect(following.told).toEqual(['owed R:1', 'owed R:2'])
  await deliver('R:2')
  await following.aSecond()
  await following.aSecond()
  expect(following.told).toEqual(['owed R:1', 'owed R:2', 'delivered R:2'])
  await following.end()
})

test('CLI-117 the first callback of a workspace that had none is told', async () => {
  const following = follow()
  await eventually('its first rest', () => office.clock.nextIn() !== undefined)
  await owe('R:1')
  await following.aSecond()
  expect(following.told).toEqual(['owed R:1'])
  await following.end()
})

test('CLI-117 it begins back in time, or after one that is named, and ends after as many as were asked for', async () => {
  await owe('R:old')
  office.clock.advance(10 * MINUTE_MS)
  await owe('R:1', 'R:2', 'R:3')
  const since = follow({ begin: { from: office.clock.now() - MINUTE_MS }, count: 2 })
  expect(await since.ended).toBeNull()
  expect(since.told).toEqual(['owed R:1', 'owed R:2'])
  const { callbacks } = await office.value('list-callbacks', { workspace, room: 'R:1' })
  const after = follow({ begin: { after: callbacks[0]!.webhookId }, count: 2 })
  expect(await after.ended).toBeNull()
  expect(after.told).toEqual(['owed R:2', 'owed R:3'])
  const none = follow({ begin: { from: 0 }, count: 0 })
  expect(await none.ended).toBeNull()
  expect(none.told).toEqual([])
})

test('CLI-117 one that is named and is not there is refused', async () => {
  const absent = `msg_${'x'.repeat(24)}`
  expect(await follow({ begin: { after: absent } }).ended).toMatchObject({ refused: 'callback-unknown' })
})

test('CLI-117 more than one answer holds are all told, in their order', async () => {
  const rooms = Array.from({ length: 45 }, (_, n) => `R:${n}`)
  await owe(...rooms)
  const following = follow({ begin: { from: 0 }, count: rooms.length })
  await following.ended
  expect(following.told).toEqual(rooms.map(room => `owed ${room}`))
})

test('CLI-117 one whose commit was overtaken is told as well, once', async () => {
  const answers: VerbOutput<'list-callbacks-after'>[] = []
  await owe('R:1', 'R:late', 'R:3')
  const [first, late, third] = (await office.value('list-callbacks-after', { workspace, from: 0 })).callbacks
  answers.push({ callbacks: [first!, third!], recent: [], more: true })
  for (let n = 0; n < 2; n++) answers.push({ callbacks: [], recent: [third!, late!, first!], more: true })
  const ask = async (): Promise<OperatorReply> => ({
    ok: true,
    value: answers.shift() ?? { callbacks: [{ ...third!, webhookId: 'end' }], recent: [], more: false },
  })
  const following = follow({ begin: { from: 0 }, ask, count: 3 })
  await following.ended
  expect(following.told).toEqual(['owed R:1', 'owed R:3', 'owed R:late', 'owed R:3'])
})

test('CLI-117 looking changes nothing', async () => {
  await owe('R:1', 'R:2')
  const everything = async () => {
    const { db } = office.deps
    const tables = ['callback', 'callback_body', 'attempt', 'callback_address'] as const
    return Promise.all(tables.map(table => db.all(db.query.selectFrom(table).selectAll().compile())))
  }
  const before = await everything()
  await follow({ begin: { from: 0 }, count: 2 }).ended
  expect(await everything()).toEqual(before)
})

test('CLI-118 a gateway that goes away is said to be, asked for again, and nothing is lost or told twice', async () => {
  let isAway = false
  const following = follow({
    begin: { from: 0 },
    ask: async input => (isAway ? '没有网关' : office.ask('list-callbacks-after', { workspace, ...input })),
  })
  await owe('R:1')
  await eventually('its first rest', () => office.clock.nextIn() !== undefined)
  office.clock.advance(1000)
  await eventually('the first', () => following.told.length === 1)
  isAway = true
  await eventually('a rest', () => office.clock.nextIn() !== undefined)
  office.clock.advance(1000)
  await eventually('the loss', () => following.told.length === 2)
  await owe('R:2')
  // Ever more slowly: 1, 2, 4 s.
  for (const wait of [1000, 2000, 4000]) {
    await eventually(`a wait of ${wait} ms`, () => office.clock.nextIn() === wait)
    if (wait === 4000) isAway = false
    office.clock.advance(wait)
  }
  await eventually('the second', () => following.told.length === 4)
  expect(following.told).toEqual(['owed R:1', 'lost 没有网关', 'reconnected behind one', 'owed R:2'])
  await following.end()
})

test('CLI-118 where retention took the one that was seen last it goes on from its time', async () => {
  const following = follow({ begin: { from: 0 } })
  await owe('R:1')
  await eventually('its first rest', () => office.clock.nextIn() !== undefined)
  office.clock.advance(1000)
  await eventually('the first', () => following.told.length === 1)
  await eventually('a rest', () => office.clock.nextIn() !== undefined)
  await office.deps.db.write(tx =>
    tx.run(tx.query.deleteFrom('callback').where('lane_key', '=', 'R:1').compile()),
  )
  await owe('R:2')
  office.clock.advance(1000)
  await eventually('the second', () => following.told.length === 2)
  expect(following.told).toEqual(['owed R:1', 'owed R:2'])
  await following.end()
})

test('CLI-118 after half an hour it is over, and where nobody was there at the beginning, at once', async () => {
  let answers = 1
  const ask = async (): Promise<OperatorReply | string> =>
    answers-- > 0 ? { ok: true, value: { callbacks: [], recent: [], more: true } } : '没有网关'
  const following = follow({ ask })
  let isOver = false
  void following.ended.then(() => {
    isOver = true
  })
  const began = office.clock.now()
  while (!isOver) {
    const wait = office.clock.nextIn()
    if (wait !== undefined) office.clock.advance(wait)
    await new Promise(resolve => setImmediate(resolve))
  }
  expect(await following.ended).toEqual({ away: '没有网关' })
  expect(office.clock.now() - began).toBeGreaterThanOrEqual(AWAY_MAX_MS)
  expect(office.clock.now() - began).toBeLessThan(AWAY_MAX_MS + MINUTE_MS)
  expect(await follow({ ask: async () => '没有网关' }).ended).toEqual({ away: '没有网关' })
})
