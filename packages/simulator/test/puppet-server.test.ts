import { grpc, type puppet } from '@juzi/wechaty-grpc'
import { expect, test } from 'vitest'
import { ask, rawClient } from './raw-client.ts'
import { servedWorld } from './served-world.ts'
import { NOON } from './world-builder.ts'

const { status } = grpc

test('SIM-30 an unknown token is not let in', async () => {
  const { clientOf } = await servedWorld()
  const stranger = clientOf({ token: 'puppet_nobody_0000' })
  await expect(stranger.ask('roomList', ask.roomList())).rejects.toMatchObject({
    code: status.UNAUTHENTICATED,
  })
  expect(await stranger.listen().failed()).toBe(status.UNAUTHENTICATED)
})

test('SIM-31 the token counts wherever it travels: as authority or as authorization', async () => {
  const { simulator, bot, room } = await servedWorld()
  const client = rawClient(simulator.endpoint, 'localhost', { authorization: `Wechaty ${bot.token}` })
  const response = await client.ask<puppet.RoomListResponse>('roomList', ask.roomList())
  expect(response.getIdsList()).toEqual([room.wxid])
  client.close()
})

test('SIM-32 a second stream of the same bot is refused, and free as soon as the first is cancelled', async () => {
  const { client, clientOf, bot } = await servedWorld()
  const first = client.listen()
  await first.event('login')
  expect(await clientOf(bot).listen().failed()).toBe(status.ALREADY_EXISTS)

  first.cancel()
  const third = clientOf(bot)
  for (let tries = 0; ; tries++) {
    const stream = third.listen()
    const heard = await Promise.race([stream.event('login'), stream.failed()])
    if (typeof heard !== 'number') break
    expect(tries).toBeLessThan(50)
  }
})

test('SIM-33 a call that nobody implements answers UNIMPLEMENTED', async () => {
  const { client } = await servedWorld()
  await expect(client.ask('contactSelfQRCode', ask.selfQrCode())).rejects.toMatchObject({
    code: status.UNIMPLEMENTED,
  })
})

test('SIM-34 a refusal is UNKNOWN with a text, and never a code that clients could rely on', async () => {
  const { client, room, stranger } = await servedWorld()
  await expect(client.ask('roomAdd', ask.roomAdd(room.wxid, stranger.wxid))).rejects.toMatchObject({
    code: status.UNKNOWN,
    details: expect.stringContaining('不是好友或同事'),
  })
  await expect(client.ask('roomPayload', ask.roomPayload('R:0'))).rejects.toMatchObject({
    code: status.UNKNOWN,
  })
  await expect(client.ask('contactPayload', ask.contactPayload('\ud800nobody'))).rejects.toMatchObject({
    code: status.UNKNOWN,
  })
})

test('SIM-35 an offline bot is unavailable, and its stream ends', async () => {
  const { client, world, bot } = await servedWorld()
  const stream = client.listen()
  await stream.event('ready')
  world.setBotState(bot.wxid, 'offline')
  expect(await stream.failed()).toBe(status.UNAVAILABLE)
  await expect(client.ask('roomList', ask.roomList())).rejects.toMatchObject({ code: status.UNAVAILABLE })
  expect(await client.listen().failed()).toBe(status.UNAVAILABLE)

  world.setBotState(bot.wxid, 'online')
  await client.listen().event('login')
})

test('SIM-36 a logged-out bot keeps its stream, refuses calls, and logs in again after a scan', async () => {
  const { client, world, bot } = await servedWorld()
  const stream = client.listen()
  await stream.event('ready')
  world.setBotState(bot.wxid, 'logged-out')
  expect((await stream.event('logout')).payload).toMatchObject({ contactId: bot.wxid })
  await expect(client.ask('contactList', ask.contactList())).rejects.toMatchObject({
    code: status.UNKNOWN,
    details: expect.stringContaining('未登录'),
  })
  await client.ask('ding', ask.ding('still here'))
  await stream.event('dong')

  world.setBotState(bot.wxid, 'awaiting-scan')
  expect((await stream.event('scan')).payload).toMatchObject({
    status: 2,
    type: 1,
    qrcode: expect.any(String),
    timestamp: NOON / 1_000,
  })
  world.setBotState(bot.wxid, 'online')
  await stream.event('ready', () => stream.heard.filter(event => event.type === 'ready').length === 2)
  expect(stream.failure).toBeNull()
  expect(stream.heard.map(event => event.type)).toEqual([
    'heartbeat',
    'login',
    'ready',
    'logout',
    'dong',
    'scan',
    'login',
    'ready',
  ])
})

test('SIM-37 a bot that awaits its scan says so at the start of the stream', async () => {
  const { clientOf, world } = await servedWorld()
  const stream = clientOf(world.addBot({ userId: 'new', state: 'awaiting-scan' })).listen()
  await stream.event('scan')
  expect(stream.heard.map(event => event.type)).toEqual(['heartbeat', 'scan'])
})

test('SIM-38 a stream begins with a heartbeat and the login; numbers only ever grow', async () => {
  const { client, world, room, friend, bot } = await servedWorld()
  const stream = client.listen()
  await stream.event('ready')
  world.join(room.wxid, friend.wxid)
  await stream.event('room-join')
  expect(stream.heard.map(event => [event.type, event.seq])).toEqual([
    ['heartbeat', 1],
    ['login', 2],
    ['ready', 3],
    ['room-join', 4],
  ])
  expect(stream.heard[1]?.payload).toEqual({ contactId: bot.wxid })
})

test('SIM-39 joins, leaves and topics reach every bot in the room, and the one that was removed', async () => {
  const { client, clientOf, world, room, owner, bot, friend } = await servedWorld()
  const other = world.addBot({ userId: 'xiaonan' })
  const [mine, theirs] = [client.listen(), clientOf(other).listen()]
  await Promise.all([mine.event('ready'), theirs.event('ready')])

  world.join(room.wxid, friend.wxid, owner.wxid)
  world.join(room.wxid, other.wxid, bot.wxid)
  const joined = {
    inviteeIdList: [other.wxid],
    inviterId: bot.wxid,
    roomId: room.wxid,
    timestamp: NOON / 1_000,
  }
  expect((await theirs.event('room-join')).payload).toEqual(joined)
  expect((await mine.event('room-join', payload => payload['inviterId'] === bot.wxid)).payload).toEqual(
    joined,
  )

  world.setTopic(room.wxid, '新的群名', owner.wxid)
  expect((await theirs.event('room-topic')).payload).toEqual({
    changerId: owner.wxid,
    newTopic: '新的群名',
    oldTopic: '大街小巷',
    roomId: room.wxid,
    timestamp: NOON / 1_000,
  })

  world.leave(room.wxid, other.wxid, owner.wxid)
  const left = {
    removeeIdList: [other.wxid],
    removerId: owner.wxid,
    roomId: room.wxid,
    timestamp: NOON / 1_000,
  }
  expect((await theirs.event('room-leave')).payload).toEqual(left)
  expect((await mine.event('room-leave')).payload).toEqual(left)
  // The friend joined before the other bot did, so only the first bot has heard of it.
  expect(theirs.heard.filter(event => event.type === 'room-join')).toHaveLength(1)
})

test('SIM-40 a new name, alias or owner makes the payload dirty', async () => {
  const { client, world, room, friend, bot, stranger } = await servedWorld()
  const stream = client.listen()
  await stream.event('ready')
  world.renameContact(stranger.wxid, '与我无关')
  world.renameContact(friend.wxid, '林小晓')
  world.setAlias(room.wxid, bot.wxid, '值班')
  world.setOwner(room.wxid, bot.wxid)
  await stream.event('dirty', payload => payload['payloadType'] === 3)
  expect(stream.heard.filter(event => event.type === 'dirty').map(event => event.payload)).toEqual([
    { payloadType: 2, payloadId: friend.wxid },
    { payloadType: 4, payloadId: room.wxid },
    { payloadType: 3, payloadId: room.wxid },
  ])
})

test('SIM-41 a contact is friend and coworker as seen from the asking bot', async () => {
  const { client, clientOf, world, bot, friend, owner } = await servedWorld()
  const rival = world.addBot({ userId: 'rival', corpId: world.addCorp({ name: '对手公司' }).id })
  const partner = world.addContact({
    kind: 'wecom',
    name: '王伟',
    corporation: '海风科技',
    friendOf: [bot.wxid],
    unionId: null,
  })
  const seen = async (id: string, through = client) =>
    (await through.ask<puppet.ContactPayloadResponse>('contactPayload', ask.contactPayload(id))).toObject()

  expect(await seen(friend.wxid)).toMatchObject({
    friend: true,
    coworker: false,
    type: 1,
    weixin: friend.externalUserId,
    corporation: '',
  })
  expect(JSON.parse((await seen(friend.wxid)).additionalInfo)).toEqual({ unionId: friend.unionId })
  expect(await seen(owner.wxid)).toMatchObject({
    friend: false,
    coworker: true,
    type: 3,
    weixin: 'zhoumin',
    corporation: '群枢示范',
  })
  expect(await seen(partner.wxid)).toMatchObject({ type: 3, corporation: '海风科技', additionalInfo: '' })
  expect(await seen(owner.wxid, clientOf(rival))).toMatchObject({ friend: false, coworker: false })
  expect(await seen(bot.wxid)).toMatchObject({ weixin: 'xiaobei', name: '小北', type: 3 })
})

test('SIM-42 batches answer for those that exist, in one message', async () => {
  const { client, room, bot, owner, friend } = await servedWorld()
  const contacts = await client.ask<puppet.BatchContactPayloadResponse>(
    'batchContactPayload',
    ask.batchContactPayload([friend.wxid, 'gone', owner.wxid]),
  )
  expect(
    contacts.getContactPayloadsList().map((payload: puppet.ContactPayloadResponse) => payload.getId()),
  ).toEqual([friend.wxid, owner.wxid])
  const members = await client.ask<puppet.BatchRoomMemberPayloadResponse>(
    'batchRoomMemberPayload',
    ask.batchRoomMemberPayload(room.wxid, [bot.wxid, friend.wxid]),
  )
  expect(members.toObject().memberPayloadsList).toMatchObject([
    { id: bot.wxid, inviterId: owner.wxid, joinTime: NOON / 1_000, joinScene: 1 },
  ])
})

test('SIM-43 the contact list holds friends and coworkers, and not the bot itself', async () => {
  const { client, world, owner, friend } = await servedWorld()
  const colleague = world.addBot({ userId: 'xiaonan' })
  const response = await client.ask<puppet.ContactListResponse>('contactList', ask.contactList())
  expect(response.getIdsList().toSorted()).toEqual([colleague.wxid, owner.wxid, friend.wxid].toSorted())
})

test('SIM-44 roomAddV2 says who came and who did not, and why', async () => {
  const { client, room, friend, stranger } = await servedWorld()
  const response = await client.ask<puppet.RoomAddV2Response>(
    'roomAddV2',
    ask.roomAddV2(room.wxid, [friend.wxid, stranger.wxid, 'nobody']),
  )
  expect(response.getSuccessIdsList()).toEqual([friend.wxid])
  expect(response.getFailedIdsList()).toEqual([stranger.wxid, 'nobody'])
  expect(response.getFailedReasonsList()[0]).toContain('不是好友或同事')
  expect([...room.members.keys()].at(-1)).toBe(friend.wxid)
})

test('SIM-45 a bot that receives a card can read it and accept it; nobody else can', async () => {
  const { client, clientOf, world, room, bot } = await servedWorld()
  const other = world.addBot({ userId: 'xiaonan' })
  world.fillRoom(room.wxid, 40)
  const theirs = clientOf(other)
  const stream = theirs.listen()
  await stream.event('ready')
  await client.ask('roomAdd', ask.roomAdd(room.wxid, other.wxid))

  const id = String((await stream.event('room-invite')).payload['roomInvitationId'])
  await expect(client.ask('roomInvitationAccept', ask.acceptInvitation(id))).rejects.toMatchObject({
    code: status.UNKNOWN,
  })
  const card = await theirs.ask<puppet.RoomInvitationPayloadResponse>(
    'roomInvitationPayload',
    ask.roomInvitation(id),
  )
  expect(card.toObject()).toMatchObject({
    inviterId: bot.wxid,
    receiverId: other.wxid,
    memberCount: 40,
    topic: '大街小巷',
  })
  await theirs.ask('roomInvitationAccept', ask.acceptInvitation(id))
  expect(room.members.has(other.wxid)).toBe(true)
})

test('SIM-46 a bot renames its rooms, remarks its contacts, removes members, speaks and quits', async () => {
  const { client, world, bot, friend, owner, room } = await servedWorld()
  const { wxid } = world.addRoom({ ownerId: bot.wxid, members: [friend.wxid, owner.wxid], topic: '旧名' })
  await client.ask('roomTopic', ask.roomTopic(wxid, '新名'))
  expect((await client.ask<puppet.RoomTopicResponse>('roomTopic', ask.roomTopic(wxid))).getTopic()).toBe(
    '新名',
  )
  await client.ask('contactAlias', ask.contactAlias(friend.wxid, '大客户'))
  expect(
    (await client.ask<puppet.ContactAliasResponse>('contactAlias', ask.contactAlias(friend.wxid))).getAlias(),
  ).toBe('大客户')
  await client.ask('roomDel', ask.roomDel(wxid, [friend.wxid]))
  expect(world.room(wxid).members.has(friend.wxid)).toBe(false)

  await expect(client.ask('messageSendText', ask.sendText('R:0', '喂'))).rejects.toMatchObject({
    code: status.UNKNOWN,
  })
  const sent = await client.ask<puppet.MessageSendTextResponse>(
    'messageSendText',
    ask.sendText(wxid, '大家好'),
  )
  expect(sent.getId()).not.toBe('')
  expect(world.snapshot().messages).toEqual([{ roomWxid: wxid, from: bot.wxid, text: '大家好', at: NOON }])

  await client.ask('roomQuit', ask.roomQuit(room.wxid))
  expect(room.members.has(bot.wxid)).toBe(false)
  await expect(client.ask('roomQuit', ask.roomQuit(wxid))).rejects.toMatchObject({
    details: expect.stringContaining('群主'),
  })
})

test('SIM-47 garbage in names travels to the client without breaking the server', async () => {
  const { client, world, bot, friend, room } = await servedWorld()
  const stream = client.listen()
  await stream.event('ready')
  world.renameContact(friend.wxid, `\u0000\ud800${'长'.repeat(20_000)}`)
  world.setTopic(room.wxid, '\udfff\u0000')
  await stream.event('room-topic')
  const payload = await client.ask<puppet.ContactPayloadResponse>(
    'contactPayload',
    ask.contactPayload(friend.wxid),
  )
  // The encoding has no place for half a character; the rest arrives as it was.
  expect(payload.getName()).toContain(`\u0000`)
  expect(payload.getName()).toContain('长'.repeat(20_000))
  await client.ask('roomPayload', ask.roomPayload(room.wxid))
  await expect(client.ask('roomCreate', ask.roomCreate([bot.wxid], '\ud800'))).rejects.toMatchObject({
    code: status.UNKNOWN,
  })
})

test('SIM-186 the address of a picture is as long as a real one, and the same each time', async () => {
  const { client, room, friend } = await servedWorld()
  const contact = () =>
    client.ask<puppet.ContactPayloadResponse>('contactPayload', ask.contactPayload(friend.wxid))
  const avatar = (await contact()).getAvatar()
  expect(avatar.length).toBeGreaterThanOrEqual(120)
  expect(new URL(avatar).hostname).toBe('avatar.simulator.invalid')
  expect((await contact()).getAvatar()).toBe(avatar)
  const { avatar: ofRoom } = (
    await client.ask<puppet.RoomPayloadResponse>('roomPayload', ask.roomPayload(room.wxid))
  ).toObject()
  expect(ofRoom).not.toBe(avatar)
})
