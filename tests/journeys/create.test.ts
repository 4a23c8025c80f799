import type { Bot, ExternalContact } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { create } from '@qunhub/wire'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

let house: House
let bot: Bot
let friends: ExternalContact[]
let coworkers: { wxid: string; userId: string }[]
/** Sits in one of the bot's rooms, so the store knows it, but is nobody's friend. */
let stranger: ExternalContact

beforeAll(async () => {
  house = await openHouse()
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  friends = Array.from({ length: 45 }, () => house.world.addContact({ friendOf: [bot.wxid] }))
  coworkers = Array.from({ length: 3 }, () => house.world.addCoworker())
  stranger = house.world.addContact()
  house.world.addRoom({ ownerId: coworkers[0]!.wxid, members: [bot.wxid, stranger.wxid] })
  await house.host(bot)
})
afterAll(() => house.close())
afterEach(() => house.simulator.faults.clear())

const wxids = (from: number, to: number) => friends.slice(from, to).map(contact => contact.wxid)
const ask = (asked: object, headers?: Record<string, string>) =>
  house.post('/room/create', { botUserId: 'xiaobei', ...asked }, headers)
const roomCount = () => house.world.rooms.size
const membersOf = (roomWxid: string) => [...house.world.room(roomWxid).members.keys()]
const created = (body: unknown) => {
  const reply = create.reply.parse(body)
  expect(reply).toMatchObject({ errcode: 0, errmsg: 'ok' })
  return reply.data!
}

describe('refusals, in the order of the table', () => {
  test('CR-1 an unknown token', async () => {
    expect((await ask({ token: 'nobody', wxids: wxids(0, 2) })).body).toEqual({
      errcode: -1,
      errmsg: '无效token',
    })
  })

  test('CR-2 nobody hosts this userId', async () => {
    const { body } = await ask({ botUserId: 'nobody', wxids: wxids(0, 2) })
    expect(body).toEqual({ errcode: -2, errmsg: 'botUserId的bot不存在' })
  })

  test('CR-3 two corps, one userId', async () => {
    for (const name of ['甲公司', '乙公司']) {
      const corp = house.world.addCorp({ name })
      await house.host(house.world.addBot({ userId: 'twin', corpId: corp.id }))
    }
    const { body } = await ask({ botUserId: 'twin', wxids: wxids(0, 2) })
    expect(body).toEqual({ errcode: -3, errmsg: 'botUserId存在多个机器人' })
  })

  test('CR-4 a personal WeChat account', async () => {
    await house.host(house.world.addBot({ userId: 'personal', kind: 'wechat' }))
    const { body } = await ask({ botUserId: 'personal', wxids: wxids(0, 2) })
    expect(body).toEqual({ errcode: -4, errmsg: '不是企业微信' })
  })

  test('CR-5 the bot is offline', async () => {
    const sleeper = house.world.addBot({ userId: 'sleeper' })
    const id = await house.host(sleeper)
    house.world.setBotState(sleeper.wxid, 'logged-out')
    const hosted = house.gateway.operator.live!.roster.byId(house.workspaceId, id)!
    await eventually('the gateway notices', () => hosted.session.state !== 'online')
    expect((await ask({ botUserId: 'sleeper', wxids: wxids(0, 2) })).body).toEqual({
      errcode: -5,
      errmsg: 'bot不在线',
    })
  })

  test('CR-6 CR-20 an unknown coworker is named, and no room is made', async () => {
    const before = roomCount()
    const { body } = await ask({ userIds: [coworkers[0]!.userId, 'nobody'], wxids: wxids(0, 2) })
    expect(body).toEqual({ errcode: -6, errmsg: '同事不存在: nobody' })
    expect(roomCount()).toBe(before)
  })

  test('CR-6 a customer is no coworker', async () => {
    const { body } = await ask({ userIds: [friends[0]!.externalUserId], wxids: wxids(0, 2) })
    expect(body).toMatchObject({ errcode: -6 })
  })

  test.each([
    ['unionIds', 'oNobodyNobodyNobodyNobodyNobo'],
    ['wxids', '7880000000000000'],
    ['wxids', 'wmNobodyNobodyNobodyNobodyNobody'],
  ])('CR-7 CR-21 an unknown entry of %s is named, and no room is made', async (field, id) => {
    const before = roomCount()
    const { body } = await ask({
      wxids: wxids(0, 3),
      [field]: field === 'wxids' ? [...wxids(0, 2), id] : [id],
    })
    expect(body).toEqual({ errcode: -7, errmsg: `contact不存在: ${id}` })
    expect(roomCount()).toBe(before)
  })

  test('CR-8 a known contact that is no friend of the bot', async () => {
    const { body } = await ask({ wxids: [...wxids(0, 2), stranger.wxid] })
    expect(body).toEqual({ errcode: -8, errmsg: `contact加载失败: ${stranger.wxid}` })
  })

  test('CR-8 the puppet cannot load a contact', async () => {
    house.simulator.faults.add({ on: 'contactPayload', mode: 'refuse' })
    const { body } = await ask({ wxids: wxids(0, 2) })
    expect(body).toEqual({ errcode: -8, errmsg: `contact加载失败: ${wxids(0, 1)[0]}` })
  })

  test.each([
    ['nobody', {}, 0],
    ['one person', { wxids: () => wxids(0, 1) }, 1],
    [
      'one person named three times',
      { wxids: () => [friends[0]!.wxid, friends[0]!.externalUserId], unionIds: () => [friends[0]!.unionId!] },
      1,
    ],
    ['the bot itself and one person', { wxids: () => [bot.wxid, friends[0]!.wxid] }, 1],
    ['41 people', { wxids: () => wxids(0, 41) }, 41],
  ])('CR-10 %s', async (_who, asked: Record<string, () => string[]>, count) => {
    const before = roomCount()
    const { body } = await ask(
      Object.fromEntries(Object.entries(asked).map(([field, ids]) => [field, ids()])),
    )
    expect(body).toEqual({
      errcode: -10,
      errmsg: `${count > 40 ? '创建群人数过多' : '创建群人数不足'}: unionIds 与 wxids 应共 2~40 人, 实为 ${count} 人`,
    })
    expect(roomCount()).toBe(before)
  })

  test('CR-20 coworkers do not count towards 2 to 40', async () => {
    const { body } = await ask({ userIds: coworkers.map(coworker => coworker.userId), wxids: wxids(0, 1) })
    expect(body).toMatchObject({ errcode: -10 })
  })

  test.each(['refuse', 'hang'] as const)('CR-9 the puppet does %s', async mode => {
    const before = roomCount()
    house.simulator.faults.add({ on: 'roomCreate', mode })
    expect((await ask({ wxids: wxids(0, 2) })).body).toEqual({ errcode: -9, errmsg: '创建群聊失败' })
    expect(roomCount()).toBe(before)
  })
})

describe('success', () => {
  test('CR-23 CR-20 coworkers, unionIds, wxids and externalUserIds end up in one room, each once', async () => {
    const [one, two, three] = friends
    const { body } = await ask({
      userIds: [coworkers[0]!.userId, coworkers[0]!.userId, 'xiaobei'],
      unionIds: [one!.unionId!],
      wxids: [two!.wxid, two!.externalUserId, three!.externalUserId],
      name: '新客户群',
    })
    const { roomWxid } = created(body)
    expect(membersOf(roomWxid).sort()).toEqual(
      [bot.wxid, coworkers[0]!.wxid, one!.wxid, two!.wxid, three!.wxid].sort(),
    )
    expect(house.world.room(roomWxid)).toMatchObject({ topic: '新客户群', ownerId: bot.wxid })
  })

  test('CR-10 forty people and three coworkers are welcome', async () => {
    const { body } = await ask({ userIds: coworkers.map(coworker => coworker.userId), wxids: wxids(0, 40) })
    expect(membersOf(created(body).roomWxid)).toHaveLength(44)
  })

  test('CR-22 the greeting is said in the new room', async () => {
    const { roomWxid } = created((await ask({ wxids: wxids(0, 2), greeting: '大家好,这个是新的群' })).body)
    expect(house.world.snapshot().messages).toContainEqual(
      expect.objectContaining({ roomWxid, from: bot.wxid, text: '大家好,这个是新的群' }),
    )
  })

  test('CR-22 a greeting that fails leaves the room standing', async () => {
    house.simulator.faults.add({ on: 'messageSendText', mode: 'refuse' })
    const { roomWxid } = created((await ask({ wxids: wxids(0, 2), greeting: '大家好' })).body)
    expect(membersOf(roomWxid)).toHaveLength(3)
  })

  test('CR-24 the lists show the room before the answer arrives, and one `joined` is owed', async () => {
    const { chatId, roomWxid } = created((await ask({ wxids: wxids(3, 5), name: '即刻可见' })).body)
    const { body } = await house.get('/room/listByMember', { contactWxid: friends[3]!.wxid })
    const rows = (body as { data: { chatId: string; wxid: string; topic: string }[] }).data
    expect(rows).toContainEqual(expect.objectContaining({ chatId, wxid: roomWxid, topic: '即刻可见' }))
    await eventually('joined arrives', () => joinedOf(roomWxid).length > 0)
    expect(joinedOf(roomWxid)).toHaveLength(1)
  })

  test('CR-24 a room that the puppet cannot show yet is kept as it was asked for', async () => {
    house.simulator.faults.add({ on: 'roomPayload', mode: 'refuse' })
    const { roomWxid } = created((await ask({ wxids: wxids(5, 7), name: '稍后可见' })).body)
    const { body } = await house.get('/room/listByMember', { contactWxid: friends[5]!.wxid })
    const row = (body as { data: { wxid: string; members: { wxid: string }[] }[] }).data.find(
      each => each.wxid === roomWxid,
    )
    expect(row?.members.map(member => member.wxid).sort()).toEqual([bot.wxid, ...wxids(5, 7)].sort())
  })

  test('CR-9 a call that timed out although it happened is found out: one room, and a success', async () => {
    const before = roomCount()
    house.simulator.faults.add({ on: 'roomCreate', mode: 'done-but-timeout' })
    const { roomWxid } = created((await ask({ wxids: wxids(7, 9), name: '超时的群' })).body)
    expect(roomCount()).toBe(before + 1)
    expect(house.world.room(roomWxid).topic).toBe('超时的群')
  })
})

describe('CR-25 Idempotency-Key', () => {
  test('CR-25 the same key with another body is a bad request', async () => {
    created((await ask({ wxids: wxids(0, 2) }, { 'idempotency-key': 'key-1' })).body)
    const { status, body } = await ask({ wxids: wxids(0, 3) }, { 'idempotency-key': 'key-1' })
    expect(status).toBe(400)
    expect(body).toMatchObject({ errcode: 400, errmsg: expect.stringContaining('Idempotency-Key') })
  })

  test('CR-25 a key that is no key is a bad request', async () => {
    const before = roomCount()
    const { status } = await ask({ wxids: wxids(0, 2) }, { 'idempotency-key': 'x'.repeat(256) })
    expect(status).toBe(400)
    expect(roomCount()).toBe(before)
  })

  test('CR-25 the same request again gets the first answer, and there is one room', async () => {
    const before = roomCount()
    const first = await ask({ wxids: wxids(0, 2) }, { 'idempotency-key': 'key-2' })
    const second = await ask({ wxids: wxids(0, 2) }, { 'idempotency-key': 'key-2' })
    expect(second.text).toBe(first.text)
    expect(roomCount()).toBe(before + 1)
  })

  const saidIn = (roomWxid: string) =>
    house.world
      .snapshot()
      .messages.filter(message => message.roomWxid === roomWxid)
      .map(({ text }) => text)

  test('CR-25 CR-22 a room that only a later try finds is greeted by that one, and once', async () => {
    const body = { wxids: wxids(0, 2), name: '后来找到的群', greeting: '大家好' }
    const headers = { 'idempotency-key': 'key-greet-1' }
    house.simulator.faults.add({ on: 'roomCreate', mode: 'done-but-timeout', times: 1 })
    house.simulator.faults.add({ on: 'roomPayload', mode: 'refuse' })
    expect((await ask(body, headers)).body).toMatchObject({ errcode: -9 })
    house.simulator.faults.clear()
    const { roomWxid } = created((await ask(body, headers)).body)
    expect(saidIn(roomWxid)).toEqual(['大家好'])
    created((await ask(body, headers)).body)
    expect(saidIn(roomWxid)).toEqual(['大家好'])
  })

  test('CR-25 CR-22 a greeting that may have been said is not said again', async () => {
    const body = { wxids: wxids(0, 2), name: '问候超时的群', greeting: '大家好' }
    const headers = { 'idempotency-key': 'key-greet-2' }
    house.simulator.faults.add({ on: 'messageSendText', mode: 'done-but-timeout', times: 1 })
    const { roomWxid } = created((await ask(body, headers)).body)
    created((await ask(body, headers)).body)
    expect(saidIn(roomWxid)).toEqual(['大家好'])
  })

  test('CR-25 G-5 what is null or left away makes no other body', async () => {
    const asked = { wxids: wxids(30, 32) }
    const first = await ask(asked, { 'idempotency-key': 'null-1' })
    const nulls = { ...asked, name: null, greeting: null, userIds: null, unionIds: null }
    const { status, body } = await ask(nulls, { 'idempotency-key': 'null-1' })
    expect({ status, body }).toEqual({ status: 200, body: first.body })
    created(body)
    expect(await ask({ ...asked, greeting: '你好' }, { 'idempotency-key': 'null-1' })).toMatchObject({
      status: 400,
    })
  })

  test('CR-25 two at once make one room', async () => {
    const before = roomCount()
    const answers = await Promise.all(
      [1, 2].map(() => ask({ wxids: wxids(0, 2) }, { 'idempotency-key': 'key-3' })),
    )
    expect(answers[0]!.text).toBe(answers[1]!.text)
    expect(roomCount()).toBe(before + 1)
  })

  test('CR-25 another workspace may use the same key', async () => {
    const other = await house.anotherWorkspace()
    const { body } = await ask({ token: other.token, wxids: wxids(0, 2) }, { 'idempotency-key': 'key-2' })
    expect(body).toMatchObject({ errcode: -2 })
  })

  test('CR-25 a refusal before the puppet was asked is not remembered', async () => {
    const headers = { 'idempotency-key': 'key-4' }
    house.simulator.faults.add({ on: 'contactPayload', mode: 'refuse' })
    expect((await ask({ wxids: wxids(0, 2) }, headers)).body).toMatchObject({ errcode: -8 })
    house.simulator.faults.clear()
    created((await ask({ wxids: wxids(0, 2) }, headers)).body)
  })
})

const joinedOf = (roomWxid: string) =>
  house.customer.heard.filter(
    callback => callback.path === '/chatroom/joined' && (callback.json as { wxid: string }).wxid === roomWxid,
  )
