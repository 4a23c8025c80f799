import type { Bot } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { ChatroomBody } from '@qunhub/wire'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

let house: House
let bot: Bot
let colleague: string

beforeAll(async () => {
  house = await openHouse()
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  colleague = house.world.addCoworker({ name: '店长-周敏' }).wxid
})
afterAll(() => house.close())
afterEach(() => house.simulator.faults.clear())

const heardOf = (roomWxid: string) =>
  house.customer.heard
    .filter(callback => (callback.json as { wxid: string }).wxid === roomWxid)
    .map(callback => callback.path)
const makeRoom = (topic: string, members: string[] = [bot.wxid, house.world.addContact().wxid]) =>
  house.world.addRoom({ topic, ownerId: colleague, members, external: true })

describe('loaded', () => {
  test('CB-1 when the bot starts, every room of it is owed, and nothing as joined', async () => {
    const rooms = ['一群', '二群', '三群'].map(topic => makeRoom(topic))
    await house.host(bot)
    for (const room of rooms) {
      await eventually('loaded arrives', () => heardOf(room.wxid).length > 0)
      expect(heardOf(room.wxid)).toEqual(['/chatroom/loaded'])
    }
  })

  test('CB-1 the body is the page’s: flat, in its order, without corporation, with group and syncedTime', async () => {
    const before = Date.now()
    const partner = house.world.addContact({ kind: 'wecom', corporation: '合作公司', name: '合作方' })
    const room = makeRoom('四群', [bot.wxid, partner.wxid])
    const callback = await eventually('joined arrives', () =>
      house.customer.heard.find(each => (each.json as { wxid: string }).wxid === room.wxid),
    )
    const body = ChatroomBody.parse(callback.json)
    expect(Object.keys(callback.json as object)).toEqual([
      'chatId',
      'botInfo',
      'wxid',
      'topic',
      'avatarUrl',
      'ownerId',
      'members',
      'group',
      'syncedTime',
    ])
    expect(callback.body.toString()).toBe(JSON.stringify(body))
    expect(callback.body.toString()).not.toContain('corporation')
    expect(body).toMatchObject({
      botInfo: { wxid: bot.wxid, weixin: 'xiaobei', nickName: '小北' },
      wxid: room.wxid,
      topic: '四群',
      ownerId: colleague,
      group: house.workspaceId,
    })
    expect(body.members.map(member => member.wxid)).toEqual([colleague, bot.wxid, partner.wxid])
    expect(body.syncedTime).toBeGreaterThanOrEqual(before)
    expect(body.syncedTime).toBeLessThanOrEqual(Date.now())
  })

  test('CB-1 a sync that is asked for owes every room again', async () => {
    const room = makeRoom('五群')
    await eventually('joined arrives', () => heardOf(room.wxid).length === 1)
    const { bots } = await house.operate('list-bots', { workspace: house.workspaceId })
    await house.operate('sync-bot', { workspace: house.workspaceId, bot: bots[0]!.id })
    await eventually('loaded arrives', () => heardOf(room.wxid).length === 2)
    expect(heardOf(room.wxid)).toEqual(['/chatroom/joined', '/chatroom/loaded'])
  })

  test('CON-49 a bot is listed with its node, its rooms and the last proof that it hears', async () => {
    const before = Date.now()
    const room = makeRoom('听得到')
    await eventually('joined arrives', () => heardOf(room.wxid).length === 1)
    const counted = { workspace: house.workspaceId, countRooms: true }
    const { bots } = await house.operate('list-bots', counted)
    const { nodes } = await house.operate('list-nodes', {})
    expect(bots[0]).toMatchObject({ node: nodes[0]!.id, rooms: { atLeast: false } })
    expect(bots[0]!.heardAt).toBeGreaterThanOrEqual(before)
    expect(bots[0]!.rooms!.count).toBeGreaterThan(0)
  })

  test('CB-2 what changed while the stream was away is found and owed', async () => {
    const changed = makeRoom('六群')
    const unchanged = makeRoom('七群')
    await eventually(
      'both are known',
      () => heardOf(changed.wxid).length + heardOf(unchanged.wxid).length === 2,
    )
    house.simulator.killServer()
    house.world.setTopic(changed.wxid, '六群改名')
    const entered = makeRoom('八群')
    await house.simulator.restartServer({ downMs: 0 })
    await eventually('the change is owed', () => heardOf(changed.wxid).length === 2)
    await eventually('the entrance is owed', () => heardOf(entered.wxid).length === 1)
    expect(heardOf(changed.wxid)).toEqual(['/chatroom/joined', '/chatroom/loaded'])
    expect(heardOf(entered.wxid)).toEqual(['/chatroom/joined'])
    expect(heardOf(unchanged.wxid)).toEqual(['/chatroom/joined'])
  })

  test('CB-2 of what happened while the stream was away, entrances are owed before changes', async () => {
    const changed = Array.from({ length: 20 }, (_, n) => makeRoom(`老群${n}`))
    await eventually('all are known', () => changed.every(room => heardOf(room.wxid).length === 1))
    house.simulator.killServer()
    for (const room of changed) house.world.setTopic(room.wxid, `${room.topic}改名`)
    const entered = makeRoom('新群')
    await house.simulator.restartServer({ downMs: 0 })
    await eventually('all changes are told', () => changed.every(room => heardOf(room.wxid).length === 2))
    await eventually('the entrance is told', () => heardOf(entered.wxid).length === 1)

    const { callbacks } = await house.operate('list-callbacks', { workspace: house.workspaceId, limit: 100 })
    const news = callbacks.slice(0, changed.length + 1).map(({ room }) => room)
    // A few rooms are read at once, and any of them may be the first to be kept.
    expect(news.toReversed().slice(0, 4)).toContain(entered.wxid)
  })
})

describe('joined', () => {
  test('CB-3 the bot is pulled in while it runs: one joined', async () => {
    const room = makeRoom('九群', [house.world.addContact().wxid])
    house.world.join(room.wxid, bot.wxid, colleague)
    await eventually('joined arrives', () => heardOf(room.wxid).length > 0)
    expect(heardOf(room.wxid)).toEqual(['/chatroom/joined'])
  })

  test('CB-3 somebody else’s join is not told, but the lists show it', async () => {
    const room = makeRoom('十群')
    await eventually('joined arrives', () => heardOf(room.wxid).length === 1)
    const guest = house.world.addContact().wxid
    house.world.join(room.wxid, guest)
    await eventually('the lists show the guest', async () => {
      const { body } = await house.get('/room/listByMember', { contactWxid: guest })
      return (body as { data: object[] }).data.length === 1
    })
    expect(heardOf(room.wxid)).toEqual(['/chatroom/joined'])
  })

  test.each(['duplicate', 'reorder', 'no-inviter', 'names-for-ids'] as const)(
    'CB-3 events that the puppet does %s still make one joined, with the room as it is',
    async mode => {
      house.simulator.faults.add({ on: 'events', mode })
      const room = makeRoom(`群-${mode}`)
      house.world.setTopic(room.wxid, `群-${mode}-新`)
      await eventually('joined arrives', () => heardOf(room.wxid).length > 0)
      house.simulator.faults.clear()
      expect(heardOf(room.wxid)).toEqual(['/chatroom/joined'])
    },
  )

  test('CB-3 after the bot has left and come back, joined is owed again', async () => {
    const room = makeRoom('出入群')
    await eventually('joined arrives', () => heardOf(room.wxid).length === 1)
    await house.post('/room/exit', { wecomUserId: 'xiaobei', roomWxid: room.wxid })
    house.world.join(room.wxid, bot.wxid)
    await eventually('joined arrives again', () => heardOf(room.wxid).length === 2)
    expect(heardOf(room.wxid)).toEqual(['/chatroom/joined', '/chatroom/joined'])
  })
})

describe('what a puppet may send', () => {
  test('G-5 NUL and broken text neither break a sync nor a list nor a callback', async () => {
    const hostile = `群\0名${'长'.repeat(5000)}<script>`
    const guest = house.world.addContact({ name: '坏\0名字' }).wxid
    const room = makeRoom(hostile, [bot.wxid, guest])
    house.world.setAlias(room.wxid, guest, '别\0名')
    await eventually('joined arrives', () => heardOf(room.wxid).length > 0)
    const { status, body } = await house.get('/room/listByMember', { contactWxid: guest })
    expect(status).toBe(200)
    const [row] = (body as { data: { topic: string; members: { nickName: string }[] }[] }).data
    expect(row!.topic.startsWith('群\ufffd名')).toBe(true)
    expect(row!.members.at(-1)!.nickName).toBe('坏\ufffd名字')
  })
})

describe('signatures', () => {
  test('CB-9 an independent verifier accepts what arrives', async () => {
    const { Webhook } = await import('standardwebhooks')
    const { secret } = await house.operate('show-callback-secret', { workspace: house.workspaceId })
    const callback = house.customer.heard[0]!
    const verified = new Webhook(secret).verify(
      callback.body.toString(),
      callback.headers as Record<string, string>,
    )
    expect(verified).toEqual(callback.json)
  })
})
