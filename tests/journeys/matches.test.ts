import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

let house: House
let botId: string
let lin: { wxid: string; unionId: string | null; externalUserId: string }
let room: string

beforeAll(async () => {
  house = await openHouse()
  const { world } = house
  const bot = world.addBot({ userId: 'xiaobei', nickName: '小北' })
  lin = world.addContact({ name: '林晓', friendOf: [bot.wxid] })
  room = world.addRoom({
    ...{ topic: '老客户答疑群', ownerId: bot.wxid, members: [bot.wxid, lin.wxid], external: true },
  }).wxid
  botId = await house.host(bot)
})
afterAll(() => house.close())

const find = async (sought: string, workspace = house.workspaceId) =>
  (await house.operate('list-matches', { workspace, sought })).matches.map(({ kind, id }) => `${kind} ${id}`)

test('CON-42 whatever goes by an id is found by it, and a room, a bot and a tag by a part of their names', async () => {
  const { workspaceId: workspace } = house
  const [chat] = (await house.operate('list-chats', { workspace })).chats
  const { id: tag } = await house.operate('add-tag', { workspace, name: 'VIP客户群' })
  const { id: token } = await house.operate('issue-token', { workspace, label: 'crm' })
  const asked = await house.get('/room/list')
  const requestId = asked.headers.get('x-request-id')!
  const callback = await eventually('a callback is owed', async () => {
    const { callbacks } = await house.operate('list-callbacks', { workspace })
    return callbacks[0]
  })
  await eventually('the request is written down', async () => (await find(requestId)).length > 0)
  for (const sought of [botId, 'xiaobei', '小北', 'XIAO'])
    expect(await find(sought)).toContain(`bot ${botId}`)
  for (const sought of [chat!.chatId, room, '答疑'])
    expect(await find(sought)).toEqual([`room ${chat!.chatId}`])
  for (const sought of [lin.wxid, lin.externalUserId])
    expect(await find(sought), sought).toEqual([`contact ${lin.wxid}`])
  for (const sought of [String(callback.id), callback.webhookId])
    expect(await find(sought)).toEqual([`callback ${callback.id}`])
  expect(await find(requestId)).toEqual([`request ${requestId}`])
  for (const sought of [tag, 'vip']) expect(await find(sought)).toEqual([`tag ${tag}`])
  for (const sought of [token, 'crm']) expect(await find(sought)).toEqual([`token ${token}`])
})

test('CON-42 nothing of another workspace is found, nor a token by itself', async () => {
  const other = await house.anotherWorkspace()
  for (const sought of [botId, room, lin.wxid, '1', '答疑', '小北'])
    expect(await find(sought, other.workspaceId)).toEqual([])
  expect(await find(house.token)).toEqual([])
  expect(await find('   ')).toEqual([])
})
