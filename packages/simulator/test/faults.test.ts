import { grpc, type puppet } from '@juzi/wechaty-grpc'
import { expect, test } from 'vitest'
import { ZodError } from 'zod'
import { FAULTS_MAX } from '../src/faults/faults.ts'
import { type FaultInput, Faults } from '../src/index.ts'
import { REORDER_WAIT_MS } from '../src/puppet/event-faults.ts'
import { HEARTBEAT_MS } from '../src/puppet/event-stream.ts'
import { handTimers } from './hand-timers.ts'
import { ask, HOPELESS_DEADLINE_MS } from './raw-client.ts'
import { servedWorld } from './served-world.ts'

const { status } = grpc

test.each<[string, unknown]>([
  ['an unknown call', { on: 'roomExplode', mode: 'refuse' }],
  ['an unknown mode', { on: 'roomAdd', mode: 'explode' }],
  ['a mode that belongs elsewhere', { on: 'roomAdd', mode: 'freeze' }],
  ['a lie that only roomQuit and roomAdd can tell', { on: 'roomCreate', mode: 'done-but-not' }],
  ['an emptiness that fits no list and no room', { on: 'roomAdd', mode: 'empty-at-first' }],
  ['a boast of a call that tells nothing', { on: 'roomAdd', mode: 'too-much' }],
  ['zero times', { on: 'roomAdd', mode: 'refuse', times: 0 }],
  ['half a time', { on: 'roomAdd', mode: 'refuse', times: 0.5 }],
  ['a freeze that counts', { on: 'stream', mode: 'freeze', times: 1 }],
  ['a deafness that counts', { on: 'stream', mode: 'heartbeat-only', times: 1 }],
  ['a misspelt field', { on: 'roomAdd', mode: 'refuse', time: 1 }],
])('SIM-50 %s is no fault', (_what, fault) => {
  const faults = new Faults()
  expect(() => faults.add(fault as FaultInput)).toThrow(ZodError)
  expect(faults.list()).toEqual([])
})

test('SIM-51 there is an end to how many faults there can be', () => {
  const faults = new Faults()
  for (let n = 0; n < FAULTS_MAX; n++) faults.add({ on: 'ding', mode: 'refuse' })
  expect(() => faults.add({ on: 'ding', mode: 'refuse' })).toThrow('故障太多')
})

test('SIM-52 refuse: the call fails and nothing happens, as often as asked', async () => {
  const { simulator, client, room, friend } = await servedWorld()
  simulator.faults.add({ on: 'roomAdd', mode: 'refuse', times: 2 })
  const add = () => client.ask('roomAdd', ask.roomAdd(room.wxid, friend.wxid))
  await expect(add()).rejects.toMatchObject({ code: status.UNKNOWN })
  await expect(add()).rejects.toMatchObject({ code: status.UNKNOWN })
  expect(room.members.has(friend.wxid)).toBe(false)
  await add()
  expect(room.members.has(friend.wxid)).toBe(true)
  expect(simulator.faults.list()).toEqual([])
})

test('SIM-53 a fault on roomAdd hits roomAddV2 too, and a fault for one bot spares the others', async () => {
  const { simulator, client, clientOf, world, room, friend, bot } = await servedWorld()
  const other = world.addBot({ userId: 'xiaonan' })
  simulator.faults.add({ on: 'roomAdd', mode: 'refuse', times: 1 })
  simulator.faults.add({ on: 'roomList', mode: 'refuse', bot: bot.wxid })
  await expect(client.ask('roomAddV2', ask.roomAddV2(room.wxid, [friend.wxid]))).rejects.toMatchObject({
    code: status.UNKNOWN,
  })
  await expect(client.ask('roomList', ask.roomList())).rejects.toMatchObject({ code: status.UNKNOWN })
  await clientOf(other).ask('roomList', ask.roomList())
})

test('SIM-54 hang: no answer and no effect; clearing heals the next call', async () => {
  const { simulator, client, room, friend } = await servedWorld()
  simulator.faults.add({ on: 'roomAdd', mode: 'hang' })
  const add = ask.roomAdd(room.wxid, friend.wxid)
  await expect(client.ask('roomAdd', add, HOPELESS_DEADLINE_MS)).rejects.toMatchObject({
    code: status.DEADLINE_EXCEEDED,
  })
  expect(room.members.has(friend.wxid)).toBe(false)
  simulator.faults.clear()
  await client.ask('roomAdd', add)
})

test('SIM-55 done-but-timeout: no answer although it happened', async () => {
  const { simulator, client, world, owner, friend } = await servedWorld()
  simulator.faults.add({ on: 'roomCreate', mode: 'done-but-timeout', times: 1 })
  const create = ask.roomCreate([owner.wxid, friend.wxid], '超时的群')
  await expect(client.ask('roomCreate', create, HOPELESS_DEADLINE_MS)).rejects.toMatchObject({
    code: status.DEADLINE_EXCEEDED,
  })
  expect([...world.rooms.values()].map(room => room.topic)).toContain('超时的群')
})

test('SIM-56 done-but-not: roomQuit reports success with the bot still inside', async () => {
  const { simulator, client, room, bot } = await servedWorld()
  simulator.faults.add({ on: 'roomQuit', mode: 'done-but-not', times: 1 })
  await client.ask('roomQuit', ask.roomQuit(room.wxid))
  expect(room.members.has(bot.wxid)).toBe(true)
})

test('SIM-130 done-but-not: roomAdd reports success, and nobody came', async () => {
  const { simulator, client, room, friend } = await servedWorld()
  simulator.faults.add({ on: 'roomAdd', mode: 'done-but-not', times: 1 })
  const add = () => client.ask('roomAdd', ask.roomAdd(room.wxid, friend.wxid))
  await add()
  expect(room.members.has(friend.wxid)).toBe(false)
  await add()
  expect(room.members.has(friend.wxid)).toBe(true)
})

test('SIM-132 done-but-refused: the call fails although it happened, as when a puppet gives up on itself', async () => {
  const { simulator, client, room, friend } = await servedWorld()
  simulator.faults.add({ on: 'roomAdd', mode: 'done-but-refused', times: 1 })
  await expect(client.ask('roomAdd', ask.roomAdd(room.wxid, friend.wxid))).rejects.toMatchObject({
    code: status.UNKNOWN,
  })
  expect(room.members.has(friend.wxid)).toBe(true)
})

test('SIM-131 empty-at-first: lists and rooms are there, and fill later', async () => {
  const { simulator, client, room } = await servedWorld()
  for (const on of ['roomList', 'roomMemberList', 'roomPayload', 'contactList'] as const)
    simulator.faults.add({ on, mode: 'empty-at-first', times: 1 })
  const look = async () => {
    const rooms = (await client.ask('roomList', ask.roomList())) as puppet.RoomListResponse
    const members = (await client.ask(
      'roomMemberList',
      ask.roomMemberList(room.wxid),
    )) as puppet.RoomMemberListResponse
    const payload = (await client.ask(
      'roomPayload',
      ask.roomPayload(room.wxid),
    )) as puppet.RoomPayloadResponse
    const contacts = (await client.ask('contactList', ask.contactList())) as puppet.ContactListResponse
    expect(payload.getId()).toBe(room.wxid)
    return [
      rooms.getIdsList().length,
      members.getMemberIdsList().length,
      payload.getTopic().length + payload.getMemberIdsList().length,
      contacts.getIdsList().length,
    ]
  }
  expect(await look()).toEqual([0, 0, 0, 0])
  for (const count of await look()) expect(count).toBeGreaterThan(0)
})

test('SIM-133 too-much: lists without end, and texts of 80 KB behind the true ones', async () => {
  const { simulator, client, room, friend } = await servedWorld()
  for (const on of ['roomList', 'roomMemberList', 'roomPayload', 'contactList', 'contactPayload'] as const)
    simulator.faults.add({ on, mode: 'too-much', times: 1 })
  const rooms = (await client.ask('roomList', ask.roomList())) as puppet.RoomListResponse
  expect(rooms.getIdsList()).toHaveLength(25_001)
  const members = await client.ask('roomMemberList', ask.roomMemberList(room.wxid))
  expect((members as puppet.RoomMemberListResponse).getMemberIdsList().length).toBeGreaterThan(25_000)
  const contacts = (await client.ask('contactList', ask.contactList())) as puppet.ContactListResponse
  expect(contacts.getIdsList().length).toBeGreaterThan(120_000)
  const payload = (await client.ask('roomPayload', ask.roomPayload(room.wxid))) as puppet.RoomPayloadResponse
  expect(payload.getTopic()).toBe(room.topic + '𠮷'.repeat(20_000))
  expect(payload.getId()).toBe(room.wxid)
  const contact = await client.ask('contactPayload', ask.contactPayload(friend.wxid))
  expect((contact as puppet.ContactPayloadResponse).getName()).toBe(friend.name + '𠮷'.repeat(20_000))
  const after = (await client.ask('roomList', ask.roomList())) as puppet.RoomListResponse
  expect(after.getIdsList()).toHaveLength(1)
})

async function listening(fault: FaultInput) {
  const timers = handTimers()
  const served = await servedWorld({ timers })
  const stream = served.client.listen()
  await stream.event('ready')
  served.simulator.faults.add(fault)
  const topics = () =>
    stream.heard.filter(event => event.type === 'room-topic').map(event => event.payload['newTopic'])
  const rename = (...names: string[]) => {
    for (const name of names) served.world.setTopic(served.room.wxid, name)
  }
  return {
    ...served,
    timers,
    stream,
    topics,
    rename,
    heardTopic: (name: string) => stream.event('room-topic', payload => payload['newTopic'] === name),
  }
}

test('SIM-57 drop: the event is lost, the next one is not', async () => {
  const { rename, heardTopic, topics } = await listening({ on: 'events', mode: 'drop', times: 1 })
  rename('一', '二')
  await heardTopic('二')
  expect(topics()).toEqual(['二'])
})

test('SIM-58 duplicate: the event comes twice', async () => {
  const { rename, heardTopic, topics } = await listening({ on: 'events', mode: 'duplicate', times: 1 })
  rename('一', '二')
  await heardTopic('二')
  expect(topics()).toEqual(['一', '一', '二'])
})

test('SIM-59 reorder: the event comes after the next one, or alone when nothing overtakes it', async () => {
  const { rename, heardTopic, topics, timers } = await listening({ on: 'events', mode: 'reorder', times: 2 })
  rename('一', '二')
  await heardTopic('一')
  expect(topics()).toEqual(['二', '一'])
  rename('三')
  timers.fire(REORDER_WAIT_MS)
  await heardTopic('三')
})

test('SIM-60 no-inviter and names-for-ids: hints that are worth less than they look', async () => {
  const { simulator, world, room, owner, friend, stranger, stream } = await listening({
    on: 'events',
    mode: 'no-inviter',
    times: 1,
  })
  world.join(room.wxid, friend.wxid, owner.wxid)
  expect((await stream.event('room-join')).payload).toMatchObject({
    inviterId: '',
    inviteeIdList: [friend.wxid],
  })

  simulator.faults.add({ on: 'events', mode: 'names-for-ids', times: 1 })
  world.join(room.wxid, stranger.wxid, owner.wxid)
  expect((await stream.event('room-join', payload => payload['inviterId'] !== '')).payload).toMatchObject({
    inviterId: '店长-周敏',
    inviteeIdList: ['陌生人'],
    roomId: room.wxid,
  })
})

test('SIM-61 freeze: silence, heartbeats included, until the faults are cleared', async () => {
  const { simulator, client, timers, rename, heardTopic, topics, stream } = await listening({
    on: 'stream',
    mode: 'freeze',
  })
  rename('一')
  timers.fire(HEARTBEAT_MS)
  await client.ask('ding', ask.ding('anybody?'))
  expect(stream.heard.map(event => event.type)).toEqual(['heartbeat', 'login', 'ready'])

  simulator.faults.clear()
  await heardTopic('一')
  await stream.event('dong')
  expect(topics()).toEqual(['一'])
  expect(stream.heard.map(event => event.seq)).toEqual([1, 2, 3, 4, 5, 6])
})

test('SIM-61 a thaw keeps the order: what was frozen comes before what waited to be overtaken', async () => {
  const { simulator, rename, heardTopic, topics } = await listening({ on: 'stream', mode: 'freeze' })
  rename('一')
  simulator.faults.add({ on: 'events', mode: 'reorder', times: 1 })
  rename('二')
  simulator.faults.clear()
  await heardTopic('二')
  expect(topics()).toEqual(['一', '二'])
})

test('SIM-61 heartbeat-only: a stream that lives and tells nothing, not even the answer to a ding', async () => {
  const { simulator, client, timers, rename, heardTopic, stream } = await listening({
    on: 'stream',
    mode: 'heartbeat-only',
  })
  rename('一')
  await client.ask('ding', ask.ding('anybody?'))
  timers.fire(HEARTBEAT_MS)
  await stream.event('heartbeat', () => stream.heard.length === 4)
  expect(stream.heard.map(event => event.type)).toEqual(['heartbeat', 'login', 'ready', 'heartbeat'])

  simulator.faults.clear()
  rename('二')
  await heardTopic('二')
  expect(stream.heard).toHaveLength(5)
})

test('SIM-61 greeting-only: every new stream says who is logged in, and then nothing at all', async () => {
  const { simulator, client, timers, rename, stream } = await listening({
    on: 'stream',
    mode: 'greeting-only',
  })
  stream.cancel()
  await stream.failed()
  const next = client.listen()
  await next.event('ready')
  rename('一')
  timers.fire(HEARTBEAT_MS)
  await client.ask('ding', ask.ding('anybody?'))
  simulator.faults.clear()
  await client.ask('ding', ask.ding('now?'))
  await next.event('dong')
  expect(next.heard.map(event => event.type)).toEqual(['heartbeat', 'login', 'ready', 'dong'])
})

test('SIM-62 a heartbeat is heard every fifteen seconds', async () => {
  const { timers, stream } = await listening({ on: 'ding', mode: 'refuse' })
  timers.fire(HEARTBEAT_MS)
  await stream.event('heartbeat', () => stream.heard.filter(event => event.type === 'heartbeat').length === 2)
})

test('SIM-63 a stream can be refused, and dropped in the middle', async () => {
  const { simulator, client, rename, stream } = await listening({ on: 'stream', mode: 'drop', times: 1 })
  rename('一')
  expect(await stream.failed()).toBe(status.UNAVAILABLE)
  simulator.faults.add({ on: 'stream', mode: 'refuse', times: 1 })
  expect(await client.listen().failed()).toBe(status.UNAVAILABLE)
  await client.listen().event('login')
})

test('SIM-64 a fault on one call leaves its neighbours alone', async () => {
  const { simulator, client, friend } = await servedWorld()
  simulator.faults.add({ on: 'roomPayload', mode: 'refuse' })
  const contact = await client.ask<puppet.ContactPayloadResponse>(
    'contactPayload',
    ask.contactPayload(friend.wxid),
  )
  expect(contact.getId()).toBe(friend.wxid)
})

test('SIM-65 a fault on a call strikes its batch form too: what counts is what is asked, not how', async () => {
  const { simulator, client, friend } = await servedWorld()
  simulator.faults.add({ on: 'contactPayload', mode: 'refuse' })
  for (const call of ['contactPayload', 'batchContactPayload'] as const) {
    const request =
      call === 'contactPayload' ? ask.contactPayload(friend.wxid) : ask.batchContactPayload([friend.wxid])
    await expect(client.ask(call, request)).rejects.toMatchObject({ code: status.UNKNOWN })
  }
})
