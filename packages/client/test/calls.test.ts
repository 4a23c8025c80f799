import type { Bot } from '@qunhub/simulator'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Client, createClient, Refused } from '../src/index.ts'

let house: House
let bot: Bot
let client: Client
let friendOfAll: string

beforeAll(async () => {
  house = await openHouse()
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  friendOfAll = friend()
  await house.host(bot)
  client = createClient({ baseUrl: `${house.baseUrl}/`, token: house.token })
})
afterAll(() => house.close())

const friend = () => house.world.addContact({ friendOf: [bot.wxid] }).wxid
const friends = (count: number) => Array.from({ length: count }, friend)

/** A room that the bot owns, made as a customer makes one. */
async function room(name: string): Promise<string> {
  const made = await client.room.create({ botUserId: 'xiaobei', name, wxids: friends(2) })
  if (!made.ok) throw new Error(made.message)
  return made.data.roomWxid
}

/** What the gateway says of every chat, page by page. */
async function topics(): Promise<string[]> {
  const found: string[] = []
  for await (const { topic } of client.rooms.all({ pageSize: 2 })) found.push(topic)
  return found
}

test('CL-3 what cannot be meant is told at once, and a token never', () => {
  for (const baseUrl of ['', 'gateway.example', 'ftp://gateway.example'])
    expect(() => createClient({ baseUrl, token: 't' })).toThrow(/baseUrl/)
  for (const token of ['', 'hush\n', 'hush hush']) {
    const make = () => createClient({ baseUrl: 'http://g', token })
    expect(make).toThrow(/^token/)
    expect(make).not.toThrow('hush')
  }
  // To the page it would be every room (LT-5).
  expect(() => createClient({ baseUrl: 'http://g', token: 't' }).rooms.byTag('')).toThrow(/all\(\)/)
})

describe('against a gateway', () => {
  test('CL-4 a refusal is a value: the word, the page’s number and words, and the id of the request', async () => {
    const answer = await client.room.addMember({ botUserId: 'nobody', contactWxid: 'x', roomWxid: 'R:1' })
    expect(answer).toEqual({
      ok: false,
      refused: 'bot-unknown',
      code: -2,
      message: 'botUserId的bot不存在',
      requestId: expect.stringMatching(/./),
    })
  })

  test('CL-4 a token that nobody knows is refused in the envelope of a list, too', async () => {
    const stranger = createClient({ baseUrl: house.baseUrl, token: 'nobody' })
    for (const answer of [
      await stranger.room.create({ botUserId: 'xiaobei' }),
      await stranger.room.listByMHTag(),
    ])
      expect(answer).toMatchObject({ ok: false, refused: 'token-invalid', code: -1 })
    await expect(stranger.rooms.all().next()).rejects.toBeInstanceOf(Refused)
  })

  test('CL-4 of two words with one number the message decides which it was', async () => {
    const few = await client.room.create({ botUserId: 'xiaobei', wxids: friends(1) })
    const many = await client.room.create({ botUserId: 'xiaobei', wxids: friends(41) })
    expect([few, many]).toMatchObject([
      { refused: 'invitees-too-few', code: -10 },
      { refused: 'invitees-too-many', code: -10 },
    ])
  })

  test('CL-4 a request that breaks the schema is refused as malformed, and the message names the field', async () => {
    expect(await client.room.listByMember({ contactWxid: '' })).toMatchObject({
      ok: false,
      refused: 'malformed',
      code: 400,
      message: expect.stringContaining('contactWxid'),
    })
  })

  test('CL-3 the five calls of the page, by its own names', async () => {
    const roomWxid = await room('叫得到')
    const contactWxid = friend()
    expect(await client.room.addMember({ botUserId: 'xiaobei', contactWxid, roomWxid })).toMatchObject({
      ok: true,
      seen: false,
    })
    expect(await client.room.addMember({ botUserId: 'xiaobei', contactWxid, roomWxid })).toMatchObject({
      refused: 'already-member',
      code: -9,
    })
    const found = await client.room.listByMember({ contactWxid })
    expect(found).toMatchObject({ ok: true, data: [{ topic: '叫得到', memberCount: 4 }] })
    expect(await client.room.listByMHTag({ pageSize: 1 })).toMatchObject({
      ok: true,
      data: [{ wxid: roomWxid }],
      page: { current: 1, total: 1 },
    })
    expect(await client.room.exit({ wecomUserId: 'xiaobei', roomWxid })).toMatchObject({
      refused: 'bot-owns-room',
      code: -11,
    })
    house.world.setOwner(roomWxid, contactWxid)
    expect(await client.room.exit({ wecomUserId: 'xiaobei', roomWxid })).toMatchObject({ ok: true })
  })

  test('CL-3 the token goes in the header, or where the page says', async () => {
    const asPage = createClient({ baseUrl: house.baseUrl, token: house.token, tokenIn: 'page' })
    expect(await asPage.room.listByMHTag()).toMatchObject({ ok: true })
    expect(await asPage.room.exit({ wecomUserId: 'nobody', roomWxid: 'R:1' })).toMatchObject({ code: -2 })
  })

  test('CL-13 a pull that waits says that the member was seen', async () => {
    const roomWxid = await room('看得见')
    const ask = { botUserId: 'xiaobei', contactWxid: friend(), roomWxid }
    expect(await client.room.addMember(ask, { waitS: 5 })).toMatchObject({ ok: true, seen: true })
  })

  test('CL-8 the same Idempotency-Key makes one room, and a call without one makes another', async () => {
    const ask = { botUserId: 'xiaobei', name: '只有一个', wxids: friends(2) }
    const first = await client.room.create(ask, { idempotencyKey: 'order-1' })
    const again = await client.room.create(ask, { idempotencyKey: 'order-1' })
    const other = await client.room.create(ask)
    expect(again).toMatchObject({ ok: true, data: first.ok && first.data })
    expect(other).toMatchObject({ ok: true })
    expect(other.ok && other.data).not.toEqual(first.ok && first.data)
  })

  test('CL-11 a list is read row by row over all its pages', async () => {
    for (const name of ['甲', '乙', '丙']) await room(name)
    const { tags } = await house.operate('list-tags', { workspace: house.workspaceId })
    expect(tags).toEqual([])
    const { id } = await house.operate('add-tag', { workspace: house.workspaceId, name: 'VIP' })
    const { chats } = await house.operate('list-chats', { workspace: house.workspaceId, limit: 3 })
    await house.operate('assign-tag', {
      workspace: house.workspaceId,
      tag: id,
      chats: chats.map(c => c.chatId),
    })
    const tagged: string[] = []
    for await (const { chatId } of client.rooms.byTag(id, { pageSize: 2 })) tagged.push(chatId)
    expect(tagged.toSorted()).toEqual(chats.map(chat => chat.chatId).toSorted())
    const all = await topics()
    expect(all.slice(-3)).toEqual(['甲', '乙', '丙'])
    expect(new Set(all)).toContain('只有一个')
  })

  test('CL-3 CL-11 the neighbours of the page, by which ids are found; their pages count from 0', async () => {
    expect(await client.bot.list()).toMatchObject({ ok: true, data: [{ weixin: 'xiaobei', online: true }] })
    expect(await client.tag.list()).toMatchObject({ ok: true, data: [{ name: 'VIP', roomCount: 3 }] })
    const first = await client.room.list({ current: 0, pageSize: 1 })
    expect(first).toMatchObject({ ok: true, data: [{ botInfo: { weixin: 'xiaobei' } }] })
    const simple: string[] = []
    for await (const { chatId } of client.rooms.simple({ pageSize: 2 })) simple.push(chatId)
    expect(simple).toHaveLength(first.ok ? first.page.total : Number.NaN)
    expect(new Set(simple).size).toBe(simple.length)
    const known = new Set<string>()
    for await (const { wxid } of client.contacts.all()) known.add(wxid)
    expect(known).toContain(friendOfAll)
  })
})
