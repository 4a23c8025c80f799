import type { Bot, Room } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

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

const ask = (roomWxid: string, wecomUserId = 'xiaobei') => house.post('/room/exit', { wecomUserId, roomWxid })
const isInside = (room: Room) => house.world.room(room.wxid).members.has(bot.wxid)

/** A room that somebody else owns and the bot is in; known to the store. */
async function room(members: string[] = [bot.wxid], ownerId = house.world.addCoworker().wxid): Promise<Room> {
  const made = house.world.addRoom({ ownerId, members: [...members, house.world.addContact().wxid] })
  await eventually('the store hears of the room', async () =>
    (await chats()).some(chat => chat.roomWxid === made.wxid),
  )
  return made
}

const chats = async () =>
  (await house.operate('list-chats', { workspace: house.workspaceId, limit: 500 })).chats

async function hostIn(userId: string, state: 'awaiting-scan' | 'logged-out' | 'offline'): Promise<void> {
  const sleeper = house.world.addBot({ userId })
  const id = await house.host(sleeper)
  house.world.setBotState(sleeper.wxid, state)
  const hosted = house.gateway.operator.live!.roster.byId(house.workspaceId, id)!
  await eventually('the gateway notices', () => hosted.session.state !== 'online')
  if (state === 'awaiting-scan')
    await eventually('the scan is asked for', () => hosted.session.state === 'awaiting-scan')
}

describe('refusals, in the order of the table', () => {
  test('EX-1 an unknown token', async () => {
    const { body } = await house.post('/room/exit', {
      token: 'nobody',
      wecomUserId: 'xiaobei',
      roomWxid: 'R:1',
    })
    expect(body).toEqual({ code: -1, message: '无效token' })
  })

  test('EX-2 nobody hosts this userId', async () => {
    expect((await ask('R:1', 'nobody')).body).toEqual({ code: -2, message: 'wecomUserId的bot不存在' })
  })

  test('EX-3 two corps, one userId', async () => {
    for (const name of ['甲公司', '乙公司']) {
      const corp = house.world.addCorp({ name })
      await house.host(house.world.addBot({ userId: 'twin', corpId: corp.id }))
    }
    expect((await ask('R:1', 'twin')).body).toEqual({ code: -3, message: 'wecomUserId存在多个机器人' })
  })

  test('EX-4 a bot that never logged in', async () => {
    await house.host(house.world.addBot({ userId: 'newcomer', state: 'awaiting-scan' }))
    expect((await ask('R:1', 'newcomer')).body).toEqual({ code: -4, message: '托管账号未正确登录' })
  })

  test.each(['awaiting-scan', 'logged-out'] as const)('EX-4 a bot that was in and is now %s', async state => {
    await hostIn(`was-in-${state}`, state)
    expect((await ask('R:1', `was-in-${state}`)).body).toEqual({ code: -4, message: '托管账号未正确登录' })
  })

  test('EX-5 a personal WeChat account', async () => {
    await house.host(house.world.addBot({ userId: 'personal', kind: 'wechat' }))
    expect((await ask('R:1', 'personal')).body).toEqual({ code: -5, message: '不是企业微信' })
  })

  test('EX-6 logged in, but its puppet is away', async () => {
    await hostIn('away', 'offline')
    expect((await ask('R:1', 'away')).body).toEqual({ code: -6, message: 'bot不在线' })
  })

  test('EX-8 no bot of the workspace knows the room', async () => {
    expect((await ask('R:404')).body).toEqual({ code: -8, message: '群聊不存在' })
  })

  test('EX-8 a room is named by its wxid: its official chat id names none', async () => {
    const entered = await room()
    expect((await ask(entered.wecomChatId)).body).toEqual({ code: -8, message: '群聊不存在' })
    expect(isInside(entered)).toBe(true)
  })

  test('EX-7 another bot of the workspace is in it, this one is not', async () => {
    const { wxid } = await room([neighbour.wxid])
    expect((await ask(wxid)).body).toEqual({ code: -7, message: '托管账号不在群内' })
  })

  test('EX-7 a room that the bot has left already', async () => {
    const { wxid } = await room()
    expect((await ask(wxid)).body).toMatchObject({ code: 0 })
    expect((await ask(wxid)).body).toEqual({ code: -7, message: '托管账号不在群内' })
  })

  test('EX-9 the puppet cannot load the room', async () => {
    const left = await room()
    house.simulator.faults.add({ on: 'roomPayload', mode: 'refuse' })
    expect((await ask(left.wxid)).body).toEqual({ code: -9, message: '群聊加载失败' })
    expect(isInside(left)).toBe(true)
  })

  test('EX-11 the bot owns the room', async () => {
    const owned = await room([], bot.wxid)
    expect((await ask(owned.wxid)).body).toEqual({
      code: -11,
      message: '因托管账号是群主,退出群聊失败,请在手机端退出',
    })
    expect(isInside(owned)).toBe(true)
  })

  test.each(['refuse', 'hang'] as const)('EX-10 the puppet does %s', async mode => {
    const left = await room()
    house.simulator.faults.add({ on: 'roomQuit', mode })
    expect((await ask(left.wxid)).body).toEqual({ code: -10, message: '退出群聊失败' })
    expect(isInside(left)).toBe(true)
    expect((await chats()).map(chat => chat.roomWxid)).toContain(left.wxid)
  })

  test('EX-10 a puppet that reports success with the bot still inside is not believed', async () => {
    const left = await room()
    house.simulator.faults.add({ on: 'roomQuit', mode: 'done-but-not' })
    expect((await ask(left.wxid)).body).toEqual({ code: -10, message: '退出群聊失败' })
  })
})

describe('success', () => {
  test('EX-20 the bot is out, and the chat is off every list', async () => {
    const customer = house.world.addContact().wxid
    const left = await room([bot.wxid, customer])
    expect((await ask(left.wxid)).body).toEqual({ code: 0, message: 'ok' })
    expect(isInside(left)).toBe(false)
    expect((await house.get('/room/listByMember', { contactWxid: customer })).body).toEqual({
      code: 0,
      data: [],
    })
    const { body } = await house.get('/room/listByMHTag', { pageSize: '100' })
    expect((body as { data: { wxid: string }[] }).data.map(row => row.wxid)).not.toContain(left.wxid)
  })

  test('EX-10 a call that timed out although it happened is a success', async () => {
    const left = await room()
    house.simulator.faults.add({ on: 'roomQuit', mode: 'done-but-timeout' })
    expect((await ask(left.wxid)).body).toEqual({ code: 0, message: 'ok' })
    expect((await chats()).map(chat => chat.roomWxid)).not.toContain(left.wxid)
  })

  test('EX-20 after a return the chat has its old id and its tags', async () => {
    const left = await room()
    const chat = (await chats()).find(each => each.roomWxid === left.wxid)!
    const tag = await house.operate('add-tag', { workspace: house.workspaceId, name: '常来常往' })
    await house.operate('assign-tag', { workspace: house.workspaceId, tag: tag.id, chats: [chat.chatId] })

    expect((await ask(left.wxid)).body).toMatchObject({ code: 0 })
    expect((await house.get('/room/listByMHTag', { mhTagId: tag.id })).body).toMatchObject({
      data: [],
      page: { total: 0 },
    })

    house.world.join(left.wxid, bot.wxid)
    const back = await eventually('the chat is back', async () => {
      const { body } = await house.get('/room/listByMHTag', { mhTagId: tag.id })
      return (body as { data: { chatId: string; labels: object[] }[] }).data[0]
    })
    expect(back).toMatchObject({ chatId: chat.chatId, labels: [{ id: tag.id, name: '常来常往' }] })
  })
})
