import type { Bot, Room } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse, type Tenancy } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Two workspaces in one house. Whatever one names of the other's must look as if nobody had it. */
let house: House
let other: Tenancy
let own: Bot
let foreign: Bot
let ownRoom: Room
let foreignRoom: Room
let foreignFriend: { wxid: string; externalUserId: string; unionId: string | null }
let foreignCoworker: { userId: string }
let ownFriends: string[]
let foreignTag: string

beforeAll(async () => {
  house = await openHouse()
  const { world } = house
  const [ours, theirs] = [world.addCorp({ name: '甲公司' }), world.addCorp({ name: '乙公司' })]
  own = world.addBot({ userId: 'xiaobei', corpId: ours.id })
  foreign = world.addBot({ userId: 'xiaodong', corpId: theirs.id })
  ownFriends = [1, 2].map(() => world.addContact({ friendOf: [own.wxid] }).wxid)
  foreignFriend = world.addContact({ friendOf: [foreign.wxid] })
  foreignCoworker = world.addCoworker({ corpId: theirs.id })
  ownRoom = world.addRoom({
    ownerId: world.addCoworker({ corpId: ours.id }).wxid,
    members: [own.wxid, ownFriends[0]!],
  })
  foreignRoom = world.addRoom({
    ownerId: world.addCoworker({ corpId: theirs.id }).wxid,
    members: [foreign.wxid, foreignFriend.wxid],
  })
  other = await house.anotherWorkspace()
  await house.host(own)
  await house.host(foreign, other.workspaceId)
  foreignTag = (await house.operate('add-tag', { workspace: other.workspaceId, name: '他们的' })).id
})
afterAll(() => house.close())

const answers = async (path: string, asks: object[]) => {
  const heard = []
  for (const ask of asks) heard.push((await house.post(path, ask)).text)
  return heard
}

describe('G-11 foreign and absent ids give byte-identical answers', () => {
  test('G-11 addMember: botUserId, roomWxid, contactWxid', async () => {
    const valid = { botUserId: 'xiaobei', contactWxid: ownFriends[1]!, roomWxid: ownRoom.wxid }
    for (const [field, foreignId, absentId] of [
      ['botUserId', 'xiaodong', 'nobody'],
      ['roomWxid', foreignRoom.wxid, 'R:404'],
      ['contactWxid', foreignFriend.wxid, '7880000000000000'],
    ]) {
      const [foreignAnswer, absentAnswer] = await answers('/room/addMember', [
        { ...valid, [field!]: foreignId },
        { ...valid, [field!]: absentId },
      ])
      expect(foreignAnswer).toBe(absentAnswer)
      expect(foreignAnswer).not.toContain('"code":0')
    }
  })

  test('G-11 create: the answers differ only in the id that was sent', async () => {
    const before = house.world.rooms.size
    for (const [field, foreignId, absentId] of [
      ['userIds', foreignCoworker.userId, 'x'.repeat(foreignCoworker.userId.length)],
      ['unionIds', foreignFriend.unionId!, `o${'x'.repeat(27)}`],
      ['wxids', foreignFriend.wxid, '7880000000000000'],
      ['wxids', foreignFriend.externalUserId, `wm${'x'.repeat(30)}`],
    ]) {
      const ask = (id: string) => ({ botUserId: 'xiaobei', wxids: ownFriends, [field!]: [id] })
      const [foreignAnswer, absentAnswer] = await answers('/room/create', [ask(foreignId!), ask(absentId!)])
      expect(foreignAnswer!.replace(foreignId!, '')).toBe(absentAnswer!.replace(absentId!, ''))
      expect(foreignAnswer).toContain('"errcode":-')
    }
    expect(house.world.rooms.size).toBe(before)
  })

  test('G-11 who was named by a request stays unknown', async () => {
    const create = (wxid: string) =>
      house.post('/room/create', { botUserId: 'xiaobei', wxids: [...ownFriends, wxid] })
    await house.post('/room/addMember', {
      ...{ botUserId: 'xiaobei', contactWxid: foreignFriend.wxid, roomWxid: ownRoom.wxid },
    })
    await create(foreignFriend.wxid)
    // It waits for what these have set going.
    await house.operate('sync-bot', { workspace: house.workspaceId, bot: 'xiaobei' as never })
    expect((await create(foreignFriend.externalUserId)).body).toMatchObject({ errcode: -7 })
  })

  test('G-11 exit: wecomUserId, roomWxid', async () => {
    const bots = await answers('/room/exit', [
      { wecomUserId: 'xiaodong', roomWxid: foreignRoom.wxid },
      { wecomUserId: 'nobody', roomWxid: foreignRoom.wxid },
    ])
    expect(bots[0]).toBe(bots[1])
    const rooms = await answers('/room/exit', [
      { wecomUserId: 'xiaobei', roomWxid: foreignRoom.wxid },
      { wecomUserId: 'xiaobei', roomWxid: 'R:404' },
    ])
    expect(rooms[0]).toBe(rooms[1])
    expect(house.world.room(foreignRoom.wxid).members.has(foreign.wxid)).toBe(true)
  })

  test('G-11 the lists: mhTagId, contactWxid', async () => {
    const byTag = [foreignTag, '5eda03260e21f35ca20f9eb4'].map(mhTagId =>
      house.get('/room/listByMHTag', { mhTagId }),
    )
    const byMember = [foreignFriend.wxid, '7880000000000000'].map(contactWxid =>
      house.get('/room/listByMember', { contactWxid }),
    )
    for (const pair of [byTag, byMember]) {
      const [foreignAnswer, absentAnswer] = await Promise.all(pair)
      expect(foreignAnswer!.text).toBe(absentAnswer!.text)
    }
  })

  test('G-11 nobody hears the other’s callbacks', async () => {
    for (const { customer } of [house, other])
      await eventually('a callback of each', () => customer.heard.length > 0)
    const rooms = (tenancy: Tenancy) =>
      tenancy.customer.heard.map(callback => (callback.json as { wxid: string }).wxid)
    expect(new Set(rooms(house))).toEqual(new Set([ownRoom.wxid]))
    expect(new Set(rooms(other))).toEqual(new Set([foreignRoom.wxid]))
  })
})
