import type { Bot, FaultInput, Room } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { compareWithWorld } from '@qunhub/testing/trials/compare-with-world.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

/** Puppets that are slow to load what they have: nothing is concluded from what they do not show yet. */
let house: House
let bot: Bot
let colleague: string

beforeEach(async () => {
  house = await openHouse()
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  colleague = house.world.addCoworker().wxid
})
afterEach(() => house.close())

const makeRoom = (topic: string, members: string[] = [bot.wxid]): Room =>
  house.world.addRoom({ topic, ownerId: colleague, members, external: true })
const fault = (on: FaultInput['on'], mode: FaultInput['mode'], times?: number) =>
  house.simulator.faults.add({ on, mode, ...(times ? { times } : {}) })
const heardOf = (room: Room) =>
  house.customer.heard
    .filter(callback => (callback.json as { wxid?: string; imRoomId?: string }).wxid === room.wxid)
    .map(callback => callback.path.replace('/chatroom/', ''))
const differences = () => compareWithWorld(house, house.world, bot.wxid)
const topics = async () =>
  ((await house.get('/room/listByMHTag')).body as { data: { topic: string }[] }).data.map(row => row.topic)

async function counted(metric: string): Promise<number> {
  const { text } = await house.send('/metrics')
  const line = text.split('\n').find(each => each.startsWith(`${metric} `))
  return Number(line?.slice(metric.length) ?? 0)
}

/** The stream is lost and comes back; resolves when the reconcile that follows is done. */
async function reconcile(): Promise<void> {
  const before = await counted('qunhub_reconciles_total{reason="reconnected"}')
  await house.simulator.restartServer({ downMs: 0 })
  await eventually(
    'the reconcile',
    async () => (await counted('qunhub_reconciles_total{reason="reconnected"}')) > before,
  )
}

/** Adds the bot and waits until its start is over, whatever it has seen. */
async function addAndStart() {
  const { id } = await add(bot)
  await eventually('the start is over', () => {
    const hosted = house.gateway.operator.live!.roster.byId(house.workspaceId, id)
    return hosted?.session.state === 'online' && !hosted.isStarting
  })
  return id
}

/** What begins is another tenure, as on another node. */
async function takeOver(id: string): Promise<void> {
  const { workspaceId: workspace, simulator } = house
  await house.operate('set-bot', { workspace, bot: id, endpoint: simulator.endpoint })
}

/** The bot is in them since before it was added; puppets say since when in whole seconds. */
function makeOlder(rooms: readonly Room[]): void {
  for (const { members } of rooms) {
    const me = members.get(bot.wxid)!
    members.set(bot.wxid, { ...me, joinedAt: me.joinedAt - 2000 })
  }
}

/** Hosts the bot and waits until its start was told. */
async function start(rooms: readonly Room[]): Promise<void> {
  await house.host(bot)
  await eventually('the start is told', () => rooms.every(room => heardOf(room).length === 1))
}

describe('rooms that arrive empty and fill later', () => {
  const empty = (times?: number) => {
    fault('roomPayload', 'empty-at-first', times)
    fault('roomMemberList', 'empty-at-first', times)
  }

  test('CB-1 at a start: each is told as loaded once it has filled, and none as joined', async () => {
    const rooms = ['一群', '二群', '三群'].map(topic =>
      makeRoom(topic, [bot.wxid, house.world.addContact().wxid]),
    )
    empty(rooms.length)
    await house.host(bot)
    await eventually('all are told', () => rooms.every(room => heardOf(room).length === 1))
    expect(rooms.map(heardOf)).toEqual([['loaded'], ['loaded'], ['loaded']])
    expect(await differences()).toEqual([])
  })

  test('CB-14 BOT-200 at a start that others take over before it has filled: it is told as loaded, and never as joined', async () => {
    const rooms = ['一群', '二群', '三群'].map(topic =>
      makeRoom(topic, [bot.wxid, house.world.addContact().wxid]),
    )
    makeOlder(rooms)
    empty(1)
    const id = await addAndStart()
    await takeOver(id)
    await eventually('all are told', () => rooms.every(room => heardOf(room).length > 0))
    expect(new Set(rooms.flatMap(heardOf))).toEqual(new Set(['loaded']))
    expect(await differences()).toEqual([])
  })

  test('CB-14 BOT-200 others that a list after the hand-over shows first, and that the bot was in before it was added, are loaded', async () => {
    const rooms = ['一群', '二群', '三群'].map(topic => makeRoom(topic))
    makeOlder(rooms)
    fault('roomList', 'short')
    const id = await addAndStart()
    house.simulator.faults.clear()
    await takeOver(id)
    await eventually('all are told', () => rooms.every(room => heardOf(room).length > 0))
    expect(new Set(rooms.flatMap(heardOf))).toEqual(new Set(['loaded']))
    const entered = makeRoom('四群')
    await eventually('an entrance is told', () => heardOf(entered).length > 0)
    expect(heardOf(entered)).toEqual(['joined'])
  })

  test('CB-2 NB-6 at a reconnect: nobody leaves, nothing is renamed, and what changed is told when it can be seen', async () => {
    await house.operate('set-workspace', { workspace: house.workspaceId, roomLeft: true, roomTopic: true })
    const guest = house.world.addContact().wxid
    const rooms = ['一群', '二群'].map(topic => makeRoom(topic, [bot.wxid, guest])) as [Room, Room]
    await start(rooms)
    const newcomer = house.world.addContact().wxid
    fault('events', 'drop')
    house.world.join(rooms[0].wxid, newcomer, colleague)
    empty()
    await reconcile()
    expect((await differences()).length).toBe(1)
    expect((await topics()).toSorted()).toEqual(['一群', '二群'])
    house.simulator.faults.clear()
    await eventually('the change is told', () => heardOf(rooms[0]).length === 2)
    expect(await differences()).toEqual([])
    expect(heardOf(rooms[1])).toEqual(['loaded'])
    expect(house.customer.heard.filter(({ path }) => path.startsWith('/room/'))).toEqual([])
  })

  test('CB-3 when the bot is pulled in: joined is owed when the room can be seen, though no other event comes', async () => {
    await start([makeRoom('一群')])
    // All the looks that follow the event are in vain.
    empty(3)
    const room = makeRoom('空的新群', [bot.wxid, house.world.addContact().wxid])
    await eventually('it is told', () => heardOf(room).length === 1)
    expect(heardOf(room)).toEqual(['joined'])
    expect(await differences()).toEqual([])
  })

  test('AM-6 an empty room is one that cannot be loaded, and not one that the bot has left', async () => {
    const room = makeRoom('一群')
    await start([room])
    empty()
    const { body } = await house.post('/room/addMember', {
      botUserId: 'xiaobei',
      contactWxid: house.world.addContact({ friendOf: [bot.wxid] }).wxid,
      roomWxid: room.wxid,
    })
    expect(body).toEqual({ code: -6, message: '群聊加载失败' })
  })

  test('CB-3 a list of rooms that is empty for a moment makes no room left', async () => {
    const rooms = ['一群', '二群'].map(topic => makeRoom(topic))
    await start(rooms)
    fault('roomList', 'empty-at-first', 2)
    fault('roomPayload', 'empty-at-first')
    await house.simulator.restartServer({ downMs: 0 })
    await eventually('the list was asked for twice', () => house.simulator.faults.list().length === 1)
    house.simulator.faults.clear()
    await eventually(
      'the reconcile',
      async () => (await counted('qunhub_reconciles_total{reason="reconnected"}')) === 1,
    )
    expect(await differences()).toEqual([])
    expect(rooms.map(heardOf)).toEqual([['loaded'], ['loaded']])
  })
})

describe('puppets that answer nothing', () => {
  test('BOT-212 four of them do not keep another bot from its first sync', async () => {
    for (let n = 0; n < 4; n++) {
      const dead = house.world.addBot({ userId: `dead${n}` })
      for (let room = 0; room < 120; room++) makeRoom(`${n}-${room}`, [dead.wxid])
      house.simulator.faults.add({ on: 'roomPayload', mode: 'hang', bot: dead.wxid })
      await add(dead)
    }
    const room = makeRoom('活的群')
    const begun = performance.now()
    await add(bot)
    await eventually('its start is told', () => heardOf(room).length === 1)
    // Room by room, four at a time, the dead ones would take 18 s for their syncs.
    expect(performance.now() - begun).toBeLessThan(12_000)
  })
})

const add = (some: Bot) =>
  house.operate('add-bot', {
    workspace: house.workspaceId,
    endpoint: house.simulator.endpoint,
    token: some.token,
    userId: some.userId as never,
  })
