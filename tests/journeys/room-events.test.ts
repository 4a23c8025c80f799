import type { Bot, Room } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import {
  type ChatroomBody,
  create,
  RoomJoinedBody,
  RoomLeftBody,
  RoomTopicBody,
  type VerbAsk,
} from '@qunhub/wire'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

/** What a workspace hears of its rooms when it has switched on more than the page promises. */
let house: House
let bot: Bot
let botId: string
let owner: string
let guest: string
let room: Room
/** What came before is not what the test is about. */
let heardBefore: number

beforeEach(async () => {
  heardBefore = 0
  house = await openHouse()
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  owner = house.world.addCoworker({ name: '店长-周敏' }).wxid
  guest = house.world.addContact({ name: '客人' }).wxid
  room = makeRoom('一群')
  botId = await house.host(bot)
  await eventually('the start is told', () => heard().length === 1)
  heardBefore = house.customer.heard.length
})
afterEach(() => house.close())

const makeRoom = (topic: string, members: string[] = [bot.wxid]): Room =>
  house.world.addRoom({ topic, ownerId: owner, members, external: true })
const switchOn = (switches: Omit<VerbAsk<'set-workspace'>, 'workspace'>) =>
  house.operate('set-workspace', { workspace: house.workspaceId, ...switches })
const allOn = { joinedOnAnyMember: true, roomJoined: true, roomLeft: true, roomTopic: true }
const sync = () => house.operate('sync-bot', { workspace: house.workspaceId, bot: botId })
const roomOf = (json: unknown) => {
  const { wxid, imRoomId } = json as { wxid?: string; imRoomId?: string }
  return wxid ?? imRoomId
}
const heard = ({ wxid }: { readonly wxid: string } = room) =>
  house.customer.heard.slice(heardBefore).filter(({ json }) => roomOf(json) === wxid)
const kinds = (of = room) => heard(of).map(({ path }) => path.slice(1))
/** What happens in the world now, no event tells. */
function unheard(happens: () => void): void {
  house.simulator.faults.add({ on: 'events', mode: 'drop' })
  happens()
  house.simulator.faults.clear()
}
/** Somebody joins, somebody leaves, the room is renamed: as one save will find it. */
function everythingHappens(): void {
  house.world.leave(room.wxid, guest)
  house.world.join(room.wxid, house.world.addContact({ name: '甲' }).wxid)
  house.world.join(room.wxid, house.world.addContact({ name: '乙' }).wxid)
  house.world.setTopic(room.wxid, '新名')
}
/** A sync that is asked for tells every room, so what was to come before it has come. */
async function kindsUntilSync(of = room): Promise<string[]> {
  await sync()
  await eventually('the sync is told', () => kinds(of).includes('chatroom/loaded'))
  return kinds(of)
}

describe('with every switch off', () => {
  test('NB-6 CB-3 joins, leaves and new names of a room are not told', async () => {
    house.world.join(room.wxid, guest)
    everythingHappens()
    expect(await kindsUntilSync()).toEqual(['chatroom/loaded'])
  })

  test('NB-6 that the bot itself leaves is not told', async () => {
    const { body } = await house.post('/room/exit', { wecomUserId: 'xiaobei', roomWxid: room.wxid })
    expect(body).toMatchObject({ code: 0 })
    const other = makeRoom('二群')
    await eventually('the next is told', () => kinds(other).length === 1)
    expect(kinds()).toEqual([])
  })

  test('NB-6 what another workspace has switched on tells this one nothing', async () => {
    const other = await house.anotherWorkspace()
    await house.operate('set-workspace', { workspace: other.workspaceId, ...allOn })
    house.world.join(room.wxid, guest)
    expect(await kindsUntilSync()).toEqual(['chatroom/loaded'])
    expect(other.customer.heard).toEqual([])
  })
})

describe('chatroom/joined on any member’s join', () => {
  beforeEach(() => switchOn({ joinedOnAnyMember: true }))

  test('CB-3 a member who leaves and a new name are no join', async () => {
    unheard(() => house.world.join(room.wxid, guest))
    await sync()
    await eventually('the sync is told', () => kinds().length === 2)
    house.world.leave(room.wxid, guest)
    house.world.setTopic(room.wxid, '新名')
    await sync()
    await eventually('the second sync is told', () => kinds().length === 3)
    expect(kinds()).toEqual(['chatroom/joined', 'chatroom/loaded', 'chatroom/loaded'])
  })

  test('CB-3 a start tells who joined meanwhile by loaded only', async () => {
    await logOutAndIn(() => house.world.join(room.wxid, guest))
    await eventually('the start is told', () => kinds().length > 0)
    expect(kinds()).toEqual(['chatroom/loaded'])
  })

  test('CB-3 somebody else’s join is one joined, with the usual body and the guest in it', async () => {
    house.world.join(room.wxid, guest)
    await eventually('joined arrives', () => heard().length > 0)
    expect(kinds()).toEqual(['chatroom/joined'])
    const body = heard()[0]!.json as ChatroomBody
    expect(body.members.map(({ wxid }) => wxid)).toEqual([owner, bot.wxid, guest])
  })

  test('CB-3 however many joined since the last look, joined is told once, before loaded', async () => {
    unheard(() => {
      for (let n = 0; n < 3; n++) house.world.join(room.wxid, house.world.addContact().wxid)
    })
    expect(await kindsUntilSync()).toEqual(['chatroom/joined', 'chatroom/loaded'])
  })

  test('CB-3 the bot’s own entrance is still one joined', async () => {
    const other = makeRoom('二群', [bot.wxid, guest])
    await eventually('joined arrives', () => kinds(other).length > 0)
    expect(kinds(other)).toEqual(['chatroom/joined'])
  })

  test('CB-2 CB-3 a join while the stream was away is found by the reconcile: joined, then loaded', async () => {
    house.simulator.killServer()
    house.world.join(room.wxid, guest)
    await house.simulator.restartServer({ downMs: 0 })
    await eventually('the reconcile is told', () => kinds().includes('chatroom/loaded'))
    expect(kinds()).toEqual(['chatroom/joined', 'chatroom/loaded'])
  })
})

describe('chatroom/joined and chatroom/loaded, switched off', () => {
  test('CB-13 without loaded a sync and a start tell nothing, and what the bot enters is told as ever', async () => {
    await switchOn({ chatroomLoaded: false })
    await sync()
    const other = makeRoom('二群', [bot.wxid, guest])
    await eventually('joined arrives', () => kinds(other).length > 0)
    expect([...kinds(), ...kinds(other)]).toEqual(['chatroom/joined'])
    await switchOn({ chatroomLoaded: true })
    expect(await kindsUntilSync()).toEqual(['chatroom/loaded'])
  })

  test('CB-13 without joined nobody hears that the bot entered, and the newer room/joined does', async () => {
    await switchOn({ chatroomJoined: false, joinedOnAnyMember: true, roomJoined: true })
    const other = makeRoom('二群', [bot.wxid, guest])
    await eventually('the newer one is told', () => kinds(other).length > 0)
    expect(await kindsUntilSync(other)).toEqual(['room/joined', 'chatroom/loaded'])
  })
})

describe('room/joined, room/left, room/topic', () => {
  test.each([
    ['roomJoined', 'room/joined'],
    ['roomLeft', 'room/left'],
    ['roomTopic', 'room/topic'],
  ])('NB-6 the switch %s brings %s and nothing else', async (name, kind) => {
    unheard(() => house.world.join(room.wxid, guest))
    await sync()
    await eventually('the sync is told', () => kinds().length === 1)
    heardBefore = house.customer.heard.length
    await switchOn({ [name]: true })
    unheard(everythingHappens)
    expect(await kindsUntilSync()).toEqual([kind, 'chatroom/loaded'])
  })

  test('NB-6 a start tells nothing of a room that was unknown, and what changed of a known one', async () => {
    await switchOn(allOn)
    let entered: Room | undefined
    await logOutAndIn(() => {
      entered = makeRoom('二群', [bot.wxid, guest])
      house.world.join(room.wxid, guest)
    })
    await eventually('the start is told', () => [...kinds(), ...kinds(entered)].length >= 3)
    expect(kinds(entered)).toEqual(['chatroom/loaded'])
    expect(kinds()).toEqual(['room/joined', 'chatroom/loaded'])
  })

  test('NB-6 room/joined: who joined, flat and in its order, the time as text', async () => {
    await switchOn({ roomJoined: true })
    const before = Date.now()
    house.world.join(room.wxid, guest)
    await eventually('room/joined arrives', () => heard().length > 0)
    const [callback] = heard()
    const body = RoomJoinedBody.parse(callback!.json)
    expect(callback!.body.toString()).toBe(JSON.stringify(body))
    expect(body).toMatchObject({
      botInfo: { imBotId: bot.wxid, wecomUserId: 'xiaobei', nickName: '小北' },
      imRoomId: room.wxid,
      topic: '一群',
      ownerImContactId: owner,
      joinedMembers: [{ imContactId: guest, nickName: '客人', contactType: 1, isSelf: false }],
      groupId: house.workspaceId,
    })
    expect(body.joinedMembers).toHaveLength(1)
    expect(Number(body.timestamp)).toBeGreaterThanOrEqual(before)
    expect(callback!.body.toString()).not.toContain(house.token)
  })

  test('NB-6 a room that the bot enters is told after chatroom/joined, with the bot as the one who joined', async () => {
    await switchOn({ roomJoined: true, roomLeft: true, roomTopic: true })
    const other = makeRoom('二群', [bot.wxid, guest])
    await eventually('both arrive', () => kinds(other).length >= 2)
    expect(kinds(other)).toEqual(['chatroom/joined', 'room/joined'])
    expect(RoomJoinedBody.parse(heard(other)[1]!.json).joinedMembers).toMatchObject([
      { imContactId: bot.wxid, nickName: '小北', isSelf: true },
    ])
  })

  test('NB-6 CR-24 a room that a request creates is told once as entered, whoever saves it first', async () => {
    await switchOn(allOn)
    const wxids = [1, 2].map(() => house.world.addContact({ friendOf: [bot.wxid] }).wxid)
    const { body } = await house.post('/room/create', { botUserId: 'xiaobei', wxids, name: '新群' })
    const { roomWxid: wxid } = create.reply.parse(body).data!
    await sync()
    await eventually('the sync is told', () => heard({ wxid }).some(({ path }) => path.endsWith('/loaded')))
    expect(heard({ wxid }).map(({ path }) => path)).toEqual([
      '/chatroom/joined',
      '/room/joined',
      '/chatroom/loaded',
    ])
  })

  test('NB-6 room/left: who left, as it was known, under its name in the room', async () => {
    await switchOn({ roomLeft: true })
    unheard(() => {
      house.world.join(room.wxid, guest)
      house.world.setAlias(room.wxid, guest, '老客')
    })
    await sync()
    house.world.leave(room.wxid, guest)
    await eventually('room/left arrives', () => kinds().includes('room/left'))
    const body = RoomLeftBody.parse(heard().at(-1)!.json)
    expect(body.leftMembers).toMatchObject([
      { imContactId: guest, nickName: '客人', roomAlias: '老客', isSelf: false },
    ])
    expect(body.leftMembers).toHaveLength(1)
  })

  test.each([
    [
      'by request',
      () => house.post('/room/exit', { wecomUserId: 'xiaobei', roomWxid: room.wxid }) as Promise<unknown>,
    ],
    ['because it was removed', async () => house.world.leave(room.wxid, bot.wxid, owner)],
    [
      'unseen, and a sync finds out',
      async () => {
        unheard(() => house.world.leave(room.wxid, bot.wxid))
        await sync()
      },
    ],
  ])('NB-6 EX-20 the bot leaves %s: one room/left, with the bot as the one who left', async (_how, leave) => {
    await switchOn(allOn)
    await leave()
    await eventually('room/left arrives', () => kinds().length > 0)
    expect(kinds()).toEqual(['room/left'])
    const body = RoomLeftBody.parse(heard()[0]!.json)
    expect(body).toMatchObject({ imRoomId: room.wxid, topic: '一群', ownerImContactId: owner })
    expect(body.leftMembers).toMatchObject([{ imContactId: bot.wxid, nickName: '小北', isSelf: true }])
    expect(body.leftMembers).toHaveLength(1)
  })

  test('NB-6 a bot that comes back has joined; who came, went or renamed the room meanwhile is not told', async () => {
    await switchOn(allOn)
    house.world.leave(room.wxid, bot.wxid)
    await eventually('room/left arrives', () => kinds().length === 1)
    house.world.join(room.wxid, guest)
    house.world.setTopic(room.wxid, '新名')
    house.world.join(room.wxid, bot.wxid)
    await eventually('the return is told', () => kinds().length >= 3)
    expect(kinds()).toEqual(['room/left', 'chatroom/joined', 'room/joined'])
    const body = RoomJoinedBody.parse(heard().at(-1)!.json)
    expect(body.topic).toBe('新名')
    expect(body.joinedMembers.map(({ imContactId }) => imContactId)).toEqual([bot.wxid])
  })

  test('NB-6 room/topic: the new name, and no members', async () => {
    await switchOn({ roomTopic: true })
    house.world.setTopic(room.wxid, '新名')
    await eventually('room/topic arrives', () => heard().length > 0)
    expect(kinds()).toEqual(['room/topic'])
    const [callback] = heard()
    const body = RoomTopicBody.parse(callback!.json)
    expect(callback!.body.toString()).toBe(JSON.stringify(body))
    expect(body.topic).toBe('新名')
    expect(callback!.body.toString()).not.toContain('embers')
  })

  test('NB-6 CB-8 what one look finds is told in order: joined, who joined, who left, the name, loaded', async () => {
    unheard(() => house.world.join(room.wxid, guest))
    await sync()
    await eventually('the sync is told', () => kinds().length === 1)
    heardBefore = house.customer.heard.length
    await switchOn(allOn)
    unheard(everythingHappens)
    expect(await kindsUntilSync()).toEqual([
      'chatroom/joined',
      'room/joined',
      'room/left',
      'room/topic',
      'chatroom/loaded',
    ])
    const [, joined, left] = heard()
    expect(RoomJoinedBody.parse(joined!.json).joinedMembers.map(({ nickName }) => nickName)).toEqual([
      '甲',
      '乙',
    ])
    expect(RoomLeftBody.parse(left!.json).leftMembers.map(({ nickName }) => nickName)).toEqual(['客人'])
  })
})

/** The account is logged out while that happens, so that its next login is a start (CB-1). */
async function logOutAndIn(meanwhile: () => void): Promise<void> {
  house.world.setBotState(bot.wxid, 'logged-out')
  const hosted = house.gateway.operator.live!.roster.byId(house.workspaceId, botId as never)!
  await eventually('the logout is heard', () => hosted.session.state === 'logged-out')
  unheard(meanwhile)
  house.world.setBotState(bot.wxid, 'online')
}
