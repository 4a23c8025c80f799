import type { Bot, Room } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse, type Tenancy } from '@qunhub/testing/grounds/open-house.ts'
import { listByMember, listByMHTag } from '@qunhub/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let house: House
let other: Tenancy
let xiaobei: Bot
let xiaonan: Bot
let lilei: ReturnType<House['world']['addContact']>
let manager: ReturnType<House['world']['addCoworker']>
let customer: string
let colleague: string
let rooms: Room[]
let tagId: string
let foreignTagId: string

const ROOMS = 25

beforeAll(async () => {
  house = await openHouse({ env: { QUNHUB_DATABASE_POOL: '10' } })
  const { world } = house
  xiaobei = world.addBot({ userId: 'xiaobei', nickName: '小北' })
  xiaonan = world.addBot({ userId: 'xiaonan', nickName: '小南' })
  lilei = world.addContact({
    name: '李雷',
    kind: 'wecom',
    corporation: '韩梅梅贸易',
    friendOf: [xiaobei.wxid],
  })
  customer = lilei.wxid
  manager = world.addCoworker({ name: '店长-周敏' })
  colleague = manager.wxid
  rooms = Array.from({ length: ROOMS }, (_, n) =>
    world.addRoom({
      topic: `客户群${n + 1}`,
      ownerId: colleague,
      members: [xiaobei.wxid, ...(n < 3 ? [customer] : [])],
      external: true,
    }),
  )
  world.join(rooms[0]!.wxid, xiaonan.wxid)
  world.setAlias(rooms[0]!.wxid, customer, '李总')
  await house.host(xiaobei)
  await house.host(xiaonan)
  other = await house.anotherWorkspace()

  tagId = (await house.operate('add-tag', { workspace: house.workspaceId, name: 'VIP客户群' })).id
  foreignTagId = (await house.operate('add-tag', { workspace: other.workspaceId, name: '别人的' })).id
  for (const room of [rooms[4]!, rooms[1]!, rooms[0]!]) await tag(tagId, room)
})
afterAll(() => house.close())

async function chatIdOf(room: Room, bot: Bot = xiaobei): Promise<string> {
  const { chats } = await house.operate('list-chats', { workspace: house.workspaceId, limit: 500 })
  return chats.find(chat => chat.roomWxid === room.wxid && chat.botNickName === bot.nickName)!.chatId
}

async function tag(id: string, room: Room): Promise<void> {
  await house.operate('assign-tag', { workspace: house.workspaceId, tag: id, chats: [await chatIdOf(room)] })
}

const byTag = async (query: Record<string, string>) =>
  listByMHTag.reply.parse((await house.get('/room/listByMHTag', query)).body)
const byMember = async (contactWxid: string) =>
  listByMember.reply.parse((await house.get('/room/listByMember', { contactWxid })).body)
const topics = (reply: { data: { topic: string }[] }) => reply.data.map(row => row.topic)

describe('GET /room/listByMHTag', () => {
  test('LT-1 a bad token gets -1 and an empty list', async () => {
    const { status, body } = await house.get('/room/listByMHTag', { token: 'nobody' })
    expect({ status, body }).toEqual({ status: 200, body: { code: -1, message: '无效token', data: [] } })
  })

  test('LT-2 an unknown tag has no rooms', async () => {
    expect(await byTag({ mhTagId: '5eda03260e21f35ca20f9eb4' })).toEqual({
      code: 0,
      data: [],
      page: { current: 1, total: 0 },
    })
  })

  test('LT-2 G-11 a foreign tag, an absent one and nonsense answer alike', async () => {
    const answers = await Promise.all(
      [foreignTagId, '5eda03260e21f35ca20f9eb4', '标签'].map(mhTagId =>
        house.get('/room/listByMHTag', { mhTagId }),
      ),
    )
    expect(new Set(answers.map(answer => answer.text)).size).toBe(1)
  })

  test('LT-3 `current` 0 is read as 1', async () => {
    expect(await byTag({ current: '0', pageSize: '2' })).toEqual(await byTag({ current: '1', pageSize: '2' }))
  })

  test('LT-3 beyond the end there is no row, but the true total', async () => {
    expect(await byTag({ mhTagId: tagId, current: '99' })).toEqual({
      code: 0,
      data: [],
      page: { current: 99, total: 3 },
    })
  })

  test('LT-3 the page size is 20 by default and 100 at most', async () => {
    expect((await byTag({})).data).toHaveLength(20)
    expect((await byTag({ pageSize: '100000' })).data).toHaveLength(ROOMS + 1)
  })

  test('LT-4 `total` counts rows, not pages', async () => {
    expect((await byTag({ pageSize: '10' })).page).toEqual({ current: 1, total: ROOMS + 1 })
  })

  test('LT-4 the order is stable and oldest first, whatever the order of tagging', async () => {
    expect(topics(await byTag({ mhTagId: tagId }))).toEqual(['客户群1', '客户群2', '客户群5'])
    const pages = [1, 2, 3].map(current => byTag({ current: String(current), pageSize: '10' }))
    const whole = await byTag({ pageSize: '100' })
    expect((await Promise.all(pages)).flatMap(page => page.data)).toEqual(whole.data)
  })

  test('LT-5 without a tag every chat of the workspace is listed', async () => {
    expect(
      (await byTag({ pageSize: '100' })).data.filter(row => row.botInfo.weixin === 'xiaobei'),
    ).toHaveLength(ROOMS)
  })
})

describe('GET /room/listByMember', () => {
  test('LM-1 a bad token gets -1 and an empty list', async () => {
    const { body } = await house.get('/room/listByMember', { token: '', contactWxid: customer })
    expect(body).toEqual({ code: -1, message: '无效token', data: [] })
  })

  test('LM-2 an unknown contact is in no room, and there is no page', async () => {
    expect((await house.get('/room/listByMember', { contactWxid: '7880000000000000' })).body).toEqual({
      code: 0,
      data: [],
    })
  })

  test('LM-2 G-11 a contact of another workspace looks like nobody', async () => {
    const [foreign, absent] = await Promise.all(
      [customer, '7880000000000000'].map(contactWxid =>
        house.get('/room/listByMember', { token: other.token, contactWxid }),
      ),
    )
    expect(foreign!.text).toBe(absent!.text)
  })

  test('LM-2 two bots in one room give two rows', async () => {
    const { data } = await byMember(customer)
    expect(data.map(row => [row.topic, row.botInfo.weixin])).toEqual([
      ['客户群1', 'xiaobei'],
      ['客户群2', 'xiaobei'],
      ['客户群3', 'xiaobei'],
      ['客户群1', 'xiaonan'],
    ])
  })

  test('LM-3 a missing contactWxid is a bad request', async () => {
    const { status, body } = await house.get('/room/listByMember')
    expect(status).toBe(400)
    expect(body).toEqual({
      code: 400,
      message: 'contactWxid: 应为字符串, 没有给出 (expected a string; nothing was given)',
      data: [],
    })
  })

  test('LM-5 an externalUserId names its contact: the same rows, in the same order', async () => {
    const { wxid, externalUserId } = lilei
    const [byWxid, byExternalUserId] = await Promise.all(
      [wxid, externalUserId].map(contactWxid => house.get('/room/listByMember', { contactWxid })),
    )
    expect(byExternalUserId!.text).toBe(byWxid!.text)
    const foreign = await house.get('/room/listByMember', {
      token: other.token,
      contactWxid: externalUserId,
    })
    expect(foreign.body).toEqual({ code: 0, data: [] })
  })

  test('LM-5 the userId of a coworker is no externalUserId', async () => {
    expect((await house.get('/room/listByMember', { contactWxid: manager.userId })).body).toEqual({
      code: 0,
      data: [],
    })
  })

  test('LM-4 a long answer is streamed: no length is announced, and the rows are whole', async () => {
    const busy = house.world.addContact({ friendOf: [xiaobei.wxid] }).wxid
    const known = house.world.addRoom({ ownerId: colleague, members: [xiaobei.wxid, busy] })
    for (let n = 0; n < 100; n++) house.world.addRoom({ ownerId: colleague, members: [xiaobei.wxid, busy] })
    await eventually('every room is in the store', async () => (await byMember(busy)).data.length === 101)
    const { headers } = await house.get('/room/listByMember', { contactWxid: busy })
    expect(headers.get('content-length')).toBeNull()
    expect((await byMember(busy)).data[0]!.wxid).toBe(known.wxid)
  })
})

describe('a row', () => {
  const firstRow = async () => (await byMember(customer)).data[0]!

  test('RW-1 members stand in the order of joining, the owner and the bot among them', async () => {
    const { members } = await firstRow()
    expect(members.map(member => member.wxid)).toEqual([colleague, xiaobei.wxid, customer, xiaonan.wxid])
  })

  test('RW-1 the keys travel in the order of the page', async () => {
    const { text } = await house.get('/room/listByMember', { contactWxid: customer })
    expect(text.startsWith('{"code":0,"data":[{"chatId":"')).toBe(true)
    const row = await firstRow()
    expect(Object.keys(row)).toEqual([
      'chatId',
      'botInfo',
      'wxid',
      'topic',
      'avatarUrl',
      'ownerId',
      'members',
      'labels',
      'external',
      'memberCount',
    ])
    expect(Object.keys(row.members[2]!)).toEqual([
      'wxid',
      'nickName',
      'avatarUrl',
      'roomAlias',
      'isFriend',
      'contactType',
      'coworker',
      'corporation',
    ])
  })

  test('RW-2 labels keep the order of tagging', async () => {
    for (const name of ['先打的', '后打的']) {
      const { id } = await house.operate('add-tag', { workspace: house.workspaceId, name })
      await tag(id, rooms[0]!)
    }
    expect((await firstRow()).labels.map(label => label.name)).toEqual(['VIP客户群', '先打的', '后打的'])
  })

  test('RW-3 memberCount is the length of members', async () => {
    for (const row of (await byTag({ pageSize: '100' })).data)
      expect(row.memberCount).toBe(row.members.length)
  })

  test('RW-4 corporation is there only when it is known', async () => {
    const { members } = await firstRow()
    expect(members.find(member => member.wxid === customer)).toMatchObject({ corporation: '韩梅梅贸易' })
    expect(members.filter(member => 'corporation' in member && !member.corporation)).toEqual([])
  })

  test('RW-4 wecomChatId is there only when the workspace has it switched on', async () => {
    expect(await firstRow()).not.toHaveProperty('wecomChatId')
    await house.operate('set-workspace', { workspace: house.workspaceId, showWecomChatId: true })
    expect(await firstRow()).toHaveProperty('wecomChatId', rooms[0]!.wecomChatId)
    await house.operate('set-workspace', { workspace: house.workspaceId, showWecomChatId: false })
    expect(await firstRow()).not.toHaveProperty('wecomChatId')
  })

  test('RW-5 members, labels and data are never omitted', async () => {
    const { body } = await house.get('/room/listByMHTag', { current: '2', pageSize: '1' })
    expect(body).toMatchObject({ data: [{ members: expect.any(Array), labels: expect.any(Array) }] })
  })

  test('RW-6 isFriend and coworker are facts about the row’s own bot', async () => {
    const rows = (await byMember(customer)).data.filter(row => row.wxid === rooms[0]!.wxid)
    const friendship = rows.map(row => [
      row.botInfo.weixin,
      row.members.find(member => member.wxid === customer)!.isFriend,
    ])
    expect(friendship).toEqual([
      ['xiaobei', true],
      ['xiaonan', false],
    ])
    expect(rows[0]!.members.map(member => member.coworker)).toEqual([true, true, false, true])
  })

  test('RW-6 a contact that the puppet cannot load for a while keeps what is known of it', async () => {
    const before = (await firstRow()).members
    house.simulator.faults.add({ on: 'contactPayload', mode: 'refuse' })
    const guest = house.world.addCoworker().wxid
    house.world.join(rooms[0]!.wxid, guest)
    await eventually('the guest is in', async () => (await firstRow()).memberCount === before.length + 1)
    house.simulator.faults.clear()
    expect((await firstRow()).members.slice(0, -1)).toEqual(before)
    house.world.leave(rooms[0]!.wxid, guest)
    await eventually('the guest is out', async () => (await firstRow()).memberCount === before.length)
  })

  test('RW-1 an alias is a string, no alias is null', async () => {
    const { members } = await firstRow()
    expect(members.map(member => member.roomAlias)).toEqual([null, null, '李总', null])
  })

  test('RW-1 what changes in WeCom changes in the row', async () => {
    house.world.setTopic(rooms[2]!.wxid, '改名后的群')
    house.world.renameContact(customer, '李雷雷')
    await eventually('the lists follow', async () => {
      const row = (await byMember(customer)).data.find(each => each.wxid === rooms[2]!.wxid)!
      return row.topic === '改名后的群' && row.members.some(member => member.nickName === '李雷雷')
    })
  })
})

describe('LT-10 a list that its reader has already', () => {
  const ask = (path: string, query: Record<string, string>, etag?: string) =>
    house.send(`${path}?${new URLSearchParams({ token: house.token, ...query })}`, {
      ...(etag !== undefined && { headers: { 'if-none-match': etag } }),
    })
  const LISTS = [
    ['/room/listByMHTag', { pageSize: '5' }],
    ['/room/listByMember', { contactWxid: '' }],
  ] as const

  test.each(LISTS)(
    'LT-10 %s: nobody without a valid token hears that it is unchanged',
    async (path, query) => {
      const asked = { ...query, ...('contactWxid' in query && { contactWxid: customer }) }
      const { headers } = await ask(path, asked)
      const { status, body } = await ask(path, { ...asked, token: 'nobody' }, headers.get('etag')!)
      expect({ status, body }).toEqual({ status: 200, body: { code: -1, message: '无效token', data: [] } })
      const foreign = await ask(path, { ...asked, token: other.token }, headers.get('etag')!)
      expect(foreign.status).toBe(200)
    },
  )

  test.each(LISTS)('LT-10 %s: 304 without a body, until anything in it changes', async (path, query) => {
    const asked = { ...query, ...('contactWxid' in query && { contactWxid: customer }) }
    const first = await ask(path, asked)
    const etag = first.headers.get('etag')!
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/)
    const again = await ask(path, asked, `W/"other", ${etag}`)
    expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag])
    expect(again.headers.get('cache-control')).toBe('no-store')
    expect(again.headers.get('content-type')).toBeNull()
    const whatever = await ask(path, asked, '*')
    expect([whatever.status, whatever.text, whatever.headers.get('etag')]).toEqual([304, '', etag])

    await house.operate('set-workspace', { workspace: house.workspaceId, showWecomChatId: true })
    const changed = await ask(path, asked, etag)
    expect(changed.status).toBe(200)
    expect(changed.headers.get('etag')).not.toBe(etag)
    expect(changed.text).not.toBe(first.text)
    await house.operate('set-workspace', { workspace: house.workspaceId, showWecomChatId: false })
    house.world.setTopic(rooms[0]!.wxid, `又一个名字 ${path}`)
    await eventually('the list follows', async () => {
      const { status, text } = await ask(path, asked, etag)
      return status === 200 && text.includes(`又一个名字 ${path}`)
    })
  })
})

describe('LT-12 a list for whoever accepts gzip', () => {
  const ask = (path: string, query: object, accepted: string) =>
    house.send(`${path}?${new URLSearchParams({ token: house.token, ...query })}`, {
      headers: { 'accept-encoding': accepted },
    })
  const LISTS = [
    ['/room/listByMHTag', () => ({ pageSize: '7' })],
    ['/room/listByMember', () => ({ contactWxid: colleague })],
  ] as const

  test.each(['identity', 'gzip;q=0, br', 'x-gzip;q=0', ''])(
    'LT-12 %j is answered as it is',
    async accepted => {
      const { headers } = await ask('/room/listByMember', { contactWxid: customer }, accepted)
      expect(headers.get('content-encoding')).toBeNull()
      expect(headers.get('vary')).toBe('accept-encoding')
      expect(headers.get('etag')).toMatch(/^"/)
    },
  )

  test('LT-12 a list without rows is sent as it is', async () => {
    const { headers, text } = await ask('/room/listByMember', { contactWxid: 'nobody' }, 'gzip')
    expect([text, headers.get('content-encoding')]).toEqual(['{"code":0,"data":[]}', null])
  })

  test.each(LISTS)(
    'LT-12 %s: packed it says the same, whether its rows were packed before or not',
    async (path, query) => {
      const plain = await ask(path, query(), 'identity')
      const sizes = []
      for (let n = 0; n < 5; n++) {
        const accepted = n % 2 === 0 ? 'br;q=0.5, GZIP;q=0.2' : 'X-Gzip'
        const { headers, text } = await ask(path, query(), accepted)
        expect(text).toBe(plain.text)
        expect(headers.get('content-encoding')).toBe('gzip')
        expect(headers.get('etag')).toBe(`W/${plain.headers.get('etag')}`)
        sizes.push(Number(headers.get('content-length')))
      }
      expect(sizes.at(-1)).toBeLessThan(0.75 * Buffer.byteLength(plain.text))
    },
  )

  test('LT-12 a list that has not changed is 304 in either form, whichever its reader has', async () => {
    const query = { contactWxid: customer }
    const path = `/room/listByMember?${new URLSearchParams({ token: house.token, ...query })}`
    const tags = [
      await ask('/room/listByMember', query, 'identity'),
      await ask('/room/listByMember', query, 'gzip'),
    ]
    for (const { headers } of tags)
      for (const accepted of ['identity', 'gzip']) {
        const known = { 'accept-encoding': accepted, 'if-none-match': headers.get('etag')! }
        const again = await house.send(path, { headers: known })
        expect([again.status, again.text, again.headers.get('content-encoding')]).toEqual([304, '', null])
      }
  })
})

test('LT-11 what is answered from memory is headed, noted and counted as what was looked for', async () => {
  const query = new URLSearchParams({ token: house.token, contactWxid: customer })
  const headersOf = ({ headers }: Awaited<ReturnType<typeof house.send>>) =>
    Object.fromEntries([...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id'))
  const counted = async () => {
    const { text } = await house.send('/metrics')
    return Number(
      /^qunhub_requests_total\{[^}]*listByMember"[^}]*code="0"[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0,
    )
  }
  const before = await counted()
  const answers = []
  // Packed, the first one may have rows that were not packed yet.
  const asItIs = { headers: { 'accept-encoding': 'identity' } }
  for (let n = 0; n < 3; n++) answers.push(await house.send(`/room/listByMember?${query}`, asItIs))
  const [first, ...others] = answers
  for (const other of others) {
    expect(headersOf(other)).toEqual(headersOf(first!))
    expect(other.text).toBe(first!.text)
  }
  const ids = answers.map(({ headers }) => headers.get('x-request-id'))
  expect(new Set(ids).size).toBe(3)
  await eventually('all are noted', async () => {
    const { requests } = await house.operate('list-requests', { workspace: house.workspaceId, limit: 500 })
    const noted = requests.filter(({ requestId }) => ids.includes(requestId))
    return (
      noted.length === 3 &&
      noted.every(({ endpoint, status }) => endpoint === '/room/listByMember' && status === 200)
    )
  })
  await eventually('all are counted', async () => (await counted()) === before + 3)
})
