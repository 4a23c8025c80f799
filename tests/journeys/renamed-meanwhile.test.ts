import type { Bot } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'

/** People who change while somebody has read of them, and has not kept it yet. */
let house: House
let bot: Bot

beforeEach(async () => {
  house = await openHouse()
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
})
afterEach(() => house.close())

const nameShown = async (contactWxid: string) => {
  const { body } = await house.get('/room/listByMember', { contactWxid })
  const [row] = (body as { data: { members: { wxid: string; nickName: string }[] }[] }).data
  return row?.members.find(({ wxid }) => wxid === contactWxid)?.nickName
}

test('CB-4 who renames himself while an addition to his room is under way is shown by his new name', async () => {
  const friend = house.world.addContact({ friendOf: [bot.wxid] }).wxid
  const lin = house.world.addContact({ name: '林' }).wxid
  const room = house.world.addRoom({ ownerId: bot.wxid, members: [bot.wxid, lin], external: true })
  await house.host(bot)
  house.simulator.faults.add({ on: 'roomAdd', mode: 'hang', times: 1 })
  const adding = house.post('/room/addMember', {
    ...{ botUserId: 'xiaobei', contactWxid: friend, roomWxid: room.wxid },
  })
  await eventually('the puppet is asked', () => house.simulator.faults.list().length === 0)
  house.world.renameContact(lin, '琳')
  await eventually('the event is followed', async () => (await nameShown(lin)) === '琳')
  expect((await adding).body).toMatchObject({ code: -7 })
  expect(await nameShown(lin)).toBe('琳')
})

test('CB-4 CR-24 who renames himself while a room is made with him is shown by his new name, also where nobody can read the room', async () => {
  const people = ['林', '莫'].map(name => house.world.addContact({ name, friendOf: [bot.wxid] }).wxid)
  house.world.addRoom({ ownerId: bot.wxid, members: [bot.wxid, people[0]!], external: true })
  await house.host(bot)
  house.simulator.faults.add({ on: 'roomPayload', mode: 'hang' })
  const creating = house.post('/room/create', { botUserId: 'xiaobei', wxids: people })
  await eventually('the room is there', () => house.world.rooms.size === 2)
  house.world.renameContact(people[0]!, '琳')
  await eventually('the event is followed', async () => (await nameShown(people[0]!)) === '琳')
  expect((await creating).body).toMatchObject({ errcode: 0 })
  house.simulator.faults.clear()
  expect(await nameShown(people[0]!)).toBe('琳')
})

test('BOT-210 a bot that renamed itself is shown by its new name, also where the puppet could not say so when the event came', async () => {
  const { wxid } = house.world.addRoom({ ownerId: bot.wxid, members: [bot.wxid], external: true })
  await house.host(bot)
  house.simulator.faults.add({ on: 'contactPayload', mode: 'hang', times: 1 })
  house.world.renameContact(bot.wxid, '小贝')
  await eventually('the resync that stands in for the event', async () => {
    const { body } = await house.get('/room/list', { wxid })
    const list = body as { data: { botInfo: { nickName: string } }[] } | undefined
    return list?.data[0]?.botInfo.nickName === '小贝'
  })
})
