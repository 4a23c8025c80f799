import type { Bot, FaultInput, Room } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { create } from '@qunhub/wire'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'

/** What became of a call that nobody answered is found out by looking: never a second room, never a false success. */
let house: House
let bot: Bot
let owner: string

beforeAll(async () => {
  house = await openHouse()
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  owner = house.world.addCoworker().wxid
  await house.host(bot)
})
afterAll(() => house.close())
afterEach(() => house.simulator.faults.clear())

const friend = () => house.world.addContact({ friendOf: [bot.wxid] }).wxid
const fault = (on: FaultInput['on'], mode: FaultInput['mode'], times?: number) =>
  house.simulator.faults.add({ on, mode, ...(times ? { times } : {}) })
const asks = (wxids: string[], asked: object = {}, headers?: Record<string, string>) =>
  house.post('/room/create', { botUserId: 'xiaobei', wxids, ...asked }, headers)
const roomOf = (answer: { body: unknown }) => create.reply.parse(answer.body).data?.roomWxid
const roomsOf = (wxids: string[]) =>
  [...house.world.rooms.values()].filter(room => wxids.every(wxid => room.members.has(wxid)))
const makeRoom = (members: string[] = []): Room =>
  house.world.addRoom({ ownerId: owner, members: [bot.wxid, ...members], external: true })
const add = (contactWxid: string, room: Room, headers?: Record<string, string>) =>
  house.post('/room/addMember', { botUserId: 'xiaobei', contactWxid, roomWxid: room.wxid }, headers)
const exit = (room: Room) => house.post('/room/exit', { wecomUserId: 'xiaobei', roomWxid: room.wxid })
const isKnown = (room: Room) =>
  eventually('the store hears of the room', async () => {
    const { chats } = await house.operate('list-chats', { workspace: house.workspaceId, limit: 500 })
    return chats.some(chat => chat.roomWxid === room.wxid)
  })

/** The puppet's connection breaks in the middle of a call that happens, and is back soon. */
async function breakInTheMiddleOf(
  call: FaultInput['on'],
  ask: () => Promise<{ body: unknown }>,
  happened: () => boolean,
) {
  fault(call, 'done-but-timeout', 1)
  const answering = ask()
  await eventually('it happened', happened)
  await house.simulator.restartServer({ downMs: 0 })
  return (await answering).body
}

describe('create', () => {
  test('CR-9 a connection that breaks in the middle of a call that happened is waited for: one room, and a success', async () => {
    const people = [friend(), friend()]
    const body = await breakInTheMiddleOf(
      'roomCreate',
      () => asks(people),
      () => roomsOf(people).length === 1,
    )
    expect(roomOf({ body })).toBe(roomsOf(people)[0]!.wxid)
    expect(roomsOf(people)).toHaveLength(1)
  })

  test('CR-9 AM-7 EX-10 a puppet that refuses what it has done all the same is found out', async () => {
    const people = [friend(), friend()]
    const room = makeRoom()
    await isKnown(room)
    for (const call of ['roomCreate', 'roomAdd', 'roomQuit'] as const) fault(call, 'done-but-refused', 1)
    expect(roomOf(await asks(people))).toBe(roomsOf(people)[0]!.wxid)
    expect((await add(friend(), room)).body).toEqual({ code: 0, message: '' })
    expect((await exit(room)).body).toEqual({ code: 0, message: 'ok' })
    expect(roomsOf(people)).toHaveLength(1)
  })

  test('CR-9 a connection that breaks in the middle of a call that did not happen leaves no room, and no success', async () => {
    const people = [friend(), friend()]
    fault('roomCreate', 'hang', 1)
    const answering = asks(people)
    await eventually('it was asked', () => house.simulator.faults.list().length === 0)
    await house.simulator.restartServer({ downMs: 0 })
    expect((await answering).body).toEqual({ errcode: -9, errmsg: '创建群聊失败' })
    expect(roomsOf(people)).toEqual([])
  })

  test('CR-9 a room that somebody else makes at the same moment with the same people is not ours', async () => {
    const people = [friend(), friend()]
    fault('roomCreate', 'hang', 1)
    const answering = asks(people)
    await eventually('it was asked', () => house.simulator.faults.list().length === 0)
    makeRoom(people)
    house.world.addRoom({ ownerId: bot.wxid, members: [...people, friend()] })
    expect((await answering).body).toEqual({ errcode: -9, errmsg: '创建群聊失败' })
  })

  test('CR-9 two creates of the same people that both time out find a room each', async () => {
    const people = [friend(), friend()]
    fault('roomCreate', 'done-but-timeout', 2)
    const answers = await Promise.all([asks(people), asks(people.toReversed())])
    expect(new Set(answers.map(roomOf)).size).toBe(2)
    expect(answers.map(roomOf).toSorted()).toEqual(
      roomsOf(people)
        .map(room => room.wxid)
        .toSorted(),
    )
  })

  test('CR-9 of two creates of the same people, the one that did not happen does not answer with the other’s room', async () => {
    const people = [friend(), friend()]
    const hosted = house.gateway.operator.live!.roster.all()[0]!
    const createRoom = hosted.createRoom.bind(hosted)
    const firstAnswered = Promise.withResolvers<void>()
    // The second happens at once, and its puppet answers late: after the first has looked, if the first does not wait.
    const asked = vi
      .spyOn(hosted, 'createRoom')
      .mockImplementationOnce(createRoom)
      .mockImplementationOnce(async (...how) => {
        const wxid = await createRoom(...how)
        await firstAnswered.promise
        return wxid
      })
    fault('roomCreate', 'hang', 1)
    const first = asks(people).finally(firstAnswered.resolve)
    await eventually('the first has asked', () => asked.mock.calls.length === 1)
    const answers = await Promise.all([first, asks(people)])
    asked.mockRestore()
    expect(answers.map(answer => create.reply.parse(answer.body).errcode)).toEqual([-9, 0])
    expect(roomsOf(people)).toHaveLength(1)
  })

  test('CR-9 a room of the same people that was there before, and that the store does not know yet, is no new room', async () => {
    const people = [friend(), friend()]
    fault('events', 'drop')
    house.world.addRoom({ ownerId: bot.wxid, members: people, topic: '' })
    house.simulator.faults.clear()
    fault('roomCreate', 'hang', 1)
    expect((await asks(people)).body).toEqual({ errcode: -9, errmsg: '创建群聊失败' })
  })

  test('CR-9 where the rooms before cannot be listed nothing is asked for', async () => {
    const people = [friend(), friend()]
    fault('roomList', 'refuse')
    expect((await asks(people)).body).toMatchObject({ errcode: -9 })
    expect(roomsOf(people)).toEqual([])
  })

  test('CR-25 a refusal by the puppet is certain, and is the answer of its key', async () => {
    const people = [friend(), friend()]
    const headers = { 'idempotency-key': 'refused' }
    fault('roomCreate', 'refuse', 1)
    expect((await asks(people, {}, headers)).body).toMatchObject({ errcode: -9 })
    expect((await asks(people, {}, headers)).body).toMatchObject({ errcode: -9 })
    expect(roomsOf(people)).toEqual([])
  })

  test('CR-25 after a timeout that nobody could look into, the same key looks again and makes no second room', async () => {
    const people = [friend(), friend()]
    const headers = { 'idempotency-key': 'in doubt'.replace(' ', '-') }
    fault('roomCreate', 'done-but-timeout', 1)
    fault('roomPayload', 'refuse')
    expect((await asks(people, {}, headers)).body).toMatchObject({ errcode: -9 })
    expect((await asks(people, {}, headers)).body).toMatchObject({ errcode: -9 })
    house.simulator.faults.clear()
    const found = await asks(people, {}, headers)
    expect(roomOf(found)).toBe(roomsOf(people)[0]!.wxid)
    expect((await asks(people, {}, headers)).text).toBe(found.text)
    expect(roomsOf(people)).toHaveLength(1)
    expect((await asks(people, { name: '另一个' }, headers)).status).toBe(400)
  })

  test('CR-25 two keys in doubt for the same people find a room each', async () => {
    const people = [friend(), friend()]
    fault('roomCreate', 'done-but-timeout', 2)
    fault('roomPayload', 'refuse')
    const keys = ['one', 'two'].map(key => ({ 'idempotency-key': key }))
    for (const key of keys) expect((await asks(people, {}, key)).body).toMatchObject({ errcode: -9 })
    house.simulator.faults.clear()
    const found = []
    for (const key of keys) found.push(roomOf(await asks(people, {}, key)))
    expect(found.toSorted()).toEqual(
      roomsOf(people)
        .map(room => room.wxid)
        .toSorted(),
    )
  })
})

describe('addMember', () => {
  test('AM-7 a connection that breaks in the middle of a pull that happened is waited for, and it is a success', async () => {
    const room = makeRoom()
    const contact = friend()
    const body = await breakInTheMiddleOf(
      'roomAdd',
      () => add(contact, room),
      () => room.members.has(contact),
    )
    expect(body).toEqual({ code: 0, message: '' })
  })

  test('AM-7 a card that was sent and timed out is -7: nobody can see it', async () => {
    const room = makeRoom()
    house.world.fillRoom(room.wxid, 45)
    fault('roomAdd', 'done-but-timeout', 1)
    expect((await add(friend(), room)).body).toEqual({ code: -7, message: '拉入群聊失败' })
  })

  test('AM-25 a pull that cannot be seen within the time is -7, and without the preference 0 as the page says', async () => {
    const room = makeRoom()
    fault('roomAdd', 'done-but-not')
    expect((await add(friend(), room)).body).toEqual({ code: 0, message: '' })
    const answer = await add(friend(), room, { prefer: 'wait=1' })
    expect(answer.body).toEqual({ code: -7, message: '拉入群聊失败' })
    expect(answer.headers.get('preference-applied')).toBeNull()
  })

  test.each([
    ['wait', 'wait=10'],
    ['respond-async, WAIT = "3"; x=y', 'wait=3'],
    ['wait=3600', 'wait=30'],
  ])('AM-25 "Prefer: %s": the 0 says %s, and the member was seen', async (prefer, applied) => {
    const room = makeRoom()
    const contact = friend()
    const answer = await add(contact, room, { prefer })
    expect(answer.body).toEqual({ code: 0, message: '' })
    expect(answer.headers.get('preference-applied')).toBe(applied)
    expect(room.members.has(contact)).toBe(true)
  })

  test.each(['wait=0', 'wait=soon', 'return=minimal'])(
    'AM-25 "Prefer: %s" asks for nothing',
    async prefer => {
      const answer = await add(friend(), makeRoom(), { prefer })
      expect(answer.body).toEqual({ code: 0, message: '' })
      expect(answer.headers.get('preference-applied')).toBeNull()
    },
  )

  test('AM-25 a card cannot be waited for: answered as the page says, and nothing was applied', async () => {
    const room = makeRoom()
    house.world.fillRoom(room.wxid, 40)
    const answer = await add(friend(), room, { prefer: 'wait=1' })
    expect(answer.body).toEqual({ code: 0, message: '' })
    expect(answer.headers.get('preference-applied')).toBeNull()
  })

  test('AM-25 a workspace may have every pull verified', async () => {
    await house.operate('set-workspace', { workspace: house.workspaceId, verifyAdditions: true })
    const contact = friend()
    const room = makeRoom()
    const answer = await add(contact, room)
    expect(answer.body).toEqual({ code: 0, message: '' })
    fault('roomAdd', 'done-but-not')
    // A request may still be less patient than its workspace.
    expect((await add(friend(), room, { prefer: 'wait=1' })).body).toMatchObject({ code: -7 })
    await house.operate('set-workspace', { workspace: house.workspaceId, verifyAdditions: false })
    expect((await add(friend(), room)).body).toMatchObject({ code: 0 })
  })
})

describe('exit', () => {
  test('EX-10 a connection that breaks in the middle of a call that happened is waited for, and it is a success', async () => {
    const room = makeRoom()
    await isKnown(room)
    const body = await breakInTheMiddleOf(
      'roomQuit',
      () => exit(room),
      () => !room.members.has(bot.wxid),
    )
    expect(body).toEqual({ code: 0, message: 'ok' })
  })

  test('EX-10 a list that is empty for a moment does not make a room left', async () => {
    const room = makeRoom()
    await isKnown(room)
    fault('roomQuit', 'done-but-not')
    fault('roomList', 'empty-at-first')
    expect((await exit(room)).body).toEqual({ code: -10, message: '退出群聊失败' })
  })
})
