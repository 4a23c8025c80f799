import { grpc, type puppet } from '@juzi/wechaty-grpc'
import { expect, test } from 'vitest'
import { LEFT_ROOM_READABLE_MS } from '../src/puppet/left-rooms.ts'
import { control } from './control-client.ts'
import { ask } from './raw-client.ts'
import { servedWorld } from './served-world.ts'
import { fixedClock, NOON } from './world-builder.ts'

const { status } = grpc

test('SIM-180 what somebody says in a room is told to the bots in it, and they can read it', async () => {
  const { simulator, client, clientOf, world, room, owner } = await servedWorld()
  const outsider = clientOf(world.addBot({ userId: 'xiaonan' }))
  const stream = client.listen()
  await stream.event('ready')
  const said = await control(simulator.controlUrl, 'POST', `/rooms/${room.wxid}/messages`, {
    from: owner.wxid,
    text: '在吗',
  })
  const { messageId } = (await stream.event('message')).payload
  expect(said).toMatchObject({ status: 200, body: { id: messageId } })
  const id = String(messageId)
  const heard = await client.ask<puppet.MessagePayloadResponse>('messagePayload', ask.messagePayload(id))
  expect(heard.toObject()).toMatchObject({
    ...{ id, type: 7, text: '在吗', talkerId: owner.wxid, roomId: room.wxid, listenerId: '' },
    receiveTime: { seconds: NOON / 1_000 },
  })
  await expect(outsider.ask('messagePayload', ask.messagePayload(id))).rejects.toMatchObject({
    code: status.UNKNOWN,
  })
  expect(world.snapshot().messages).toEqual([
    { roomWxid: room.wxid, from: owner.wxid, text: '在吗', at: NOON },
  ])
})

test('SIM-181 a customer writes to a bot: the one it names, or the first that knows it', async () => {
  const { simulator, client, world, bot, friend, stranger } = await servedWorld()
  const stream = client.listen()
  await stream.event('ready')
  const write = (from: string, body: object) =>
    control(simulator.controlUrl, 'POST', `/contacts/${from}/messages`, body)
  for (const body of [{ text: '你好' }, { to: bot.wxid, text: '还在吗' }]) {
    const { id } = (await write(friend.wxid, body)).body
    await stream.event('message', payload => payload['messageId'] === id)
    const heard = await client.ask<puppet.MessagePayloadResponse>(
      'messagePayload',
      ask.messagePayload(String(id)),
    )
    expect(heard.toObject()).toMatchObject({ talkerId: friend.wxid, listenerId: bot.wxid, roomId: '' })
  }
  expect(await write(stranger.wxid, { text: '有人吗' })).toMatchObject({ status: 409 })
  expect(await write('nobody', { text: '有人吗' })).toMatchObject({ status: 404 })
  expect(world.messages).toHaveLength(2)
})

test('SIM-182 who is not in the room cannot speak there, and of what a bot says itself it hears nothing', async () => {
  const { simulator, client, room, friend, bot } = await servedWorld()
  const stream = client.listen()
  await stream.event('ready')
  expect(
    await control(simulator.controlUrl, 'POST', `/rooms/${room.wxid}/messages`, {
      from: friend.wxid,
      text: '喂',
    }),
  ).toMatchObject({ status: 409, body: { reason: 'not-in-room' } })

  const sent = await client.ask<puppet.MessageSendTextResponse>(
    'messageSendText',
    ask.sendText(room.wxid, '大家好'),
  )
  const mine = await client.ask<puppet.MessagePayloadResponse>(
    'messagePayload',
    ask.messagePayload(sent.getId()),
  )
  expect(mine.getTalkerId()).toBe(bot.wxid)
  await client.ask('ding', ask.ding())
  await stream.event('dong')
  expect(stream.heard.map(event => event.type)).not.toContain('message')
})

test('SIM-183 a room that the bot has left is off its list, and readable until its event was handled', async () => {
  const clock = fixedClock(NOON)
  const { client, world, room, bot, owner } = await servedWorld({ clock, keepsPayloads: false })
  world.leave(room.wxid, bot.wxid, owner.wxid)
  const rooms = await client.ask<puppet.RoomListResponse>('roomList', ask.roomList())
  expect(rooms.getIdsList()).toEqual([])
  const read = () => client.ask<puppet.RoomPayloadResponse>('roomPayload', ask.roomPayload(room.wxid))
  expect((await read()).toObject()).toMatchObject({ topic: '大街小巷', memberIdsList: [owner.wxid] })
  const members = await client.ask<puppet.RoomMemberListResponse>(
    'roomMemberList',
    ask.roomMemberList(room.wxid),
  )
  expect(members.getMemberIdsList()).toEqual([owner.wxid])
  await expect(client.ask('roomTopic', ask.roomTopic(room.wxid, '改名'))).rejects.toMatchObject({
    code: status.UNKNOWN,
  })

  clock.advance(LEFT_ROOM_READABLE_MS)
  await expect(read()).rejects.toMatchObject({ code: status.UNKNOWN })
})

test('SIM-184 whoever scans the code of a room was invited by its owner, whose code it is', async () => {
  const { client, world, room, friend, owner } = await servedWorld()
  const stream = client.listen()
  await stream.event('ready')
  world.join(room.wxid, friend.wxid)
  expect((await stream.event('room-join')).payload).toMatchObject({ inviterId: owner.wxid })
  const member = await client.ask<puppet.RoomMemberPayloadResponse>(
    'roomMemberPayload',
    ask.roomMemberPayload(room.wxid, friend.wxid),
  )
  expect(member.toObject()).toMatchObject({ inviterId: owner.wxid, joinScene: 3 })
})

test('SIM-185 a new friend is told, and the friendship can be read', async () => {
  const { client, world, bot, stranger } = await servedWorld()
  const stream = client.listen()
  await stream.event('ready')
  world.setFriendship(bot.wxid, stranger.wxid, true)
  const { friendshipId } = (await stream.event('friendship')).payload
  const read = await client.ask<puppet.FriendshipPayloadResponse>(
    'friendshipPayload',
    ask.friendshipPayload(String(friendshipId)),
  )
  expect(read.toObject()).toMatchObject({ contactId: stranger.wxid, type: 1 })

  world.setFriendship(bot.wxid, stranger.wxid, false)
  await stream.event('dirty', () => stream.heard.filter(event => event.type === 'dirty').length === 2)
  expect(stream.heard.filter(event => event.type === 'friendship')).toHaveLength(1)
})
