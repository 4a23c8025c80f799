import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import type { RoomWxid } from '@qunhub/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runVerb } from '../../packages/gateway/src/operator/run-verb.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

test('EX-30 an operator lets a bot leave a room, and is refused as a customer is', async () => {
  const { world } = house
  const bot = world.addBot({ userId: 'xiaobei' })
  const lin = world.addContact({ friendOf: [bot.wxid] })
  const rooms = [lin.wxid, bot.wxid].map(ownerId =>
    world.addRoom({ topic: '答谢群 ', ownerId, members: [lin.wxid, bot.wxid], external: true }),
  )
  const id = await house.host(bot)
  const [left, owned] = rooms.map(({ wxid }) => wxid as RoomWxid)
  const refusal = async (room: string) => {
    const reply = await runVerb('exit-room', { bot: id, room }, house.gateway.operator)
    return reply.ok ? null : reply.refused
  }
  expect(await refusal('R:404')).toBe('room-unknown')
  expect(await refusal(owned!)).toBe('bot-owns-room')
  expect(await house.operate('exit-room', { bot: id, room: left! })).toEqual({ id, room: left })
  const { chats } = await house.operate('list-chats', {})
  expect(chats.map(({ roomWxid }) => roomWxid)).toEqual([owned])
  world.setBotState(bot.wxid, 'logged-out')
  await expect.poll(() => refusal(owned!), { timeout: 50_000 }).toBe('bot-offline')
})

test('CON-46 one room is read again when an operator asks, and nothing is owed where nothing changed; others are refused', async () => {
  const { world, workspaceId: workspace } = house
  const bot = world.addBot({ userId: 'kefu01' })
  const room = world.addRoom({ topic: '答疑群', ownerId: bot.wxid, members: [bot.wxid], external: true })
  const id = await house.host(bot)
  const refusal = async (wxid: string) => {
    const reply = await runVerb('sync-room', { workspace, bot: id, room: wxid }, house.gateway.operator)
    return reply.ok ? null : reply.refused
  }
  expect(await refusal('R:404')).toBe('room-unknown')
  const owed = async () => {
    const { callbacks } = await house.operate('list-callbacks', { workspace, room: room.wxid })
    return callbacks.length
  }
  const before = await owed()
  const asked = { workspace, bot: id, room: room.wxid as RoomWxid }
  expect(await house.operate('sync-room', asked)).toEqual({ id, room: room.wxid })
  expect(await owed()).toBe(before)
  world.setBotState(bot.wxid, 'logged-out')
  await expect.poll(() => refusal(room.wxid), { timeout: 50_000 }).toBe('bot-offline')
})
