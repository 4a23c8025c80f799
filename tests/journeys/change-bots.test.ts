import type { Bot } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { type BotId, RoomLeftBody, type UserId } from '@qunhub/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runVerb } from '../../packages/gateway/src/operator/run-verb.ts'

/** What operators change of a bot while the gateway runs, and take away. */
let house: House
let bot: Bot
let botId: BotId

beforeEach(async () => {
  house = await openHouse()
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  addRoom('一群', bot)
  botId = await house.host(bot)
})
afterEach(() => house.close())

const addRoom = (topic: string, { wxid }: Bot) =>
  house.world.addRoom({
    topic,
    ownerId: house.world.addCoworker({ name: '店长' }).wxid,
    members: [wxid],
    external: true,
  })
const { stringify } = JSON
const ask = () => ({ workspace: house.workspaceId, bot: botId })
const chats = async () => (await house.operate('list-chats', { workspace: house.workspaceId })).chats
const shown = () => house.operate('show-bot', ask())

test('OP-40 a bot with another puppet token connects anew at once, as whom the operator expects', async () => {
  const other = house.world.addBot({ userId: 'xiaonan', nickName: '小南' })
  addRoom('二群', other)
  const set = await house.operate('set-bot', { ...ask(), token: other.token, userId: other.userId as UserId })
  expect(set).toMatchObject({ id: botId, expectedUserId: 'xiaonan' })
  expect(stringify(set)).not.toContain(other.token)
  await eventually('the other account is online', async () => {
    const { session, account } = (await shown()).bot
    return session.state === 'online' && account?.userId === 'xiaonan'
  })
  await eventually(
    'its rooms are listed',
    async () => (await chats()).map(({ topic }) => topic).join() === '二群',
  )
})

test('OP-40 a bot that only connects anew does not start again: no room is told as loaded', async () => {
  await eventually('the start is told', () => house.customer.heard.length === 1)
  const { endpoint } = (await shown()).bot
  const { moves } = await shown()
  await house.operate('set-bot', { ...ask(), endpoint })
  await eventually('it is online again', async () => {
    const now = await shown()
    return now.bot.session.state === 'online' && now.moves[0]!.ordinal > moves[0]!.ordinal
  })
  await house.operate('sync-bot', ask())
  await eventually('the sync is told', () => house.customer.heard.length === 2)
  expect(house.customer.heard).toHaveLength(2)
})

test('OP-41 a removed bot leaves the lists and its puppet, tells that it left, and its account stays logged in', async () => {
  await house.operate('set-workspace', { workspace: house.workspaceId, roomLeft: true })
  expect(await house.operate('remove-bot', ask())).toEqual({ id: botId, chats: 1 })
  expect(await chats()).toEqual([])
  expect((await house.operate('list-bots', { workspace: house.workspaceId })).bots).toEqual([])
  const answer = await house.post('/room/exit', { wecomUserId: 'xiaobei', roomWxid: 'R:1' })
  expect(answer.body).toMatchObject({ code: -2 })

  const told = await eventually('it is told', () =>
    house.customer.heard.find(({ path }) => path === '/room/left'),
  )
  const body = RoomLeftBody.parse(told.json)
  expect(body).toMatchObject({ topic: '一群' })
  expect(stringify(body)).toContain(bot.wxid)
  expect(bot.state).toBe('online')
  expect(
    (await house.operate('list-callbacks', { workspace: house.workspaceId })).callbacks.length,
  ).toBeGreaterThan(1)

  expect(await house.host(bot)).not.toBe(botId)
  await eventually('its rooms are back', async () => (await chats()).length === 1)
})

/** As the verb does it, but that what it writes after the bot was taken away waits for `before`. */
const removeWhere = (before: () => Promise<void>) => {
  const { operator } = house.gateway
  let writes = 0
  const write: typeof operator.db.write = async (work, options) => {
    if (writes++ > 0) await before()
    return operator.db.write(work, options)
  }
  const db = new Proxy(operator.db, {
    get(target, name) {
      const member: unknown = name === 'write' ? write : Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  return runVerb('remove-bot', ask(), { ...operator, db })
}

test('OP-41 a bot that is being removed is asked for nothing, and its puppet is free, however long it takes to leave its chats', async () => {
  const taken = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const removed = removeWhere(() => {
    taken.resolve()
    return gate.promise
  })
  await taken.promise
  const [room] = house.world.rooms.values()
  const left = await house.post('/room/exit', { wecomUserId: 'xiaobei', roomWxid: room!.wxid })
  expect(left.body).toMatchObject({ code: -2 })
  expect(room!.members.has(bot.wxid)).toBe(true)
  expect(await house.host(bot)).not.toBe(botId)
  gate.resolve()
  expect(await removed).toEqual({ ok: true, value: { id: botId, chats: 1 } })
})

test('OP-41 where leaving its chats breaks off, whoever logs in with its account has left them before a room of it is told', async () => {
  await house.operate('set-workspace', { workspace: house.workspaceId, roomLeft: true })
  await eventually('the start is told', () => house.customer.heard.length === 1)
  const broken = removeWhere(() => Promise.reject(new RangeError('the process ended')))
  await expect(broken).rejects.toThrow(RangeError)
  expect(house.gateway.operator.live!.roster.byId(house.workspaceId, botId)).toBeUndefined()
  expect((await chats()).map(chat => chat.botId)).toEqual([botId])

  const again = await house.host(bot)
  await eventually('both are told', () => house.customer.heard.length >= 3)
  expect(house.customer.heard.slice(1).map(({ path }) => path)).toEqual(['/room/left', '/chatroom/loaded'])
  expect((await chats()).map(chat => chat.botId)).toEqual([again])
})

test('OP-42 the node that answers is listed with its bots', async () => {
  const { live, nodes, free } = await house.operate('list-nodes', {})
  expect({ live, free }).toEqual({ live: true, free: 0 })
  expect(nodes).toMatchObject([{ isThis: true, bots: 1, connected: true }])
})
