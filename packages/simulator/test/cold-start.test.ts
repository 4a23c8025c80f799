import { grpc, type puppet } from '@juzi/wechaty-grpc'
import { expect, test } from 'vitest'
import { ZodError } from 'zod'
import { type FaultInput, Faults } from '../src/index.ts'
import { eventually } from './eventually.ts'
import { handTimers } from './hand-timers.ts'
import { ask, HOPELESS_DEADLINE_MS, type RawClient } from './raw-client.ts'
import { servedWorld } from './served-world.ts'
import { fixedClock, NOON } from './world-builder.ts'

const { status } = grpc

test.each<[string, unknown]>([
  ['a cold start of a call', { on: 'roomList', mode: 'cold-start' }],
  ['a cold start that is counted', { on: 'account', mode: 'cold-start', times: 1 }],
  ['rooms that answer in a way of their own', { on: 'account', mode: 'cold-start', rooms: 'freeze' }],
  ['a way of rooms for something else', { on: 'roomList', mode: 'short', rooms: 'hang' }],
  ['a duration of what has none', { on: 'roomList', mode: 'short', forMs: 5 }],
  ['a shortage of what is no list', { on: 'roomPayload', mode: 'short' }],
  ['somebody left out of no list', { on: 'roomList', mode: 'refuse', without: ['R:1'] }],
  ['a ready that hangs', { on: 'ready', mode: 'hang' }],
])('SIM-160 %s is no fault', (_what, fault) => {
  expect(() => new Faults().add(fault as FaultInput)).toThrow(ZodError)
})

/** A client sees the server go and come back in its own time. */
const eventuallyAnswers = async (client: RawClient): Promise<void> => {
  let isBack = false
  await eventually(() => {
    client.ask('version', ask.version()).then(
      () => {
        isBack = true
      },
      () => {},
    )
    return isBack
  })
}

async function cold(fault: Omit<FaultInput, 'on' | 'mode'> = {}) {
  const clock = fixedClock(NOON)
  const timers = handTimers()
  const served = await servedWorld({ clock, timers })
  served.simulator.faults.add({ on: 'account', mode: 'cold-start', forMs: 12_000, ...fault })
  const { client, room, friend, bot } = served
  const lengths = async () => {
    const rooms = await client.ask<puppet.RoomListResponse>('roomList', ask.roomList())
    const contacts = await client.ask<puppet.ContactListResponse>('contactList', ask.contactList())
    const batch = await client.ask<puppet.BatchContactPayloadResponse>(
      'batchContactPayload',
      ask.batchContactPayload([friend.wxid]),
    )
    return [rooms.getIdsList().length, contacts.getIdsList().length, batch.getContactPayloadsList().length]
  }
  const look = (deadlineMs?: number) => ({
    room: client.ask<puppet.RoomPayloadResponse>('roomPayload', ask.roomPayload(room.wxid), deadlineMs),
    members: client.ask<puppet.RoomMemberListResponse>(
      'roomMemberList',
      ask.roomMemberList(room.wxid),
      deadlineMs,
    ),
    member: client.ask('roomMemberPayload', ask.roomMemberPayload(room.wxid, bot.wxid), deadlineMs),
    batch: client.ask<puppet.BatchRoomMemberPayloadResponse>(
      'batchRoomMemberPayload',
      ask.batchRoomMemberPayload(room.wxid, [bot.wxid]),
      deadlineMs,
    ),
  })
  return { ...served, clock, timers, lengths, look }
}

test('SIM-161 cold-start: for a while after a start the lists are empty, and itself is all the puppet knows', async () => {
  const { client, clock, lengths, bot, friend, simulator } = await cold()
  expect(await lengths()).toEqual([0, 0, 0])
  await client.ask('contactPayload', ask.contactPayload(bot.wxid))
  await expect(client.ask('contactPayload', ask.contactPayload(friend.wxid))).rejects.toMatchObject({
    code: status.UNKNOWN,
  })
  clock.advance(12_000)
  expect(await lengths()).toEqual([1, 2, 1])

  await simulator.restartServer({ downMs: 0 })
  await eventuallyAnswers(client)
  expect(await lengths()).toEqual([0, 0, 0])
  simulator.faults.clear()
  expect(await lengths()).toEqual([1, 2, 1])
})

test('SIM-162 cold-start: a login is a start too, and of that account alone', async () => {
  const { clock, lengths, world, bot, clientOf } = await cold()
  const other = world.addBot({ userId: 'xiaonan' })
  clock.advance(12_000)
  world.setBotState(bot.wxid, 'logged-out')
  world.setBotState(bot.wxid, 'online')
  expect(await lengths()).toEqual([0, 0, 0])
  const contacts = await clientOf(other).ask<puppet.ContactListResponse>('contactList', ask.contactList())
  expect(contacts.getIdsList()).not.toEqual([])
})

const codesOf = async (answers: object): Promise<(number | null)[]> =>
  Promise.all(
    Object.values(answers).map(answer =>
      answer.then(
        () => null,
        (error: grpc.ServiceError) => error.code,
      ),
    ),
  )

test('SIM-163 cold-start: rooms are refused, or hollow, or never answered, as was asked', async () => {
  const refusing = await cold()
  expect(await codesOf(refusing.look())).toEqual(Array(4).fill(status.UNKNOWN))

  const hollow = (await cold({ rooms: 'empty' })).look()
  await expect(hollow.member).rejects.toMatchObject({ code: status.UNKNOWN })
  expect((await hollow.room).getTopic()).toBe('')
  expect((await hollow.members).getMemberIdsList()).toEqual([])
  expect((await hollow.batch).getMemberPayloadsList()).toEqual([])

  const hanging = await cold({ rooms: 'hang' })
  expect(await codesOf(hanging.look(HOPELESS_DEADLINE_MS))).toEqual(Array(4).fill(status.DEADLINE_EXCEEDED))
})

test('SIM-164 cold-start: the puppet is ready when it is over, and what happens meanwhile is told', async () => {
  const { client, timers, stream, world, room, friend } = await (async () => {
    const made = await cold()
    return { ...made, stream: made.client.listen() }
  })()
  await stream.event('login')
  world.join(room.wxid, friend.wxid)
  await stream.event('room-join')
  timers.fire(12_000)
  await stream.event('ready')
  expect(stream.heard.map(event => event.type)).toEqual(['heartbeat', 'login', 'room-join', 'ready'])
  await client.ask('ding', ask.ding())
})

test('SIM-165 short: a list leaves out every second one, or those that are named', async () => {
  const { simulator, client, world, room, bot, owner, friend } = await servedWorld()
  const second = world.addRoom({ ownerId: owner.wxid, members: [bot.wxid] })
  const rooms = async () =>
    (await client.ask<puppet.RoomListResponse>('roomList', ask.roomList())).getIdsList()
  simulator.faults.add({ on: 'roomList', mode: 'short', times: 1 })
  expect(await rooms()).toEqual([room.wxid])
  simulator.faults.add({ on: 'roomList', mode: 'short', without: [room.wxid] })
  expect(await rooms()).toEqual([second.wxid])

  simulator.faults.add({ on: 'contactList', mode: 'short', without: [friend.wxid] })
  const contacts = await client.ask<puppet.ContactListResponse>('contactList', ask.contactList())
  expect(contacts.getIdsList()).toEqual([owner.wxid])
  simulator.faults.add({ on: 'roomMemberList', mode: 'short' })
  const members = await client.ask<puppet.RoomMemberListResponse>(
    'roomMemberList',
    ask.roomMemberList(room.wxid),
  )
  expect(members.getMemberIdsList()).toEqual([owner.wxid])
})

test('SIM-166 ready comes late, twice, or never', async () => {
  const timers = handTimers()
  const { simulator, client } = await servedWorld({ timers })
  const greeting = async (fault: FaultInput, settle = () => {}) => {
    simulator.faults.clear()
    simulator.faults.add(fault)
    const stream = client.listen()
    await stream.event('login')
    settle()
    await client.ask('ding', ask.ding())
    await stream.event('dong')
    stream.cancel()
    await stream.failed()
    return stream.heard.map(event => event.type).join(' ')
  }
  expect(await greeting({ on: 'ready', mode: 'never' })).toBe('heartbeat login dong')
  expect(await greeting({ on: 'ready', mode: 'twice' })).toBe('heartbeat login ready ready dong')
  expect(await greeting({ on: 'ready', mode: 'late', forMs: 7_000 })).toBe('heartbeat login dong')
  expect(await greeting({ on: 'ready', mode: 'late' }, () => timers.fire(5_000))).toBe(
    'heartbeat login ready dong',
  )
})

test('SIM-167 ghost: an event finds the connection reset, and the old stream in the way for a while', async () => {
  const timers = handTimers()
  const { simulator, client, clientOf, world, room, bot } = await servedWorld({ timers })
  const stream = client.listen()
  await stream.event('ready')
  simulator.faults.add({ on: 'stream', mode: 'ghost', times: 1, forMs: 6_000 })
  world.setTopic(room.wxid, '一')
  expect(await stream.failed()).toBe(status.UNAVAILABLE)
  expect(stream.heard.map(event => event.type)).toEqual(['heartbeat', 'login', 'ready'])
  expect(await clientOf(bot).listen().failed()).toBe(status.ALREADY_EXISTS)
  timers.fire(6_000)
  await clientOf(bot).listen().event('login')
})

test('SIM-168 ghost: it goes with the faults, and with the server', async () => {
  const { simulator, clientOf, world, room, bot } = await servedWorld({ timers: handTimers() })
  const haunt = async () => {
    const stream = clientOf(bot).listen()
    await stream.event('ready')
    simulator.faults.add({ on: 'stream', mode: 'ghost', times: 1 })
    world.setTopic(room.wxid, '一')
    await stream.failed()
  }
  await haunt()
  simulator.faults.clear()
  await haunt()
  await simulator.restartServer({ downMs: 0 })
  await clientOf(bot).listen().event('login')
})
