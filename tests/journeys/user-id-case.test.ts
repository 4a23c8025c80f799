import type { Bot } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { runCliHere } from '@qunhub/testing/processes/run-cli-here.ts'
import type { UserId } from '@qunhub/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'

let house: House
let bot: Bot
let roomWxid: string
let friends: string[]

beforeAll(async () => {
  house = await openHouse()
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  friends = Array.from({ length: 3 }, () => house.world.addContact({ friendOf: [bot.wxid] }).wxid)
  const owner = house.world.addCoworker({ userId: 'LinLing' })
  house.world.addCoworker({ userId: 'Jürgen.Öz' })
  roomWxid = house.world.addRoom({ ownerId: owner.wxid, members: [bot.wxid], external: true }).wxid
  await house.host(bot)
})
afterAll(() => house.close())

const cli = (args: string) => runCliHere(args, { QUNHUB_DATA_DIR: house.dataDir, NO_COLOR: '1' })

test('BOT-262 AM-2 CR-2 EX-2 a bot is found by its userId in any case of letters, and shown as it spells itself', async () => {
  const [contactWxid] = friends
  const added = await house.post('/room/addMember', { botUserId: 'XiaoBei', contactWxid, roomWxid })
  expect(added.body).toEqual({ code: 0, message: '' })
  const exited = await house.post('/room/exit', { wecomUserId: 'XIAOBEI', roomWxid: 'R:nowhere' })
  expect(exited.body).toMatchObject({ code: -8 })
  const listed = await house.get('/room/listByMHTag')
  expect(listed.body).toMatchObject({ data: [{ botInfo: { weixin: 'xiaobei' } }] })
})

test('BOT-262 CR-6 CR-20 coworkers are found likewise, letters beyond ASCII included, and the bot itself is passed over', async () => {
  const userIds = ['linling', 'LINLING', 'JÜRGEN.öz', 'XiaoBei']
  const asked = { botUserId: 'xiaoBEI', userIds, wxids: friends.slice(0, 2) }
  const { body } = await house.post('/room/create', asked)
  expect(body).toMatchObject({ errcode: 0 })
  const { roomWxid: made } = (body as { data: { roomWxid: string } }).data
  expect(house.world.room(made).members.size).toBe(5)
  const unknown = await house.post('/room/create', { ...asked, userIds: ['LinLin'] })
  expect(unknown.body).toEqual({ errcode: -6, errmsg: '同事不存在: LinLin' })
})

test('BOT-262 the command line finds a bot likewise', async () => {
  expect((await cli('bot login XIAObei')).exitCode).toBe(0)
  expect((await cli('bot show XiaoBei')).stdout).toContain('xiaobei')
  expect((await cli('contact list --id LINLING')).stdout).toContain('LinLing')
})

test('BOT-262 BOT-125 the account that an operator expects may spell itself otherwise', async () => {
  const spelled = house.world.addBot({ userId: 'WangWu' })
  const { endpoint } = house.simulator
  const { id } = await house.operate('add-bot', {
    endpoint,
    token: spelled.token,
    userId: 'wangwu' as UserId,
  })
  const session = async () => (await house.operate('show-bot', { bot: 'WANGWU' })).bot
  await eventually('it to be online', async () => (await session()).session.state === 'online')
  expect(await session()).toMatchObject({ id, account: { userId: 'WangWu' } })
})

test('BOT-262 AM-3 CR-3 EX-3 two bots whose userIds differ in case only are several, however one is spelled', async () => {
  for (const userId of ['Twin', 'twin']) {
    const corp = house.world.addCorp({ name: `${userId}公司` })
    await house.host(house.world.addBot({ userId, corpId: corp.id }))
  }
  for (const userId of ['Twin', 'twin', 'TWIN']) {
    const asked = { botUserId: userId, wecomUserId: userId, roomWxid, contactWxid: friends[0] }
    expect((await house.post('/room/addMember', asked)).body).toMatchObject({ code: -3 })
    expect((await house.post('/room/exit', asked)).body).toMatchObject({ code: -3 })
    const created = await house.post('/room/create', { botUserId: userId, wxids: friends })
    expect(created.body).toMatchObject({ errcode: -3 })
  }
  expect((await cli('bot show Twin --json')).stderr).toContain('bot-ambiguous')
})
