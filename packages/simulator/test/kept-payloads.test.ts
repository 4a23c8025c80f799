import { grpc, puppet } from '@juzi/wechaty-grpc'
import { expect, test } from 'vitest'
import { LEFT_ROOM_READABLE_MS } from '../src/puppet/left-rooms.ts'
import { ask } from './raw-client.ts'
import { type Served, servedWorld } from './served-world.ts'
import { fixedClock } from './world-builder.ts'

const { status } = grpc
const { PAYLOAD_TYPE_CONTACT, PAYLOAD_TYPE_ROOM, PAYLOAD_TYPE_ROOM_MEMBER } = puppet.PayloadType

const looker = ({ client, room, bot, friend }: Served) => ({
  topic: async () =>
    (await client.ask<puppet.RoomPayloadResponse>('roomPayload', ask.roomPayload(room.wxid))).getTopic(),
  name: async () =>
    (
      await client.ask<puppet.ContactPayloadResponse>('contactPayload', ask.contactPayload(friend.wxid))
    ).getName(),
  alias: async () =>
    (
      await client.ask<puppet.RoomMemberPayloadResponse>(
        'roomMemberPayload',
        ask.roomMemberPayload(room.wxid, bot.wxid),
      )
    ).getRoomAlias(),
})

test('SIM-150 a payload that was asked for is kept, whatever happens in the world, until it is to be forgotten', async () => {
  const clock = fixedClock()
  const served = await servedWorld({ keepsPayloads: true, clock })
  const { client, world, room, owner } = served
  const see = looker(served)
  expect(await see.topic()).toBe('大街小巷')
  world.setTopic(room.wxid, '新名')
  world.leave(room.wxid, served.bot.wxid, owner.wxid)
  expect(await see.topic()).toBe('大街小巷')
  // A list is always looked up, so it contradicts what is kept.
  const rooms = await client.ask<puppet.RoomListResponse>('roomList', ask.roomList())
  expect(rooms.getIdsList()).toEqual([])

  clock.advance(LEFT_ROOM_READABLE_MS)
  await client.ask('dirtyPayload', ask.dirtyPayload(PAYLOAD_TYPE_ROOM, room.wxid))
  await expect(see.topic()).rejects.toMatchObject({ code: status.UNKNOWN })
})

test('SIM-151 contacts and members are kept as rooms are, and batches are always looked up', async () => {
  const served = await servedWorld({ keepsPayloads: true })
  const { client, world, bot, room, friend } = served
  const see = looker(served)
  expect([await see.name(), await see.alias()]).toEqual(['林晓', ''])
  // What a logged-out account is not told, its puppet does not forget.
  world.setBotState(bot.wxid, 'logged-out')
  world.renameContact(friend.wxid, '林小晓')
  world.setAlias(room.wxid, bot.wxid, '值班')
  world.setBotState(bot.wxid, 'online')
  expect([await see.name(), await see.alias()]).toEqual(['林晓', ''])
  const batch = await client.ask<puppet.BatchContactPayloadResponse>(
    'batchContactPayload',
    ask.batchContactPayload([friend.wxid]),
  )
  expect(batch.getContactPayloadsList()[0]?.getName()).toBe('林小晓')

  await client.ask('dirtyPayload', ask.dirtyPayload(PAYLOAD_TYPE_CONTACT, friend.wxid))
  await client.ask(
    'dirtyPayload',
    ask.dirtyPayload(PAYLOAD_TYPE_ROOM_MEMBER, `${room.wxid}\u001F${bot.wxid}`),
  )
  expect([await see.name(), await see.alias()]).toEqual(['林小晓', '值班'])
})

test('SIM-152 what the puppet itself calls dirty it has forgotten, though nobody listens', async () => {
  const served = await servedWorld({ keepsPayloads: true })
  const { world, bot, room, friend } = served
  const see = looker(served)
  expect([await see.name(), await see.alias()]).toEqual(['林晓', ''])
  world.renameContact(friend.wxid, '林小晓')
  world.setAlias(room.wxid, bot.wxid, '值班')
  expect([await see.name(), await see.alias()]).toEqual(['林小晓', '值班'])
})

test('SIM-153 a restart of the server, and an account that was offline, remember nothing', async () => {
  const served = await servedWorld({ keepsPayloads: true })
  const { simulator, world, bot, room, clientOf } = served
  const see = looker(served)
  await see.topic()
  world.setTopic(room.wxid, '新名')
  await simulator.restartServer({ downMs: 0 })
  const later = looker({ ...served, client: clientOf(bot) })
  expect(await later.topic()).toBe('新名')
  world.setTopic(room.wxid, '又一个')
  world.setBotState(bot.wxid, 'offline')
  world.setBotState(bot.wxid, 'online')
  expect(await later.topic()).toBe('又一个')
})

test('SIM-154 a simulator that is not to keep payloads answers how the world is', async () => {
  const served = await servedWorld({ keepsPayloads: false })
  const see = looker(served)
  await see.topic()
  served.world.setTopic(served.room.wxid, '新名')
  expect(await see.topic()).toBe('新名')
})

test('SIM-155 whoever asks to forget hears `dirty`, and so does the listener when it was another who asked', async () => {
  const { client, clientOf, bot, room } = await servedWorld({ keepsPayloads: true })
  const stream = client.listen()
  await stream.event('ready')
  await clientOf(bot).ask('dirtyPayload', ask.dirtyPayload(PAYLOAD_TYPE_ROOM, room.wxid))
  expect((await stream.event('dirty')).payload).toEqual({ payloadType: 3, payloadId: room.wxid })
})

test('SIM-156 what a fault made of an answer is not kept', async () => {
  const served = await servedWorld({ keepsPayloads: true })
  const { simulator } = served
  const see = looker(served)
  simulator.faults.add({ on: 'roomPayload', mode: 'too-much', times: 1 })
  expect(await see.topic()).toContain('𠮷')
  simulator.faults.add({ on: 'roomPayload', mode: 'empty-at-first', times: 1 })
  expect(await see.topic()).toBe('')
  expect(await see.topic()).toBe('大街小巷')
})
