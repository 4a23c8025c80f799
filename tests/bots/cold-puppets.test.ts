import type { Bot, FaultInput, Room } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { compareWithWorld } from '@qunhub/testing/trials/compare-with-world.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runVerb } from '../../packages/gateway/src/operator/run-verb.ts'
import { type Clock, systemClock } from '../../packages/gateway/src/system/clock.ts'

/**
 * Puppets that do not know yet, or know only how it was. Many combinations of that are in `puppet-truth.test.ts`; here is one of
 * each kind, to be read.
 */
let house: House
let bot: Bot
let colleague: string
/** How far the clock is ahead of the real one. */
let aheadMs = 0
const clock: Clock = { now: () => systemClock.now() + aheadMs, after: systemClock.after }

beforeEach(async () => {
  aheadMs = 0
  house = await openHouse({ clock, simulator: { keepsPayloads: true, clock } })
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  colleague = house.world.addCoworker().wxid
})
afterEach(() => house.close())

const makeRoom = (topic: string, members: string[] = [bot.wxid]): Room =>
  house.world.addRoom({ topic, ownerId: colleague, members, external: true })
const fault = (on: FaultInput['on'], mode: FaultInput['mode']) => house.simulator.faults.add({ on, mode })
const heardOf = (room: Room) =>
  house.customer.heard
    .filter(callback => (callback.json as { wxid?: string; imRoomId?: string }).wxid === room.wxid)
    .map(callback => callback.path.replace('/chatroom/', ''))
/** Time passes faster meanwhile, though no timer goes off sooner. */
const agrees = () =>
  eventually(
    'the lists to equal the world',
    async () => {
      aheadMs += 1000
      return (await compareWithWorld(house, house.world, bot.wxid)).length === 0
    },
    20_000,
  )
const add = () =>
  house.operate('add-bot', {
    workspace: house.workspaceId,
    endpoint: house.simulator.endpoint,
    token: bot.token,
    userId: bot.userId as never,
  })
const asked = (call: 'roomPayload' | 'roomList' | 'roomQuit' | 'contactPayload' | 'dirtyPayload') =>
  house.simulator.asked.of(bot.wxid)[call] ?? 0

/** Hosts the bot and waits until its start was told. */
async function start(rooms: readonly Room[]): Promise<void> {
  await house.host(bot)
  await eventually('the start is told', () => rooms.every(room => heardOf(room).length === 1))
}

/** The puppet restarts and knows nothing of any room. */
async function restartCold(how: FaultInput['mode']): Promise<void> {
  fault('roomList', 'empty-at-first')
  fault('roomPayload', how)
  fault('roomMemberList', how)
  await house.simulator.restartServer({ downMs: 0 })
}

test('CB-14 a list that comes after the start tells its rooms as loaded, also where an event of one of them came before', async () => {
  fault('roomList', 'empty-at-first')
  const rooms = ['一群', '二群'].map(topic => makeRoom(topic)) as [Room, Room]
  await add()
  await eventually('the list was asked for twice', () => asked('roomList') >= 2)
  house.world.join(rooms[0].wxid, house.world.addContact().wxid, colleague)
  await eventually('it is told', () => heardOf(rooms[0]).length === 1)
  house.simulator.faults.clear()
  await agrees()
  await eventually('the other is told', () => heardOf(rooms[1]).length === 1)
  expect(rooms.map(heardOf)).toEqual([['loaded'], ['loaded']])
})

test('CB-14 a room that a list was too short for at the start is loaded and not joined', async () => {
  const [first, second] = ['一群', '二群'].map(topic => makeRoom(topic)) as [Room, Room]
  for (const { members } of [first, second])
    for (const [wxid, member] of members) members.set(wxid, { ...member, joinedAt: member.joinedAt - 60_000 })
  house.simulator.faults.add({ on: 'roomList', mode: 'short', without: [second.wxid] })
  await add()
  await eventually('the first is told', () => heardOf(first).length === 1)
  house.simulator.faults.clear()
  await eventually('the second is told', () => heardOf(second).length === 1)
  expect([heardOf(first), heardOf(second)]).toEqual([['loaded'], ['loaded']])
})

test('CB-3 CB-14 a bot in no room has joined the first one that an event says it was pulled into', async () => {
  await add()
  await eventually('the list was asked for', () => asked('roomList') >= 1)
  const room = makeRoom('第一个群')
  await eventually('it is told', () => heardOf(room).length === 1)
  expect(heardOf(room)).toEqual(['joined'])
})

describe.each(['empty-at-first', 'refuse', 'hang'] as const)(
  'a puppet that restarts and knows nothing: rooms %s',
  how => {
    test('BOT-251 BOT-252 no room is left, none joined, and what happened meanwhile is found', async () => {
      await house.operate('set-workspace', { workspace: house.workspaceId, roomLeft: true })
      const [left, joined, untouched] = ['走', '来', '不变'].map(topic => makeRoom(topic)) as [
        Room,
        Room,
        Room,
      ]
      await start([left, joined, untouched])
      house.simulator.killServer()
      fault('events', 'drop')
      house.world.leave(left.wxid, bot.wxid)
      house.world.join(joined.wxid, house.world.addContact().wxid, colleague)
      const lists = asked('roomList')
      await restartCold(how)
      await eventually('two looks', () => asked('roomList') >= lists + 2, 20_000)
      expect(house.customer.heard).toHaveLength(3)
      house.simulator.faults.clear()
      await agrees()
      await eventually('all is told', () => house.customer.heard.length === 5)
      expect([left, joined, untouched].map(heardOf)).toEqual([['loaded'], ['loaded', 'loaded'], ['loaded']])
      expect(house.customer.heard.filter(({ path }) => path === '/room/left')).toHaveLength(1)
    })
  },
)

test('BOT-252 a room that is off a list with others on it, and cannot be loaded, was left after a minute and not before', async () => {
  const [gone, stays] = ['解散', '留下'].map(topic => makeRoom(topic)) as [Room, Room]
  await start([gone, stays])
  house.simulator.killServer()
  // As puppets do that show nobody a room from outside.
  house.world.rooms.delete(gone.wxid)
  await house.simulator.restartServer({ downMs: 0 })
  const lists = asked('roomList')
  await eventually('two looks', () => asked('roomList') >= lists + 2)
  expect((await compareWithWorld(house, house.world, bot.wxid)).length).toBe(1)
  await agrees()
  expect(aheadMs).toBeGreaterThan(0)
})

test('BOT-253 BOT-254 a sync of rooms that all hang ends soon, and says that the puppet contradicts itself', async () => {
  const rooms = Array.from({ length: 16 }, (_, n) => makeRoom(`${n}群`))
  await start(rooms)
  fault('roomList', 'empty-at-first')
  expect(await runVerb('sync-bot', { bot: 'xiaobei' }, house.gateway.operator)).toMatchObject({
    ok: false,
    refused: 'sync-failed',
    message: expect.stringContaining('(PuppetUnsettled)'),
  })
  house.simulator.faults.clear()
  fault('roomPayload', 'hang')
  const before = asked('roomPayload')
  await runVerb('sync-bot', { bot: 'xiaobei' }, house.gateway.operator)
  expect(asked('roomPayload') - before).toBeLessThan(13)
  expect(await compareWithWorld(house, house.world, bot.wxid)).toEqual([])
})

describe('a puppet that keeps what it was asked for', () => {
  test('BOT-250 a sync tells how it is, of rooms, members and contacts, and reads each room once', async () => {
    const guest = house.world.addContact({ name: '旧名' })
    const rooms = Array.from({ length: 8 }, (_, n) => makeRoom(`${n}群`, [bot.wxid, guest.wxid]))
    await start(rooms)
    fault('events', 'drop')
    for (const room of rooms) house.world.room(room.wxid).topic = '新群名'
    house.world.contacts.get(guest.wxid)!.name = '新名'
    const read = asked('roomPayload')
    await house.operate('sync-bot', { workspace: house.workspaceId, bot: 'xiaobei' as never })
    await eventually('the sync is told', () => house.customer.heard.length === 16)
    for (const { json } of house.customer.heard.slice(8)) {
      const { topic, members } = json as { topic: string; members: { wxid: string; nickName: string }[] }
      expect([topic, members.find(({ wxid }) => wxid === guest.wxid)?.nickName]).toEqual(['新群名', '新名'])
    }
    // A later sync waits for what the first one may have set going.
    house.simulator.faults.clear()
    await house.operate('sync-bot', { workspace: house.workspaceId, bot: 'xiaobei' as never })
    expect(asked('roomPayload') - read).toBe(16)
  })

  test('BOT-250 a request looks at how it is: who is a friend no more is not added', async () => {
    const friend = house.world.addContact({ friendOf: [bot.wxid] })
    const room = makeRoom('一群')
    await start([room])
    house.world.friendships.get(bot.wxid)!.delete(friend.wxid)
    const { body } = await house.post('/room/addMember', {
      ...{ botUserId: 'xiaobei', contactWxid: friend.wxid, roomWxid: room.wxid },
    })
    expect(body).toMatchObject({ code: -8 })
  })

  test('BOT-250 a request reads a room as often as it looks, and the event of an addition has it read no more', async () => {
    const [friend, other] = [{ friendOf: [bot.wxid] }, {}].map(contact => house.world.addContact(contact))
    const room = makeRoom('一群')
    await start([room])
    const read = asked('roomPayload')
    const add = async (contactWxid: string, roomWxid: string = room.wxid) => {
      const { body } = await house.post('/room/addMember', { botUserId: 'xiaobei', contactWxid, roomWxid })
      return (body as { code: number }).code
    }
    // Nobody is told of this, but who looks keeps it.
    house.world.room(room.wxid).topic = '新群名'
    expect(await add(other!.wxid)).toBe(-8)
    const listed = await house.get('/room/listByMHTag')
    expect(listed.body).toMatchObject({ data: [{ topic: '新群名' }] })
    expect(await add(friend!.wxid)).toBe(0)
    expect(await add(friend!.wxid)).toBe(-9)
    expect(await add(friend!.wxid, 'R:404')).toBe(-6)
    const left = await house.post('/room/exit', { wecomUserId: 'xiaobei', roomWxid: room.wxid })
    expect(left.body).toMatchObject({ code: 0 })
    // The operator's sync waits for what was set going, and finds no room any more.
    await house.operate('sync-bot', { workspace: house.workspaceId, bot: 'xiaobei' as never })
    // A look each for who is refused; before and after one was added, and the room left; the event of that.
    expect(asked('roomPayload') - read).toBe(8)
  })
})

test('EX-20 a quit that broke off proves nothing where the puppet then lists and shows nothing', async () => {
  await house.operate('set-workspace', { workspace: house.workspaceId, roomLeft: true })
  const rooms = ['一群', '二群'].map(topic => makeRoom(topic)) as [Room, Room]
  await start(rooms)
  fault('roomQuit', 'hang')
  const answer = house.post('/room/exit', { wecomUserId: 'xiaobei', roomWxid: rooms[0].wxid })
  await eventually('the puppet is asked', () => asked('roomQuit') === 1)
  fault('roomList', 'empty-at-first')
  fault('roomPayload', 'refuse')
  fault('roomMemberList', 'refuse')
  expect((await answer).body).toMatchObject({ code: -10 })
  house.simulator.faults.clear()
  await agrees()
  expect(rooms.map(heardOf)).toEqual([['loaded'], ['loaded']])
})

test('BOT-252 a member list without the bot proves nothing while the puppet lists no room at all', async () => {
  await house.operate('set-workspace', { workspace: house.workspaceId, roomLeft: true })
  const rooms = ['一群', '二群'].map(topic => makeRoom(topic)) as [Room, Room]
  await start(rooms)
  house.simulator.killServer()
  // As it fills: its members are there but for the bot itself.
  for (const room of rooms) room.members.delete(bot.wxid)
  fault('roomList', 'empty-at-first')
  await house.simulator.restartServer({ downMs: 0 })
  const lists = asked('roomList')
  await eventually('two looks', () => asked('roomList') >= lists + 2)
  expect((await house.get('/room/listByMHTag')).body).toMatchObject({ page: { total: 2 } })
  expect(house.customer.heard).toHaveLength(2)
})

test('BOT-250 whose contact an event named is read afresh the next time as well', async () => {
  const friend = house.world.addContact({ friendOf: [bot.wxid], name: '旧名' })
  const room = makeRoom('一群')
  await start([room])
  const read = asked('contactPayload')
  house.world.renameContact(friend.wxid, '新名')
  await eventually('it is followed', () => asked('contactPayload') > read)
  house.world.friendships.get(bot.wxid)!.delete(friend.wxid)
  const { body } = await house.post('/room/addMember', {
    ...{ botUserId: 'xiaobei', contactWxid: friend.wxid, roomWxid: room.wxid },
  })
  expect(body).toMatchObject({ code: -8 })
})

test('CB-1 an account that logs out and in again within minutes tells what changed meanwhile, and nothing else', async () => {
  const [changed, same] = ['变', '不变'].map(topic => makeRoom(topic)) as [Room, Room]
  await start([changed, same])
  for (let time = 0; time < 3; time++) {
    house.world.setBotState(bot.wxid, 'logged-out')
    if (time === 2) house.world.setTopic(changed.wxid, '改名')
    const lists = asked('roomList')
    house.world.setBotState(bot.wxid, 'online')
    await eventually('its rooms are read', () => asked('roomList') > lists)
  }
  await eventually('the change is told', () => heardOf(changed).length === 2)
  await agrees()
  expect([heardOf(changed), heardOf(same)]).toEqual([['loaded', 'loaded'], ['loaded']])
})
