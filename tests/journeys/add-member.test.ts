import type { Bot, Room } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { PuppetTimeout } from '../../packages/gateway/src/puppet/puppet-failures.ts'
import { StoreUnwritable } from '../../packages/gateway/src/store/database/store-error.ts'

let house: House
let bot: Bot
let neighbour: Bot

beforeAll(async () => {
  house = await openHouse()
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  neighbour = house.world.addBot({ userId: 'xiaonan', nickName: '小南' })
  await house.host(bot)
  await house.host(neighbour)
})
afterAll(() => house.close())
afterEach(() => house.simulator.faults.clear())

const friend = () => house.world.addContact({ friendOf: [bot.wxid] }).wxid

/** An external room of `count` members that somebody else owns and the bot is in. */
function roomOf(count: number, asked: { external?: boolean; with?: string[]; without?: boolean } = {}): Room {
  const owner = house.world.addCoworker()
  const members = [...(asked.without ? [] : [bot.wxid]), ...(asked.with ?? [])]
  const room = house.world.addRoom({ ownerId: owner.wxid, members, external: asked.external ?? true })
  if (room.members.size < count) house.world.fillRoom(room.wxid, count)
  return room
}

const ask = (contactWxid: string, roomWxid: string, botUserId = 'xiaobei') =>
  house.post('/room/addMember', { botUserId, contactWxid, roomWxid })

const isInside = (room: Room, wxid: string) => house.world.room(room.wxid).members.has(wxid)
const cardsFor = (wxid: string) =>
  house.world.snapshot().invitations.filter(card => card.contactWxid === wxid)

describe('refusals, in the order of the table', () => {
  test('AM-1 an unknown token', async () => {
    const { body } = await house.post('/room/addMember', {
      token: 'nobody',
      botUserId: 'xiaobei',
      contactWxid: 'x',
      roomWxid: 'R:1',
    })
    expect(body).toEqual({ code: -1, message: '无效token' })
  })

  test('AM-2 nobody hosts this userId', async () => {
    expect((await ask(friend(), roomOf(3).wxid, 'nobody')).body).toEqual({
      code: -2,
      message: 'botUserId的bot不存在',
    })
  })

  test('AM-3 two corps, one userId: nobody may guess which was meant', async () => {
    for (const name of ['甲公司', '乙公司']) {
      const corp = house.world.addCorp({ name })
      await house.host(house.world.addBot({ userId: 'twin', corpId: corp.id }))
    }
    expect((await ask(friend(), roomOf(3).wxid, 'twin')).body).toEqual({
      code: -3,
      message: 'botUserId存在多个机器人',
    })
  })

  test('AM-4 a personal WeChat account', async () => {
    await house.host(house.world.addBot({ userId: 'personal', kind: 'wechat' }))
    expect((await ask(friend(), roomOf(3).wxid, 'personal')).body).toEqual({
      code: -4,
      message: '不是企业微信',
    })
  })

  test('AM-5 the bot is offline', async () => {
    const sleeper = house.world.addBot({ userId: 'sleeper' })
    const id = await house.host(sleeper)
    house.world.setBotState(sleeper.wxid, 'offline')
    const hosted = house.gateway.operator.live!.roster.byId(house.workspaceId, id)!
    await eventually('the gateway notices', () => hosted.session.state !== 'online')
    expect((await ask(friend(), roomOf(3).wxid, 'sleeper')).body).toEqual({ code: -5, message: 'bot不在线' })
  })

  test('AM-6 no bot of the workspace knows the room', async () => {
    expect((await ask(friend(), 'R:404')).body).toEqual({ code: -6, message: '群聊加载失败' })
  })

  test('AM-6 a room is named by its wxid: its official chat id names none', async () => {
    const room = roomOf(3)
    await knows(bot, room)
    const contact = friend()
    expect((await ask(contact, room.wecomChatId)).body).toEqual({ code: -6, message: '群聊加载失败' })
    expect(isInside(room, contact)).toBe(false)
  })

  test('AM-6 the puppet cannot load a room that the bot is in', async () => {
    const room = roomOf(3)
    await knows(bot, room)
    house.simulator.faults.add({ on: 'roomPayload', mode: 'refuse' })
    expect((await ask(friend(), room.wxid)).body).toEqual({ code: -6, message: '群聊加载失败' })
  })

  test('AM-6 the puppet hangs while loading the room', async () => {
    const room = roomOf(3)
    await knows(bot, room)
    house.simulator.faults.add({ on: 'roomPayload', mode: 'hang' })
    expect((await ask(friend(), room.wxid)).body).toEqual({ code: -6, message: '群聊加载失败' })
  })

  test('AM-11 another bot of the workspace is in the room, this one is not', async () => {
    const room = roomOf(3, { without: true, with: [neighbour.wxid] })
    await knows(neighbour, room)
    expect((await ask(friend(), room.wxid)).body).toEqual({ code: -11, message: 'bot不在群内' })
  })

  test('AM-12 an internal room is left alone', async () => {
    const room = roomOf(3, { external: false, with: [house.world.addCoworker().wxid] })
    const coworker = house.world.addCoworker().wxid
    expect((await ask(coworker, room.wxid)).body).toEqual({ code: -12, message: '该群是内部群,不执行此操作' })
    expect(isInside(room, coworker)).toBe(false)
  })

  test('AM-9 the contact is already in the room', async () => {
    const contact = friend()
    const room = roomOf(4, { with: [contact] })
    expect((await ask(contact, room.wxid)).body).toEqual({ code: -9, message: '群聊中已经存在此好友' })
  })

  test('AM-26 who is refused for the room waits for nothing that the puppet has to say of the contact', async () => {
    const contact = friend()
    const room = roomOf(4, { with: [contact] })
    const hosted = house.gateway.operator.live!.roster.all()[0]!
    const held = Promise.withResolvers<null>()
    const asked = vi.spyOn(hosted, 'readContact').mockReturnValue(held.promise)
    expect((await ask(contact, room.wxid)).body).toMatchObject({ code: -9 })
    expect(asked).toHaveBeenCalledWith(contact, { fresh: true, isKept: true })
    asked.mockRestore()
    held.resolve(null)
  })

  test('AM-9 already in the room wins over not being a friend', async () => {
    const stranger = house.world.addContact().wxid
    const room = roomOf(4, { with: [stranger] })
    expect((await ask(stranger, room.wxid)).body).toMatchObject({ code: -9 })
  })

  test.each([
    ['a contact who is nobody’s friend', () => house.world.addContact().wxid],
    ['a friend of another bot', () => house.world.addContact({ friendOf: [neighbour.wxid] }).wxid],
    ['an id that nobody has', () => '7880000000000000'],
  ])('AM-8 %s', async (_who, contact) => {
    const room = roomOf(3)
    expect((await ask(contact(), room.wxid)).body).toEqual({ code: -8, message: '和bot不是好友关系' })
  })

  test('AM-7 a friend whom the store does not know yet, and the puppet does not show in time, is not called a stranger', async () => {
    const room = roomOf(3)
    const contact = house.world.addContact({ friendOf: [bot.wxid] }).wxid
    const hosted = house.gateway.operator.live!.roster.all()[0]!
    // Only this contact: the room's members, and what earlier tests left to be told, are read by the same call.
    const readContact = hosted.readContact.bind(hosted)
    const hanging = vi
      .spyOn(hosted, 'readContact')
      .mockImplementation(wxid =>
        wxid === contact ? Promise.reject(new PuppetTimeout('readContact')) : readContact(wxid),
      )
    expect((await ask(contact, room.wxid)).body).toEqual({ code: -7, message: '拉入群聊失败' })
    expect(hanging).toHaveBeenCalledWith(contact, { fresh: true, isKept: true })
    hanging.mockRestore()
  })

  test('AM-10 the room has 500 members', async () => {
    const contact = friend()
    expect((await ask(contact, roomOf(500).wxid)).body).toEqual({ code: -10, message: '群人数达到上限(500)' })
    expect(cardsFor(contact)).toEqual([])
  })

  test('AM-8 AM-10 what was read on the way and cannot be kept changes no answer', async () => {
    const [stranger, renamed] = [friend(), friend()]
    const [small, full] = [roomOf(3), roomOf(500)]
    for (const room of [small, full]) await knows(bot, room)
    house.world.friendships.get(bot.wxid)!.delete(stranger)
    house.world.contacts.get(renamed)!.name = '新名'
    const { db } = house.gateway.operator
    const write = db.write.bind(db)
    const refuseWrite = vi.fn(() => Promise.reject(new StoreUnwritable('the disk is full')))
    // What is written of a bot; nodes that share a database write of each request, too.
    const writing = vi
      .spyOn(db, 'write')
      .mockImplementation((work, options) => (options?.line ? refuseWrite() : write(work, options)))
    onTestFinished(() => writing.mockRestore())
    expect((await ask(stranger, small.wxid)).body).toMatchObject({ code: -8 })
    expect((await ask(renamed, full.wxid)).body).toMatchObject({ code: -10 })
    expect(refuseWrite).toHaveBeenCalled()
  })

  test('AM-7 the puppet refuses; its own words stay inside', async () => {
    const contact = friend()
    const room = roomOf(3)
    house.simulator.faults.add({ on: 'roomAdd', mode: 'refuse' })
    expect((await ask(contact, room.wxid)).body).toEqual({ code: -7, message: '拉入群聊失败' })
    expect(isInside(room, contact)).toBe(false)
  })

  test('AM-7 the puppet hangs', async () => {
    house.simulator.faults.add({ on: 'roomAdd', mode: 'hang' })
    expect((await ask(friend(), roomOf(3).wxid)).body).toEqual({ code: -7, message: '拉入群聊失败' })
  })
})

describe('success', () => {
  test('AM-20 the 39th member is followed by a pull', async () => {
    const contact = friend()
    const room = roomOf(39)
    expect((await ask(contact, room.wxid)).body).toEqual({ code: 0, message: '' })
    expect(isInside(room, contact)).toBe(true)
    expect(cardsFor(contact)).toEqual([])
  })

  test('AM-20 from exactly 40 members on a card is sent, and only its acceptance makes a member', async () => {
    const contact = friend()
    const room = roomOf(40)
    expect((await ask(contact, room.wxid)).body).toEqual({ code: 0, message: '' })
    expect(isInside(room, contact)).toBe(false)
    const [card] = cardsFor(contact)
    house.world.acceptInvitation(card!.id)
    await eventually('the store hears of the acceptance', async () => (await roomsOf(contact)).length === 1)
    expect(isInside(room, contact)).toBe(true)
  })

  test('AM-20 the count is the puppet’s, not the store’s', async () => {
    const room = roomOf(39)
    await knows(bot, room)
    house.simulator.faults.add({ on: 'events', mode: 'drop' })
    house.world.fillRoom(room.wxid, 40)
    const contact = friend()
    expect((await ask(contact, room.wxid)).body).toEqual({ code: 0, message: '' })
    expect(isInside(room, contact)).toBe(false)
    expect(cardsFor(contact)).toHaveLength(1)
  })

  test('AM-21 after a pull the lists show the new member at once', async () => {
    const contact = friend()
    const room = roomOf(5)
    await ask(contact, room.wxid)
    expect(await roomsOf(contact)).toEqual([room.wxid])
  })

  test('AM-26 those who should be in the room are asked for beside it, before the pull and after it', async () => {
    const contact = friend()
    const room = roomOf(5)
    await knows(bot, room)
    const before = [...room.members.keys()]
    const hosted = house.gateway.operator.live!.roster.all()[0]!
    const readRoom = hosted.readRoom.bind(hosted)
    const expected: Promise<readonly string[]>[] = []
    const reading = vi.spyOn(hosted, 'readRoom').mockImplementation((wxid, how) => {
      if (how?.expected) expected.push(how.expected())
      return readRoom(wxid, how)
    })
    onTestFinished(() => reading.mockRestore())
    expect((await ask(contact, room.wxid)).body).toMatchObject({ code: 0 })
    expect((await Promise.all(expected)).map(wxids => wxids.toSorted())).toEqual([
      before.toSorted(),
      [...before, contact].toSorted(),
    ])
  })

  test('AM-22 another hosted account of the workspace is added as a coworker', async () => {
    const room = roomOf(5)
    expect((await ask(neighbour.wxid, room.wxid)).body).toEqual({ code: 0, message: '' })
    expect(isInside(room, neighbour.wxid)).toBe(true)
  })

  test('AM-22 a contact may be named by its externalUserId', async () => {
    const contact = house.world.addContact({ friendOf: [bot.wxid] })
    await eventually('the store hears of the contact', () => friendIsKnown(contact.wxid))
    const room = roomOf(5)
    expect((await ask(contact.externalUserId, room.wxid)).body).toEqual({ code: 0, message: '' })
    expect(isInside(room, contact.wxid)).toBe(true)
  })

  test('AM-7 a call that timed out although it happened is found out, and is a success', async () => {
    const contact = friend()
    const room = roomOf(5)
    house.simulator.faults.add({ on: 'roomAdd', mode: 'done-but-timeout' })
    expect((await ask(contact, room.wxid)).body).toEqual({ code: 0, message: '' })
  })

  test('AM-24 of two identical calls at once the puppet is asked once, and the second answers -9', async () => {
    const contact = friend()
    const room = roomOf(5)
    const answers = await Promise.all([ask(contact, room.wxid), ask(contact, room.wxid)])
    expect(answers.map(answer => (answer.body as { code: number }).code).sort()).toEqual([-9, 0])
    const joins = [...house.world.room(room.wxid).members.keys()].filter(wxid => wxid === contact)
    expect(joins).toHaveLength(1)
  })

  test('AM-24 two identical calls at once send one card', async () => {
    const contact = friend()
    const room = roomOf(41)
    const answers = await Promise.all([ask(contact, room.wxid), ask(contact, room.wxid)])
    expect(answers.map(answer => (answer.body as { code: number }).code).sort()).toEqual([-9, 0])
    expect(cardsFor(contact)).toHaveLength(1)
  })
})

/** Waits until the store knows the room through this bot. */
async function knows(who: Bot, room: Room): Promise<void> {
  await eventually(`${who.userId} tells the store of the room`, async () => {
    const { chats } = await house.operate('list-chats', { workspace: house.workspaceId, limit: 500 })
    return chats.some(chat => chat.roomWxid === room.wxid)
  })
}

async function roomsOf(contactWxid: string): Promise<string[]> {
  const { body } = await house.get('/room/listByMember', { contactWxid })
  return (body as { data: { wxid: string }[] }).data.map(row => row.wxid)
}

async function friendIsKnown(wxid: string): Promise<boolean> {
  const room = house.world.addRoom({ ownerId: bot.wxid, members: [wxid, house.world.addCoworker().wxid] })
  await knows(bot, room)
  return true
}
