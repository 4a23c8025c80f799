import { expect, test } from 'vitest'
import { UnknownId, WeComRefused, World } from '../src/index.ts'
import { createRoomAsBot } from '../src/world/add-room.ts'
import { addToRoomAsBot } from '../src/world/add-to-room.ts'
import { leaveRoom, removeAsBot } from '../src/world/leave-room.ts'
import { fixedClock, NOON, smallWorld } from './world-builder.ts'

const refusal = (act: () => unknown) => {
  try {
    act()
  } catch (error) {
    if (error instanceof WeComRefused) return error.reason
    throw error
  }
  return 'not refused'
}

test('SIM-1 a contact that is neither friend nor coworker cannot be added', () => {
  const { world, bot, room, stranger } = smallWorld()
  expect(refusal(() => addToRoomAsBot(world, bot, room.wxid, stranger.wxid, false))).toBe('not-friend')
  expect(world.invitations.size).toBe(0)
})

test('SIM-2 a member cannot be added again', () => {
  const { world, bot, room, owner } = smallWorld()
  expect(refusal(() => addToRoomAsBot(world, bot, room.wxid, owner.wxid, false))).toBe('already-member')
})

test('SIM-3 a room of 500 takes nobody, neither by pull nor by card nor from outside', () => {
  const { world, bot, room, friend } = smallWorld()
  world.fillRoom(room.wxid, 500)
  expect(refusal(() => addToRoomAsBot(world, bot, room.wxid, friend.wxid, false))).toBe('room-full')
  expect(refusal(() => world.join(room.wxid, friend.wxid))).toBe('room-full')
  expect(refusal(() => world.fillRoom(room.wxid, 501))).toBe('room-full')
})

test('SIM-4 an internal room takes coworkers only', () => {
  const { world, bot, owner, friend } = smallWorld()
  const internal = world.addRoom({ ownerId: owner.wxid, members: [bot.wxid] })
  const colleague = world.addCoworker()
  expect(internal.external).toBe(false)
  expect(refusal(() => addToRoomAsBot(world, bot, internal.wxid, friend.wxid, false))).toBe(
    'external-in-internal-room',
  )
  expect(refusal(() => world.join(internal.wxid, friend.wxid, owner.wxid))).toBe('external-in-internal-room')
  expect(refusal(() => world.addRoom({ ownerId: owner.wxid, members: [friend.wxid], external: false }))).toBe(
    'external-in-internal-room',
  )
  expect(addToRoomAsBot(world, bot, internal.wxid, colleague.wxid, false)).toBe('joined')
})

test('SIM-5 the owner can neither leave nor be removed', () => {
  const { world, bot, room, owner, friend } = smallWorld()
  const own = world.addRoom({ ownerId: bot.wxid, members: [friend.wxid] })
  expect(refusal(() => leaveRoom(world, own.wxid, bot.wxid))).toBe('owner-cannot-leave')
  expect(refusal(() => world.leave(room.wxid, owner.wxid, bot.wxid))).toBe('owner-cannot-leave')
})

test('SIM-6 only a member may add, and only the owner may remove through a puppet', () => {
  const { world, bot, room, friend, stranger } = smallWorld()
  expect(refusal(() => world.join(room.wxid, friend.wxid, stranger.wxid))).toBe('not-in-room')
  world.join(room.wxid, friend.wxid)
  expect(refusal(() => removeAsBot(world, bot, room.wxid, friend.wxid))).toBe('not-owner')
})

test('SIM-7 a room that the bot is not in does not exist for it', () => {
  const { world, bot, owner, friend } = smallWorld()
  const elsewhere = world.addRoom({ ownerId: owner.wxid, members: [friend.wxid] })
  expect(() => world.roomSeenBy(bot, elsewhere.wxid)).toThrow(UnknownId)
  expect(world.roomsOf(bot.wxid)).not.toContain(elsewhere)
})

test('SIM-8 a created room needs two others, and only friends and coworkers', () => {
  const { world, bot, owner, friend, stranger } = smallWorld()
  expect(refusal(() => createRoomAsBot(world, bot, [friend.wxid], ''))).toBe('too-few-members')
  expect(refusal(() => createRoomAsBot(world, bot, [friend.wxid, friend.wxid, bot.wxid], ''))).toBe(
    'too-few-members',
  )
  expect(refusal(() => createRoomAsBot(world, bot, [friend.wxid, stranger.wxid], ''))).toBe('not-friend')
  expect(() => createRoomAsBot(world, bot, [friend.wxid, 'nobody'], '')).toThrow(UnknownId)

  const room = createRoomAsBot(world, bot, [friend.wxid, owner.wxid], '新群')
  expect([...room.members.keys()]).toEqual([bot.wxid, friend.wxid, owner.wxid])
  expect(room).toMatchObject({ ownerId: bot.wxid, external: true, topic: '新群' })
})

test('SIM-9 a created room of coworkers only is internal', () => {
  const { world, bot, owner } = smallWorld()
  expect(createRoomAsBot(world, bot, [owner.wxid, world.addCoworker().wxid], '').external).toBe(false)
})

test.each([
  [39, false, 'joined'],
  [40, false, 'invited'],
  [41, false, 'invited'],
  [10, true, 'invited'],
])(
  'SIM-10 in a room of %i members, inviteOnly %s, an added friend is %s',
  (members, inviteOnly, expected) => {
    const { world, bot, room, friend } = smallWorld()
    world.fillRoom(room.wxid, members)
    expect(addToRoomAsBot(world, bot, room.wxid, friend.wxid, inviteOnly)).toBe(expected)
    expect(room.members.has(friend.wxid)).toBe(expected === 'joined')
    expect(world.snapshot().invitations).toHaveLength(expected === 'invited' ? 1 : 0)
  },
)

test('SIM-11 a settled card cannot be used again, and a full room is full for cards too', () => {
  const { world, bot, room, friend } = smallWorld()
  addToRoomAsBot(world, bot, room.wxid, friend.wxid, true)
  addToRoomAsBot(world, bot, room.wxid, friend.wxid, true)
  const [first, second] = [...world.invitations.keys()]
  world.declineInvitation(first!)
  expect(refusal(() => world.acceptInvitation(first!))).toBe('invitation-settled')

  world.fillRoom(room.wxid, 500)
  expect(refusal(() => world.acceptInvitation(second!))).toBe('room-full')
  expect(world.invitation(second!).state).toBe('pending')
  expect(() => world.acceptInvitation('invitation-0')).toThrow(UnknownId)
})

test('SIM-12 accepting a card makes a member, brought by the bot', () => {
  const { world, bot, room, friend } = smallWorld()
  world.fillRoom(room.wxid, 40)
  addToRoomAsBot(world, bot, room.wxid, friend.wxid, false)
  const [id] = world.invitations.keys()
  world.acceptInvitation(id!)
  expect(room.members.get(friend.wxid)).toMatchObject({ inviterId: bot.wxid, scene: 'card', joinedAt: NOON })
  expect([...room.members.keys()].at(-1)).toBe(friend.wxid)
})

test('SIM-13 a userId is unique in its corp and free in another', () => {
  const { world } = smallWorld()
  expect(refusal(() => world.addBot({ userId: 'xiaobei' }))).toBe('user-id-taken')
  expect(refusal(() => world.addCoworker({ userId: 'xiaobei' }))).toBe('user-id-taken')
  const other = world.addCorp({ name: '另一家' })
  expect(world.addBot({ userId: 'xiaobei', corpId: other.id }).corpId).toBe(other.id)
})

test('SIM-14 whoever does not exist is named, and nothing changes', () => {
  const { world, room } = smallWorld()
  const before = world.snapshot()
  expect(() => world.join(room.wxid, 'nobody')).toThrow('nobody')
  expect(() => world.leave(room.wxid, 'nobody')).toThrow(UnknownId)
  expect(() => world.addContact({ friendOf: ['nobody'] })).toThrow(UnknownId)
  expect(() => world.addRoom({ ownerId: 'nobody' })).toThrow(UnknownId)
  expect(() => world.setBotState('nobody', 'offline')).toThrow(UnknownId)
  expect(() => world.addBot({ userId: 'x', corpId: 'nobody' })).toThrow(UnknownId)
  expect(world.snapshot()).toEqual(before)
})

test('SIM-15 ids have the forms that real accounts show', () => {
  const { world, bot, owner, friend, room } = smallWorld()
  expect(bot.wxid).toMatch(/^1688\d{12}$/)
  expect(owner.wxid).toMatch(/^1688\d{12}$/)
  expect(friend.wxid).toMatch(/^788\d{13}$/)
  expect(friend.unionId).toMatch(/^o[\w-]{27}$/)
  expect(friend.externalUserId).toMatch(/^wm[\w-]{30}$/)
  expect(room.wxid).toMatch(/^R:\d+$/)
  expect(room.wecomChatId).toMatch(/^wr[\w-]{30}$/)
  expect(bot.token).toMatch(/^puppet_[A-Za-z0-9_-]{1,120}$/)
  expect(world.addBot({ userId: '小北 机器人' }).token).toMatch(/^puppet_bot_[0-9a-f]+$/)

  const personal = world.addBot({ userId: 'my-weixin', kind: 'wechat' })
  expect(personal.wxid).toMatch(/^wxid_\w+$/)
  expect(world.addRoom({ ownerId: personal.wxid, members: [friend.wxid] }).wxid).toMatch(/^\d+@chatroom$/)
})

test('SIM-16 coworkers are people of one corp; a personal account has none', () => {
  const { world, bot, owner, friend } = smallWorld()
  const foreign = world.addBot({ userId: 'xiaonan', corpId: world.addCorp({ name: '另一家' }).id })
  const personal = world.addBot({ userId: 'me', kind: 'wechat' })
  expect(world.areCoworkers(bot.wxid, owner.wxid)).toBe(true)
  expect(world.areCoworkers(bot.wxid, bot.wxid)).toBe(false)
  expect(world.areCoworkers(bot.wxid, foreign.wxid)).toBe(false)
  expect(world.areCoworkers(bot.wxid, personal.wxid)).toBe(false)
  expect(world.areCoworkers(bot.wxid, friend.wxid)).toBe(false)
})

test('SIM-17 the snapshot has the published form and stays as it was taken', () => {
  const { world, bot, owner, friend, room } = smallWorld()
  const before = world.snapshot()
  world.join(room.wxid, friend.wxid)
  expect(before.rooms).toEqual([
    {
      wxid: room.wxid,
      topic: '大街小巷',
      external: true,
      ownerId: owner.wxid,
      wecomChatId: room.wecomChatId,
      members: [
        { wxid: owner.wxid, alias: '', joinedAt: NOON },
        { wxid: bot.wxid, alias: '', joinedAt: NOON },
      ],
    },
  ])
  expect(before.bots).toEqual([
    {
      wxid: bot.wxid,
      userId: 'xiaobei',
      nickName: '小北',
      kind: 'wecom',
      corpId: bot.corpId,
      state: 'online',
      token: bot.token,
      endpoint: '',
    },
  ])
  expect(before.contacts.find(contact => contact.wxid === friend.wxid)).toEqual({
    wxid: friend.wxid,
    name: '林晓',
    kind: 'wechat',
    unionId: friend.unionId,
    externalUserId: friend.externalUserId,
    friendOf: [bot.wxid],
  })
})

test('SIM-18 members keep the order of joining, also after somebody left and came back', () => {
  const clock = fixedClock()
  const { world, room, bot, owner, friend } = smallWorld(new World({ seed: 7, clock }))
  world.join(room.wxid, friend.wxid)
  world.leave(room.wxid, bot.wxid)
  clock.advance(60_000)
  world.join(room.wxid, bot.wxid, owner.wxid)
  expect([...room.members.keys()]).toEqual([owner.wxid, friend.wxid, bot.wxid])
  expect(room.members.get(bot.wxid)?.joinedAt).toBe(NOON + 60_000)
})
