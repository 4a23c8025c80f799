import type { Bot, Room } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse, type Tenancy } from '@qunhub/testing/grounds/open-house.ts'
import { botList, contactList, neighbours, roomList, simpleList, tagList } from '@qunhub/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let house: House
let other: Tenancy
let xiaobei: Bot
let xiaonan: Bot
let lilei: ReturnType<House['world']['addContact']>
let manager: ReturnType<House['world']['addCoworker']>
let stranger: ReturnType<House['world']['addContact']>
let rooms: Room[]

const ROOMS = 5
const FRIENDS = 12

beforeAll(async () => {
  house = await openHouse()
  const { world } = house
  xiaobei = world.addBot({ userId: 'xiaobei', nickName: '小北' })
  xiaonan = world.addBot({ userId: 'xiaonan', nickName: '小南' })
  lilei = world.addContact({
    name: '李雷',
    kind: 'wecom',
    corporation: '韩梅梅贸易',
    friendOf: [xiaobei.wxid, xiaonan.wxid],
  })
  for (let n = 1; n < FRIENDS; n++) world.addContact({ name: `客户${n}`, friendOf: [xiaobei.wxid] })
  manager = world.addCoworker({ name: '店长-周敏', userId: 'zhoumin' })
  stranger = world.addContact({ name: '路人' })
  rooms = Array.from({ length: ROOMS }, (_, n) =>
    world.addRoom({
      topic: `客户群${n + 1}`,
      ownerId: manager.wxid,
      members: [xiaobei.wxid, lilei.wxid, stranger.wxid],
      external: true,
    }),
  )
  world.join(rooms[0]!.wxid, xiaonan.wxid)
  await house.host(xiaobei)
  await house.host(xiaonan)
  other = await house.anotherWorkspace()
})
afterAll(() => house.close())

const askRooms = async (query: Record<string, string> = {}) =>
  roomList.reply.parse((await house.get('/room/list', query)).body)
const askSimply = async (query: Record<string, string> = {}) =>
  simpleList.reply.parse((await house.get('/room/simpleList', query)).body)
const askContacts = async (query: Record<string, string> = {}) =>
  contactList.reply.parse((await house.get('/contact/list', query)).body)
const askBots = async () => botList.reply.parse((await house.get('/bot/list')).body).data
const askTags = async () => tagList.reply.parse((await house.get('/tag/list')).body).data

describe.each(neighbours.map(({ path }) => path))('GET %s', path => {
  test('LT-1 G-4 a bad token gets -1 and an empty list', async () => {
    const { status, body } = await house.get(path, { token: 'nobody' })
    expect({ status, body }).toEqual({ status: 200, body: { code: -1, message: '无效token', data: [] } })
  })

  test('G-11 another workspace sees nothing of ours', async () => {
    for (const wxid of ['', rooms[0]!.wxid, lilei.wxid]) {
      const { body } = await house.get(path, { token: other.token, wxid })
      expect(body).toMatchObject({ code: 0, data: [] })
    }
  })

  test('G-6 it counts among the 500 requests in 30 s of its token', async () => {
    const tenancy = await house.anotherWorkspace()
    const answers = await Promise.all(
      Array.from({ length: 501 }, () => house.get(path, { token: tenancy.token })),
    )
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(1)
  })
})

describe.each(['/room/list', '/room/simpleList', '/contact/list'])('GET %s, page by page', path => {
  test.each([
    ['current', '-1', '0 或更大的整数'],
    ['current', '二', '0 或更大的整数'],
    ['pageSize', '0', '1 到 100 的整数'],
    ['pageSize', '1.5', '1 到 100 的整数'],
    ['wxid', 'R'.repeat(129), '最多 128 个字符'],
  ])('LT-3 G-5 %s %s is a bad request that says what was expected', async (field, value, expected) => {
    const { status, body } = await house.get(path, { [field]: value })
    expect({ status, body }).toMatchObject({ status: 400, body: { code: 400, data: [] } })
    expect((body as { message: string }).message).toContain(field)
    expect((body as { message: string }).message).toContain(expected)
  })

  test('NB-1 NB-2 NB-4 pages count from 0, and go on without a gap and without one twice', async () => {
    const whole = (await house.get(path, { pageSize: '100' })).body as { data: object[]; page: object }
    const pages: object[] = []
    for (let current = 0; ; current++) {
      const { data, page } = (await house.get(path, { current: String(current), pageSize: '2' })).body as {
        data: object[]
        page: { current: number; total: number }
      }
      expect(page).toEqual({ current, total: whole.data.length })
      if (data.length === 0) break
      pages.push(...data)
    }
    expect(pages).toEqual(whole.data)
    expect(pages.length).toBeGreaterThan(2)
  })

  test('NB-1 NB-2 NB-4 a wxid that nobody has is an empty list', async () => {
    const { body } = await house.get(path, { wxid: 'R:1' })
    expect(body).toEqual({ code: 0, data: [], page: { current: 0, total: 0 } })
  })

  test('LT-3 a pageSize over 100 is read as 100, and a page far beyond the end has no row', async () => {
    const { text } = await house.get(path, { pageSize: '101' })
    expect(text).toBe((await house.get(path, { pageSize: '100' })).text)
    const far = (await house.get(path, { current: '4000000000' })).body as { data: object[]; page: object }
    expect(far).toMatchObject({ code: 0, data: [], page: { total: expect.any(Number) } })
  })

  test('G-7 an empty wxid, current and pageSize are none', async () => {
    const { text } = await house.get(path, { wxid: '', current: '', pageSize: '' })
    expect(text).toBe((await house.get(path)).text)
  })
})

describe('GET /room/list', () => {
  test('NB-1 a row is the one that listByMHTag shows, oldest chat first', async () => {
    const { body } = await house.get('/room/listByMHTag', { pageSize: '100' })
    expect((await askRooms({ pageSize: '100' })).data).toEqual((body as { data: object[] }).data)
  })

  test('NB-1 with wxid there are the chats of that room, one for each account in it', async () => {
    const { data, page } = await askRooms({ wxid: rooms[0]!.wxid })
    expect(data.map(row => row.botInfo.nickName).toSorted()).toEqual(['小北', '小南'].toSorted())
    expect(page).toEqual({ current: 0, total: 2 })
  })
})

describe('GET /room/simpleList', () => {
  test('NB-2 a row is that of /room/list without its members, and says that it is not deleted', async () => {
    const expected = (await askRooms({ pageSize: '100' })).data.map(({ members: _, ...row }) => ({
      ...row,
      deleted: false,
    }))
    expect((await askSimply({ pageSize: '100' })).data).toEqual(expected)
  })

  test('NB-2 a room that was left is on no page, and asked for by its wxid it is deleted', async () => {
    const left = house.world.addRoom({
      topic: '要散的群',
      ownerId: manager.wxid,
      members: [xiaobei.wxid, lilei.wxid],
      external: true,
    })
    await eventually('the room', async () => (await askRooms({ wxid: left.wxid })).data.length === 1)
    house.world.leave(left.wxid, xiaobei.wxid)
    await eventually('the leaving', async () => (await askRooms({ wxid: left.wxid })).data.length === 0)
    const { data } = await askSimply({ pageSize: '100' })
    expect(data.some(row => row.wxid === left.wxid)).toBe(false)
    expect((await askSimply({ wxid: left.wxid })).data).toMatchObject([{ topic: '要散的群', deleted: true }])
  })
})

describe('GET /bot/list', () => {
  test('NB-3 the accounts that have logged in, oldest first, with every name a program looks for', async () => {
    const bots = await askBots()
    expect(bots.map(({ nickName }) => nickName)).toEqual(['小北', '小南'])
    expect(bots[0]).toMatchObject({
      wxid: xiaobei.wxid,
      weixin: 'xiaobei',
      wecomUserId: 'xiaobei',
      name: '小北',
      online: true,
      status: 'online',
      corpId: '',
    })
  })

  test('NB-3 an account that was logged out is shown so', async () => {
    house.world.setBotState(xiaonan.wxid, 'offline')
    const statusOf = async () => (await askBots()).find(({ wxid }) => wxid === xiaonan.wxid)!
    await eventually('the logout', async () => !(await statusOf()).online)
    expect((await statusOf()).status).not.toBe('online')
    house.world.setBotState(xiaonan.wxid, 'online')
    await eventually('the login', async () => (await statusOf()).online)
  })
})

describe('GET /contact/list', () => {
  test('NB-4 friends and coworkers of every account, and nobody who was met in a room alone', async () => {
    const { data } = await askContacts({ pageSize: '100' })
    const ofXiaobei = data.filter(row => row.botInfo.wxid === xiaobei.wxid)
    expect(ofXiaobei.filter(row => !row.coworker)).toHaveLength(FRIENDS)
    expect(ofXiaobei.some(row => row.wxid === manager.wxid && row.weixin === 'zhoumin')).toBe(true)
    expect(data.some(row => row.wxid === stranger.wxid)).toBe(false)
    expect(data.some(row => row.wxid === row.botInfo.wxid)).toBe(false)
  })

  test('NB-4 whom two accounts know has two rows, each with a chat id of its own that stays', async () => {
    const { data, page } = await askContacts({ wxid: lilei.wxid })
    expect(data.map(row => row.botInfo.nickName)).toEqual(['小北', '小南'])
    expect(page).toEqual({ current: 0, total: 2 })
    expect(new Set(data.map(row => row.chatId)).size).toBe(2)
    expect((await askContacts({ wxid: lilei.wxid })).data).toEqual(data)
    expect(data[0]).toMatchObject({
      nickName: '李雷',
      contactType: 3,
      corporation: '韩梅梅贸易',
      coworker: false,
    })
  })

  test('NB-4 LM-5 AM-22 what it shows of a contact is taken by listByMember and addMember alike', async () => {
    const [row] = (await askContacts({ wxid: lilei.wxid })).data
    const named = [row!.wxid, row!.externalUserId].filter(id => id !== undefined)
    expect(named).toHaveLength(2)
    const answers = await Promise.all(
      named.map(contactWxid => house.get('/room/listByMember', { contactWxid })),
    )
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect((answers[0]!.body as { data: object[] }).data).toHaveLength(ROOMS + 1)
    for (const contactWxid of named) {
      const ask = { botUserId: 'xiaobei', contactWxid, roomWxid: rooms[0]!.wxid }
      expect((await house.post('/room/addMember', ask)).body).toMatchObject({ code: -9 })
    }
  })

  test('NB-4 a new friend stands behind those who were there; one who is no friend any more is gone', async () => {
    const before = (await askContacts({ pageSize: '100' })).page!.total
    const late = house.world.addContact({ name: '新客户' })
    house.world.setFriendship(xiaobei.wxid, late.wxid, true)
    await house.operate('sync-bot', { workspace: house.workspaceId, bot: 'xiaobei' })
    const after = await askContacts({ pageSize: '100' })
    expect(after.page!.total).toBe(before + 1)
    expect(after.data.filter(row => row.botInfo.wxid === xiaobei.wxid).at(-1)!.wxid).toBe(late.wxid)

    house.world.setFriendship(xiaobei.wxid, late.wxid, false)
    await house.operate('sync-bot', { workspace: house.workspaceId, bot: 'xiaobei' })
    expect((await askContacts({ wxid: late.wxid })).data).toEqual([])
    expect((await askContacts({ pageSize: '100' })).page!.total).toBe(before)
  })
})

describe('GET /tag/list', () => {
  test('NB-5 the tags in the order in which they were added, each with its rooms', async () => {
    const workspace = house.workspaceId
    const names = ['VIP客户群', '一个空的']
    for (const name of names) await house.operate('add-tag', { workspace, name })
    const [vip] = await askTags()
    const chats = (await askRooms({ pageSize: '3' })).data.map(row => row.chatId)
    await house.operate('assign-tag', { workspace, tag: vip!.id, chats })
    expect(await askTags()).toEqual([
      { id: vip!.id, name: 'VIP客户群', roomCount: 3 },
      { id: expect.any(String), name: '一个空的', roomCount: 0 },
    ])
    // Only now there is something to be kept from others (G-11).
    const others = await house.get('/tag/list', { token: other.token })
    expect(others.body).toEqual({ code: 0, data: [] })
    expect((await house.get('/room/listByMHTag', { mhTagId: vip!.id })).body).toMatchObject({
      page: { total: 3 },
    })
  })
})
