import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Bot } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Callback, createReceiver } from '../src/receiver/index.ts'
import { toNode } from '../src/receiver/node.ts'

let house: House
let bot: Bot
let server: Server
let url: string
let secrets: readonly string[]
/** What the handlers heard, and how often they are to fail first. */
const heard: Callback[] = []
let failures = 0

beforeAll(async () => {
  const receiver = createReceiver({ secrets: () => secrets, onError: () => {} })
  const keep = async (callback: Callback) => {
    if (failures-- > 0) throw new Error('not now')
    heard.push(callback)
  }
  receiver.on('chatroom/joined', keep).on('chatroom/loaded', keep).on('room/joined', keep)
  server = createServer(toNode(receiver))
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks?key=1`

  house = await openHouse()
  const { workspaceId: workspace } = house
  await house.operate('set-callback-url', { workspace, url })
  secrets = [(await house.operate('show-callback-secret', { workspace })).secret]
  await house.operate('set-workspace', { workspace, roomJoined: true })
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  house.world.addRoom({ ownerId: bot.wxid, topic: '老客户群', members: [house.world.addContact({}).wxid] })
  await house.host(bot)
})
afterAll(async () => {
  await house.close()
  server.closeAllConnections()
  await new Promise(closed => server.close(closed))
})

const callbackOf = (kind: string, topic: string) =>
  eventually(`${kind} of ${topic}`, () =>
    heard.find(callback => callback.kind === kind && callback.body.topic === topic),
  )
/** The bot is pulled into a room of somebody else's. */
const pulledInto = (topic: string) => {
  const { wxid } = house.world.addRoom({ ownerId: house.world.addCoworker().wxid, topic, members: [] })
  house.world.join(wxid, bot.wxid)
}

test('RC-1 what the product sends is accepted and told, of each kind', async () => {
  expect(await callbackOf('chatroom/loaded', '老客户群')).toMatchObject({
    webhookId: expect.stringMatching(/^msg_/),
    body: { botInfo: { weixin: 'xiaobei' }, group: house.workspaceId },
  })
  pulledInto('新客户群')
  await callbackOf('chatroom/joined', '新客户群')
  expect(await callbackOf('room/joined', '新客户群')).toMatchObject({ body: { groupId: house.workspaceId } })
})

test('RC-8 a callback whose handler failed is sent again by the product, under its own id, and handled once', async () => {
  failures = 1
  pulledInto('再来一次')
  const { webhookId } = await callbackOf('chatroom/joined', '再来一次')
  expect(heard.filter(callback => callback.webhookId === webhookId)).toHaveLength(1)
})

test('RC-4 while the product replaces its secret a receiver with either one accepts what it sends', async () => {
  const former = secrets
  const { secret } = await house.operate('rotate-callback-secret', { workspace: house.workspaceId })
  pulledInto('旧密钥')
  await callbackOf('chatroom/joined', '旧密钥')
  secrets = [secret]
  expect(former).not.toEqual(secrets)
  pulledInto('新密钥')
  await callbackOf('chatroom/joined', '新密钥')
})
