import { puppet } from '@juzi/wechaty-grpc'
import { asRoom, becomes, CALL_DEADLINE_MS, openTrial, type Trial } from '@qunhub/testing/trials/bot-trial.ts'
import { ContactWxid, UserId } from '@qunhub/wire'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BotAccount } from '../model/bot.ts'
import { toContact } from './read-contact.ts'
import type { HostedBot } from './roster.ts'

let trial: Trial
let bot: HostedBot
let self: string
beforeEach(() => begin())
afterEach(() => trial.close())

async function begin(callDeadlineMs = CALL_DEADLINE_MS): Promise<void> {
  trial = await openTrial({ callDeadlineMs })
  const simulated = trial.world.addBot({ userId: 'xiaobei' })
  self = simulated.wxid
  bot = trial.host(simulated)
  await becomes(bot, 'online')
}

const asContact = (wxid: string) => ContactWxid.parse(wxid)

describe('a room that cannot be read', () => {
  test('BOT-60 is null when the puppet does not know it, refuses it, or the bot is not inside', async () => {
    const { world, simulator } = trial
    const [one, other] = [world.addContact(), world.addContact()]
    const foreign = world.addRoom({ ownerId: one.wxid, members: [other.wxid] })
    const own = world.addRoom({ ownerId: self, members: [one.wxid] })
    expect(await bot.readRoom(asRoom('R:404'))).toBeNull()
    expect(await bot.readRoom(asRoom(foreign.wxid))).toBeNull()
    simulator.faults.add({ on: 'roomPayload', mode: 'refuse', times: 1 })
    expect(await bot.readRoom(asRoom(own.wxid))).toBeNull()
    expect(await bot.readRoom(asRoom(own.wxid))).not.toBeNull()
  })

  test('BOT-61 throws a timeout when the puppet does not answer', async () => {
    const room = trial.world.addRoom({ ownerId: self, members: [trial.world.addContact().wxid] })
    trial.simulator.faults.add({ on: 'roomPayload', mode: 'hang', times: 1 })
    await expect(bot.readRoom(asRoom(room.wxid))).rejects.toMatchObject({ name: 'PuppetTimeout' })
  })

  test('BOT-62 does not keep a sync from reading the others, whether it is refused or hangs', async () => {
    const { world, simulator } = trial
    const rooms = Array.from(
      { length: 9 },
      () => world.addRoom({ ownerId: self, members: [world.addContact().wxid] }).wxid,
    )
    simulator.faults.add({ on: 'roomPayload', mode: 'refuse', times: 1 })
    simulator.faults.add({ on: 'roomPayload', mode: 'hang', times: 1 })
    const begun = performance.now()
    const read = await Array.fromAsync(bot.readRooms(await bot.listRooms()))
    expect(read.map(({ wxid }) => wxid).sort()).toEqual(rooms.toSorted())
    expect(read.filter(({ room }) => room === null)).toHaveLength(2)
    expect(performance.now() - begun).toBeLessThan(CALL_DEADLINE_MS * 2)
  })

  test('BOT-63 ends a sync when the connection is gone, because then no answer says anything', async () => {
    const { world, simulator } = trial
    for (let room = 0; room < 9; room += 1)
      world.addRoom({ ownerId: self, members: [world.addContact().wxid] })
    const wxids = await bot.listRooms()
    const reading = bot.readRooms(wxids)[Symbol.asyncIterator]()
    await reading.next()
    simulator.killServer()
    const rest = async () => {
      let next = await reading.next()
      while (!next.done) next = await reading.next()
    }
    await expect(rest()).rejects.toMatchObject({ name: 'PuppetUnavailable' })
  })
})

describe('a room', () => {
  test('BOT-64 is read with its members in the order of joining, the bot and the owner among them', async () => {
    const { world } = trial
    const [guest, friend] = [
      world.addContact({ name: '路人' }),
      world.addContact({ name: '好友', friendOf: [self] }),
    ]
    const colleague = world.addCoworker({ name: '同事', userId: 'tongshi' })
    const room = world.addRoom({ ownerId: self, members: [guest.wxid], topic: '大街小巷' })
    world.join(room.wxid, friend.wxid)
    world.join(room.wxid, colleague.wxid)
    world.setAlias(room.wxid, guest.wxid, '老张')

    const read = await bot.readRoom(asRoom(room.wxid), { fresh: true })
    expect(read).toMatchObject({
      topic: '大街小巷',
      ownerId: self,
      external: true,
      wecomChatId: room.wecomChatId,
    })
    expect(
      read?.members.map(({ contact, roomAlias }) => [
        contact.wxid,
        roomAlias,
        contact.isFriend,
        contact.coworker,
        contact.type,
      ]),
    ).toEqual([
      [self, null, false, true, 3],
      [guest.wxid, '老张', false, false, 1],
      [friend.wxid, null, true, false, 1],
      [colleague.wxid, null, false, true, 3],
    ])
    expect(read?.members[3]?.contact).toMatchObject({ name: '同事', handle: 'tongshi', alias: null })
    expect(read?.members[2]?.contact).toMatchObject({
      unionId: friend.unionId,
      handle: friend.externalUserId,
    })
  })

  test('BOT-65 is read whole by a puppet without batch calls', async () => {
    const { world, simulator } = trial
    const room = world.addRoom({ ownerId: self, members: [world.addContact().wxid] })
    world.fillRoom(room.wxid, 60)
    const whole = await bot.readRoom(asRoom(room.wxid))
    simulator.faults.add({ on: 'batchContactPayload', mode: 'refuse' })
    simulator.faults.add({ on: 'batchRoomMemberPayload', mode: 'refuse' })
    expect(whole?.members).toHaveLength(60)
    expect(await bot.readRoom(asRoom(room.wxid))).toEqual(whole)
  })

  test('BOT-66 keeps the members whom the puppet cannot load, with what the room says of them', async () => {
    const { world, simulator } = trial
    const guest = world.addContact({ name: '路人' })
    const room = world.addRoom({ ownerId: self, members: [guest.wxid] })
    simulator.faults.add({ on: 'batchContactPayload', mode: 'refuse' })
    simulator.faults.add({ on: 'contactPayload', mode: 'refuse' })
    const read = await bot.readRoom(asRoom(room.wxid))
    expect(read?.members).toMatchObject([
      { contact: { wxid: self, coworker: true }, unread: true },
      {
        contact: { wxid: guest.wxid, name: '路人', type: 0, isFriend: false, coworker: false },
        unread: true,
      },
    ])
  })

  test('BOT-67 is read when the puppet cannot list its members by themselves', async () => {
    const { world, simulator } = trial
    const room = world.addRoom({ ownerId: self, members: [world.addContact().wxid] })
    simulator.faults.add({ on: 'roomMemberList', mode: 'refuse' })
    simulator.faults.add({ on: 'dirtyPayload', mode: 'refuse' })
    expect((await bot.readRoom(asRoom(room.wxid), { fresh: true }))?.members).toHaveLength(2)
  })

  test('BOT-219 is read by the ids that stand in the room while the list of its members is still empty', async () => {
    const { world, simulator } = trial
    const room = world.addRoom({ ownerId: self, members: [world.addContact().wxid] })
    simulator.faults.add({ on: 'roomMemberList', mode: 'empty-at-first', times: 1 })
    expect((await bot.readRoom(asRoom(room.wxid)))?.members).toHaveLength(2)
    simulator.faults.add({ on: 'roomPayload', mode: 'empty-at-first', times: 1 })
    expect(await bot.readRoom(asRoom(room.wxid))).toBeNull()
  })

  test('BOT-256 is read with those who are expected in it asked for beside it, and its list says who is in', async () => {
    const { world, simulator } = trial
    const [guest, friend] = [world.addContact(), world.addContact({ friendOf: [self] })]
    const room = world.addRoom({ ownerId: self, members: [guest.wxid] })
    world.setAlias(room.wxid, guest.wxid, '老张')
    const reading = (expected?: string[]) =>
      bot.readRoom(asRoom(room.wxid), {
        fresh: true,
        ...(expected && { expected: async () => expected.map(asContact) }),
      })
    const asked = () => simulator.asked.of(self).batchRoomMemberPayload ?? 0
    const whole = await reading()

    const before = asked()
    simulator.faults.add({ on: 'roomMemberList', mode: 'hang', times: 1 })
    await expect(reading([self, guest.wxid])).rejects.toMatchObject({ name: 'PuppetTimeout' })
    expect(asked()).toBe(before + 1)
    expect(await reading([guest.wxid, self])).toEqual(whole)
    expect(asked()).toBe(before + 2)

    // Who did not come after all, and who came unexpected.
    expect(await reading([self, guest.wxid, friend.wxid])).toEqual(whole)
    world.join(room.wxid, friend.wxid)
    expect((await reading([self, guest.wxid]))?.members).toHaveLength(3)
  })

  test('BOT-68 may have any text in it: what no store can keep is replaced', async () => {
    const { world } = trial
    const guest = world.addContact({ name: '名\0字' })
    const room = world.addRoom({
      ownerId: self,
      members: [guest.wxid],
      topic: '<img src=x onerror=alert(1)>\0群\uD800',
    })
    world.setAlias(room.wxid, guest.wxid, "'; drop table room; --\0")
    const read = await bot.readRoom(asRoom(room.wxid))
    expect(read?.topic).toBe('<img src=x onerror=alert(1)>\uFFFD群\uFFFD')
    expect(read?.members[1]).toMatchObject({
      contact: { name: '名\uFFFD字' },
      roomAlias: "'; drop table room; --\uFFFD",
    })
  })
})

describe('a puppet that says too much', () => {
  // It takes its time to say it.
  beforeEach(async () => {
    await trial.close()
    await begin(20_000)
  })

  const tooMuch = (on: 'roomMemberList' | 'roomList' | 'roomPayload' | 'contactPayload') =>
    trial.simulator.faults.add({ on, mode: 'too-much', times: 1 })

  test('BOT-232 a room of more members than are read is no room with a part of them', async () => {
    const room = trial.world.addRoom({ ownerId: self, members: [trial.world.addContact().wxid] })
    tooMuch('roomMemberList')
    await expect(bot.readRoom(asRoom(room.wxid))).rejects.toMatchObject({ name: 'PuppetExcess' })
    tooMuch('roomMemberList')
    expect(await Array.fromAsync(bot.readRooms([asRoom(room.wxid)]))).toMatchObject([
      { wxid: room.wxid, room: null, failure: { name: 'PuppetExcess' } },
    ])
    expect((await bot.readRoom(asRoom(room.wxid)))?.members).toHaveLength(2)
  })

  test('BOT-232 a room with as many members as WeCom may have is read whole', async () => {
    const { world } = trial
    const room = world.addRoom({ ownerId: self, members: [world.addContact().wxid] })
    // What the simulated WeCom itself would refuse.
    const member = [...room.members.values()][1]!
    for (let count = room.members.size; count < 2000; count++) {
      const { wxid } = world.addContact()
      room.members.set(wxid, { ...member, wxid })
    }
    expect((await bot.readRoom(asRoom(room.wxid)))?.members).toHaveLength(2000)
    const { wxid } = world.addContact()
    room.members.set(wxid, { ...member, wxid })
    await expect(bot.readRoom(asRoom(room.wxid))).rejects.toMatchObject({
      message: 'the puppet tells of 2001 members of a room; more than 2000 are not read',
    })
  })

  test('BOT-233 a list of absurd length is none', async () => {
    tooMuch('roomList')
    await expect(bot.listRooms()).rejects.toMatchObject({ name: 'PuppetExcess' })
  })

  test('BOT-230 texts are cut, and what names something is left out', async () => {
    const guest = trial.world.addContact({ name: '路人' })
    const room = trial.world.addRoom({ ownerId: self, members: [guest.wxid], topic: '群' })
    tooMuch('roomPayload')
    expect(await bot.readRoom(asRoom(room.wxid))).toMatchObject({
      topic: `群${'𠮷'.repeat(255)}`,
      avatarUrl: '',
      wecomChatId: null,
    })
    tooMuch('contactPayload')
    expect(await bot.readContact(asContact(guest.wxid))).toMatchObject({
      wxid: guest.wxid,
      name: `路人${'𠮷'.repeat(126)}`,
      alias: '𠮷'.repeat(128),
      avatarUrl: '',
      handle: null,
    })
  })
})

describe('what a bot does', () => {
  test('BOT-69 is refused in the words of the failures, and never with the puppet’s', async () => {
    const stranger = trial.world.addContact()
    const room = trial.world.addRoom({ ownerId: self, members: [trial.world.addContact().wxid] })
    const adding = bot.addMember(asRoom(room.wxid), asContact(stranger.wxid), 'pull')
    await expect(adding).rejects.toMatchObject({
      name: 'PuppetRefused',
      message: 'the puppet refused (UNKNOWN)',
    })
    await expect(bot.quitRoom(asRoom(room.wxid))).rejects.toMatchObject({ name: 'PuppetRefused' })
    expect(await bot.readContact(asContact('404'))).toBeNull()
  })

  test('BOT-70 happens in the world: create, pull, send a card, speak, quit', async () => {
    const { world } = trial
    const friends = [1, 2, 3, 4].map(() => world.addContact({ friendOf: [self] }).wxid)
    const [one, two, three, four] = friends.map(asContact)
    const wxid = await bot.createRoom([one!, two!], '新群')
    await bot.addMember(wxid, three!, 'pull')
    await bot.addMember(wxid, four!, 'card')
    await bot.sendText(wxid, '大家好')
    expect([...world.room(wxid).members.keys()]).toEqual([self, one, two, three])
    expect([...world.invitations.values()]).toMatchObject([
      { roomWxid: wxid, contactWxid: four, state: 'pending' },
    ])
    expect(world.messages).toMatchObject([{ roomWxid: wxid, from: self, text: '大家好' }])

    const guest = world.addRoom({ ownerId: one!, members: [self, two!] })
    await bot.quitRoom(asRoom(guest.wxid))
    expect(world.room(guest.wxid).members.has(self)).toBe(false)
  })

  test('BOT-71 many contacts are read in few calls, and those unknown are left out', async () => {
    const { world } = trial
    const wxids = Array.from({ length: 1201 }, () => world.addContact({ friendOf: [self] }).wxid)
    expect((await bot.listContacts()).toSorted()).toEqual(wxids.toSorted().map(asContact))
    const contacts = await bot.readContacts([...wxids, '404'].map(asContact))
    expect(contacts.map(({ wxid }) => wxid)).toEqual(wxids)
  })
})

describe('a contact as a puppet tells it', () => {
  const account: BotAccount = {
    wxid: asContact('168'),
    userId: UserId.parse('xiaobei'),
    nickName: '小北',
    avatarUrl: '',
    kind: 'wecom',
  }
  const told = (fill: (payload: puppet.ContactPayloadResponse) => void) => {
    const payload = new puppet.ContactPayloadResponse()
    payload.setId('788')
    fill(payload)
    return toContact(payload, account)
  }

  test('BOT-72 without a usable id is nobody', () => {
    for (const id of ['', '78\0', 'x'.repeat(129)]) expect(told(payload => payload.setId(id))).toBeNull()
  })

  test('BOT-73 that says nothing is unknown, with null where the wire has null', () => {
    expect(told(() => {})).toEqual({
      wxid: '788',
      name: '',
      alias: null,
      avatarUrl: '',
      gender: 0,
      type: 0,
      isFriend: false,
      coworker: false,
      corporation: null,
      handle: null,
      unionId: null,
    })
  })

  test.each([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 0],
    [99, 0],
  ])('BOT-74 of type %i is of type %i on the wire', (type, wireType) => {
    expect(told(payload => payload.setType(type as 4))).toMatchObject({ type: wireType })
  })

  test.each([
    ['{"unionId":"o1"}', 'o1'],
    ['{"unionid":"o1"}', 'o1'],
    ['{"union_id":"o1","corpId":"ww"}', 'o1'],
    ['{"unionId":17}', null],
    [`{"unionId":"${'o'.repeat(129)}"}`, null],
    ['{"unionId":', null],
    ['null', null],
    ['[]', null],
  ])('BOT-75 with additional info %j has the unionId %j', (info, unionId) => {
    expect(told(payload => payload.setAdditionalInfo(info))).toMatchObject({ unionId })
  })

  test('BOT-76 that is the bot itself is a coworker of its own corp and nobody’s friend', () => {
    const myself = told(payload => {
      payload.setId('168')
      payload.setFriend(true)
    })
    expect(myself).toMatchObject({ isFriend: false, coworker: true })
  })
})
