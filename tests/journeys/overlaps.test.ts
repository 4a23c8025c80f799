import type { Bot, Room } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { create } from '@qunhub/wire'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Statement } from '../../packages/gateway/src/store/database/database.ts'

/** Requests, events, syncs and losses of the stream that fall into one another. */
let house: House
let bot: Bot
let botId: string
let colleague: string

beforeEach(async () => {
  house = await openHouse({ env: { QUNHUB_DATABASE_POOL: '10' } })
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  colleague = house.world.addCoworker().wxid
})
afterEach(() => house.close())

const makeRoom = (topic: string, members: string[] = [bot.wxid]): Room =>
  house.world.addRoom({ topic, ownerId: colleague, members, external: true })
const heardOf = (roomWxid: string) =>
  house.customer.heard
    .filter(callback => (callback.json as { wxid: string }).wxid === roomWxid)
    .map(callback => callback.path.replace('/chatroom/', ''))
const heardAll = () => house.customer.heard.map(callback => callback.path)
const sync = () => house.operate('sync-bot', { workspace: house.workspaceId, bot: botId })
/** What happens in the world now, no event tells. */
function unheard(happens: () => void): void {
  house.simulator.faults.add({ on: 'events', mode: 'drop' })
  happens()
  house.simulator.faults.clear()
}

describe('create', () => {
  test('CR-24 a sync that saves the new room first does not swallow its joined', async () => {
    const friends = [1, 2].map(() => house.world.addContact({ friendOf: [bot.wxid] }).wxid)
    botId = await house.host(bot)
    house.simulator.faults.add({ on: 'roomCreate', mode: 'done-but-timeout', times: 1 })
    house.simulator.faults.add({ on: 'events', mode: 'drop' })
    const creating = house.post('/room/create', { botUserId: 'xiaobei', wxids: friends, name: '新群' })
    await eventually('the room is there', () => house.world.rooms.size === 1)
    await sync()
    const { roomWxid } = create.reply.parse((await creating).body).data!
    await eventually('the customer hears of the entrance', () => heardOf(roomWxid).includes('joined'))
    await eventually('and of the sync', () => heardOf(roomWxid).length >= 2)
    expect(heardOf(roomWxid).filter(kind => kind === 'joined')).toHaveLength(1)
  })

  test('CR-7 a friend of whom no event told is known to the puppet, and that is enough', async () => {
    botId = await house.host(bot)
    const friends: string[] = []
    unheard(() => friends.push(...[1, 2].map(() => house.world.addContact({ friendOf: [bot.wxid] }).wxid)))
    const { body } = await house.post('/room/create', { botUserId: 'xiaobei', wxids: friends })
    expect(body).toMatchObject({ errcode: 0 })
  })
})

describe('addMember and exit', () => {
  test('AM-24 two names of one contact at once send one card', async () => {
    const friend = house.world.addContact({ friendOf: [bot.wxid] })
    const room = makeRoom('大群')
    house.world.fillRoom(room.wxid, 45)
    botId = await house.host(bot)
    const add = (contactWxid: string) =>
      house.post('/room/addMember', { botUserId: 'xiaobei', contactWxid, roomWxid: room.wxid })
    // The puppet takes its time until the second request has come as far as the first: each has found who its name is.
    const names = [friend.wxid, friend.externalUserId!]
    const { db } = house.gateway.operator
    const all = db.all.bind(db)
    const found = new Set<string>()
    vi.spyOn(db, 'all').mockImplementation(async (statement: Statement) => {
      const rows = await all(statement)
      for (const name of names) if (JSON.stringify(statement.parameters).includes(name)) found.add(name)
      return rows as never
    })
    const hosted = house.gateway.operator.live!.roster.all()[0]!
    const addMember = hosted.addMember.bind(hosted)
    const bothAreIn = Promise.withResolvers<void>()
    const asked = vi.spyOn(hosted, 'addMember').mockImplementation(async (...how) => {
      await bothAreIn.promise
      return addMember(...how)
    })
    const adding = Promise.all(names.map(add))
    await eventually('the puppet is asked', () => asked.mock.calls.length > 0)
    await eventually('both names are found', () => found.size === names.length)
    bothAreIn.resolve()
    const answers = await adding
    expect(answers.map(answer => (answer.body as { code: number }).code).sort()).toEqual([-9, 0])
    expect(house.world.snapshot().invitations).toHaveLength(1)
  })

  test('AM-21 a bot whose first sync is still to come adds members, and the lists show them', async () => {
    // Four bots take all the turns that there are for syncs.
    for (let n = 0; n < 4; n++) {
      const slow = house.world.addBot({ userId: `slow${n}` })
      house.simulator.faults.add({ on: 'contactList', mode: 'hang', bot: slow.wxid })
      await add(slow)
    }
    const friend = house.world.addContact({ friendOf: [bot.wxid] }).wxid
    const room = makeRoom('一群')
    await add(bot)
    const { body } = await house.post('/room/addMember', {
      botUserId: 'xiaobei',
      contactWxid: friend,
      roomWxid: room.wxid,
    })
    expect(body).toEqual({ code: 0, message: '' })
    const { body: list } = await house.get('/room/listByMember', { contactWxid: friend })
    expect(list).toMatchObject({ data: [{ wxid: room.wxid }] })
    house.simulator.faults.clear()
  })

  test('EX-20 a room that still shows the bot for a moment, and is read in that moment, is off the lists all the same', async () => {
    const room = makeRoom('慢退群')
    botId = await house.host(bot)
    house.simulator.faults.add({ on: 'roomQuit', mode: 'done-but-not', times: 1 })
    const leaving = house.post('/room/exit', { wecomUserId: 'xiaobei', roomWxid: room.wxid })
    await eventually('the puppet was asked', () => house.simulator.faults.list().length === 0)
    house.world.setTopic(room.wxid, '又改名')
    await eventually('the event was followed', async () =>
      (await house.get('/room/listByMHTag')).text.includes('又改名'),
    )
    unheard(() => house.world.leave(room.wxid, bot.wxid))
    expect((await leaving).body).toEqual({ code: 0, message: 'ok' })
    expect((await house.get('/room/listByMHTag')).body).toMatchObject({ data: [], page: { total: 0 } })
  })
})

describe('syncs and reconciles', () => {
  test('CB-3 a room entered unseen is told as joined by the sync that finds it, and as loaded like every other', async () => {
    makeRoom('已知的群')
    botId = await house.host(bot)
    await eventually('the start is told', () => heardAll().length === 1)
    let room: Room | undefined
    unheard(() => {
      room = makeRoom('没人说的群')
    })
    await sync()
    await eventually('both arrive', () => heardOf(room!.wxid).length === 2)
    expect(heardOf(room!.wxid)).toEqual(['joined', 'loaded'])
  })

  test('CB-2 a member renamed while the stream was away is a change of every room it is in', async () => {
    const guest = house.world.addContact().wxid
    const friend = house.world.addContact({ friendOf: [bot.wxid] }).wxid
    const rooms = ['一群', '二群', '三群'].map(topic => makeRoom(topic, [bot.wxid, guest]))
    const withFriend = makeRoom('四群', [bot.wxid, friend])
    const untouched = makeRoom('五群')
    botId = await house.host(bot)
    await eventually('the start is told', () => heardAll().length === 5)
    house.simulator.killServer()
    house.world.renameContact(guest, '改了名的客人')
    house.world.renameContact(friend, '改了名的朋友')
    await house.simulator.restartServer({ downMs: 0 })
    await eventually('every change is told', () => heardAll().length === 9)
    for (const room of [...rooms, withFriend]) expect(heardOf(room.wxid)).toEqual(['loaded', 'loaded'])
    expect(heardOf(untouched.wxid)).toEqual(['loaded'])
  })

  test('CB-1 a missing room that hangs fails no sync, and is forgotten only when the puppet answers', async () => {
    const gone = makeRoom('离开的群')
    botId = await house.host(bot)
    await eventually('the start is told', () => heardAll().length === 1)
    unheard(() => house.world.leave(gone.wxid, bot.wxid))
    const total = async () =>
      ((await house.get('/room/listByMHTag')).body as { page: { total: number } }).page.total

    house.simulator.faults.add({ on: 'roomPayload', mode: 'hang' })
    await sync()
    expect(await total()).toBe(1)
    house.simulator.faults.clear()
    await sync()
    expect(await total()).toBe(0)
    expect(heardAll()).toEqual(['/chatroom/loaded'])
  })

  test('CB-1 a start whose sync has to be tried again tells of no room twice', async () => {
    const rooms = Array.from({ length: 8 }, (_, n) => makeRoom(`群${n}`))
    botId = await house.host(bot)
    await eventually('the start is told', () => heardAll().length === 8)
    // After an operator's logout the next login is a start (CB-1).
    await house.operate('logout-bot', { workspace: house.workspaceId, bot: botId })
    const hosted = house.gateway.operator.live!.roster.byId(house.workspaceId, botId as never)!
    await eventually('the logout is heard', () => hosted.session.state === 'logged-out')

    const failed = failOneWriteAfter(house, bot.wxid)
    house.world.setBotState(bot.wxid, 'online')
    await eventually('the second start is told', () => failed() && heardAll().length === 16)
    // One more sync comes after all that the start may still owe.
    await sync()
    await eventually('the sync is told', () => heardAll().length === 24)
    for (const room of rooms) expect(heardOf(room.wxid)).toEqual(['loaded', 'loaded', 'loaded'])
  })

  test('BOT-277 CB-3 a room that is entered while everything is read again is told at once, as joined and only once', async () => {
    const room = makeRoom('一群')
    botId = await house.host(bot)
    await eventually('the start is told', () => heardOf(room.wxid).length === 1)
    const hosted = house.gateway.operator.live!.roster.all()[0]!
    const listContacts = hosted.listContacts.bind(hosted)
    const begun = Promise.withResolvers<void>()
    const mayGoOn = Promise.withResolvers<void>()
    vi.spyOn(hosted, 'listContacts').mockImplementation(async () => {
      begun.resolve()
      await mayGoOn.promise
      return listContacts()
    })
    await house.simulator.restartServer({ downMs: 0 })
    await begun.promise
    const entered = makeRoom('新群')
    await eventually('the customer hears of it', () => heardOf(entered.wxid).length === 1)
    mayGoOn.resolve()
    // It comes behind the other, and what it owes is heard last.
    await sync()
    await eventually('the sync is told', () => heardOf(room.wxid).length === 2)
    await eventually('of each room', () => heardOf(entered.wxid).length >= 2)
    expect(heardOf(entered.wxid)).toEqual(['joined', 'loaded'])
  })

  test('BOT-277 CB-2 what changed unseen is told once, with the event of the room that goes before the re-read', async () => {
    const room = makeRoom('一群')
    botId = await house.host(bot)
    await eventually('the start is told', () => heardOf(room.wxid).length === 1)
    const hosted = house.gateway.operator.live!.roster.all()[0]!
    const release = await takeAllTurns()
    house.simulator.killServer()
    await eventually('the loss is noticed', () => hosted.session.state !== 'online')
    unheard(() => house.world.setTopic(room.wxid, '没人说的群名'))
    await house.simulator.restartServer({ downMs: 0 })
    await eventually('the bot is back', () => hosted.session.state === 'online')
    house.world.join(room.wxid, house.world.addContact({ name: '新人' }).wxid, colleague)
    await eventually('the event is followed', async () =>
      (await house.get('/room/listByMHTag')).text.includes('没人说的群名'),
    )
    // With its commit: this node may end before the turn of the re-read comes, and the next one finds nothing changed.
    const { callbacks } = await house.operate('list-callbacks', { workspace: house.workspaceId })
    expect(callbacks.map(({ kind }) => kind)).toEqual(['chatroom/loaded', 'chatroom/loaded'])
    house.world.setTopic(room.wxid, '又改了')
    await eventually('the next event is followed', async () =>
      (await house.get('/room/listByMHTag')).text.includes('又改了'),
    )
    release()
    // It comes behind the re-read, and what it owes is heard last.
    await sync()
    await eventually('the sync is told', () => heardOf(room.wxid).length >= 3)
    expect(heardOf(room.wxid)).toEqual(['loaded', 'loaded', 'loaded'])
  })

  test('RW-1 CB-1 a renamed bot is shown by its new name, in rows and in callbacks', async () => {
    const room = makeRoom('一群')
    botId = await house.host(bot)
    house.world.renameContact(bot.wxid, '新小北')
    await eventually('the row follows', async () =>
      (await house.get('/room/listByMHTag')).text.includes('"nickName":"新小北"},"wxid"'),
    )
    await sync()
    await eventually('the sync is told', () => heardOf(room.wxid).length === 2)
    expect(house.customer.heard.at(-1)!.json).toMatchObject({ botInfo: { nickName: '新小北' } })
  })
})

/**
 * The store fails once, in the middle of a sync: the last of the listed rooms cannot be saved. Whether it has failed.
 */
function failOneWriteAfter({ gateway, simulator }: House, botWxid: string): () => boolean {
  const { db } = gateway.operator
  const lastRoom = [...simulator.world.rooms.values()].filter(room => room.members.has(botWxid)).at(-1)!
  const write = db.write
  let hasFailed = false
  db.write = async work => {
    const told = await write.call(db, async tx => {
      const done = await work(tx)
      const isTheRoom = (done as { chat?: { room: { wxid: string } } })?.chat?.room.wxid === lastRoom.wxid
      if (!isTheRoom || hasFailed) return done
      hasFailed = true
      throw new Error('the disk had a bad moment')
    })
    return told as never
  }
  return () => hasFailed
}

/** Four other bots are being synced, and go on with that when the returned function is called. */
async function takeAllTurns(): Promise<() => void> {
  const mayGoOn = Promise.withResolvers<void>()
  for (let n = 0; n < 4; n++) {
    const id = await house.host(house.world.addBot({ userId: `slow${n}` }))
    const hosted = house.gateway.operator.live!.roster.byId(house.workspaceId, id as never)!
    const listContacts = hosted.listContacts.bind(hosted)
    const begun = Promise.withResolvers<void>()
    vi.spyOn(hosted, 'listContacts').mockImplementation(async () => {
      begun.resolve()
      await mayGoOn.promise
      return listContacts()
    })
    // The connection is lost in the midst of it.
    house.operate('sync-bot', { workspace: house.workspaceId, bot: id as never }).catch(() => {})
    await begun.promise
  }
  return mayGoOn.resolve
}

/** Hosts the bot and waits until it is online, but for no sync. */
async function add(some: Bot): Promise<void> {
  const { id } = await house.operate('add-bot', {
    workspace: house.workspaceId,
    endpoint: house.simulator.endpoint,
    token: some.token,
    userId: some.userId as never,
  })
  const hosted = house.gateway.operator.live!.roster.byId(house.workspaceId, id)!
  await eventually(`${some.userId} is online`, () => hosted.session.state === 'online')
}
