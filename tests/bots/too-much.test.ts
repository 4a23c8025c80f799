import { createRequire } from 'node:module'
import type { Bot, FaultInput, Room } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { compareWithWorld } from '@qunhub/testing/trials/compare-with-world.ts'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runVerb } from '../../packages/gateway/src/operator/run-verb.ts'
import type { Log } from '../../packages/gateway/src/system/log.ts'

/** What @juzi/wechaty-grpc writes its messages with; it brings no types. */
const { BinaryWriter } = createRequire(createRequire(import.meta.url).resolve('@juzi/wechaty-grpc'))(
  'google-protobuf',
) as { BinaryWriter: { prototype: Writer } }
interface Writer {
  writeString(this: Writer, field: number, text: string): void
  writeBytes(field: number, bytes: Uint8Array): void
}

/** Puppets that say far more than there can be: nothing of it is taken where a part would say something else. */
let house: House
let bot: Bot
let room: Room
let other: Room
/** What was told of the start. */
let told = 0
const warnings: { failure?: string; room?: string; err?: Error; said: string }[] = []
const log: Log = {
  debug() {},
  info() {},
  warn: (facts, said) => void warnings.push({ ...(facts as object), said }),
  error() {},
}

beforeEach(async () => {
  warnings.splice(0)
  told = 0
  house = await openHouse({ log, env: { QUNHUB_PUPPET_DEADLINE_MS: '20000' } })
  bot = house.world.addBot({ userId: 'xiaobei', nickName: '小北' })
  const guests = Array.from({ length: 4 }, () => house.world.addContact({ friendOf: [bot.wxid] }).wxid)
  room = house.world.addRoom({ topic: '大群', ownerId: bot.wxid, members: guests })
  other = house.world.addRoom({ topic: '小群', ownerId: bot.wxid, members: guests.slice(0, 2) })
})
afterEach(() => house.close())

const fault = (on: FaultInput['on'], times?: number) =>
  house.simulator.faults.add({ on, mode: 'too-much', ...(times ? { times } : {}) })
const start = async () => {
  await house.host(bot)
  await eventually('the start is told', () => house.customer.heard.length === 2)
  told = house.customer.heard.length
}
const heard = () => house.customer.heard.slice(told)
const rows = async () => {
  const { body } = await house.get('/room/listByMHTag')
  return (
    body as { data: { wxid: string; topic: string; memberCount: number; members: { nickName: string }[] }[] }
  ).data
}
const sync = () => runVerb('sync-bot', { bot: 'xiaobei' }, house.gateway.operator)
const differences = () => compareWithWorld(house, house.world, bot.wxid)

describe('a room with more members than are read', () => {
  test('BOT-232 stays as it was known; all others are synced, and whoever asked hears what was wrong', async () => {
    await start()
    fault('roomMemberList', 1)
    expect(await sync()).toMatchObject({
      ok: false,
      refused: 'sync-failed',
      message: expect.stringContaining('(PuppetExcess)'),
    })
    expect(await (await fetch(`${house.baseUrl}/metrics`)).text()).toContain(
      'qunhub_rooms_unread_total{why="excessive"} 1\n',
    )
    const warned = warnings.find(({ failure }) => failure === 'PuppetExcess')
    expect(warned).toMatchObject({
      said: 'a room has more in it than is read; it stays as it was known',
      reason: expect.stringMatching(/^the puppet tells of 2500\d members of a room; more than 2000/),
    })
    expect(await differences()).toEqual([])
    const untouched = warned?.room === room.wxid ? other : room
    await eventually('the other one is told', () => heard().length === 1)
    expect(heard()).toMatchObject([{ path: '/chatroom/loaded', json: { wxid: untouched.wxid } }])

    expect(await sync()).toMatchObject({ ok: true })
    expect(await differences()).toEqual([])
  })

  test('BOT-232 costs no sync of everything when an event points at it, and nobody has left or joined', async () => {
    await start()
    fault('roomMemberList')
    house.world.join(room.wxid, house.world.addContact().wxid)
    await eventually('it is told', () => warnings.some(({ failure }) => failure === 'PuppetExcess'))
    const rooms = (await house.get('/room/listByMHTag')).body as {
      data: { wxid: string; memberCount: number }[]
    }
    expect(rooms.data.find(({ wxid }) => wxid === room.wxid)?.memberCount).toBe(5)
    expect(warnings.filter(({ said }) => said.includes('could not be followed'))).toEqual([])
    expect(heard()).toEqual([])
  })

  test('BOT-232 answers who wants to add to it that it cannot be loaded', async () => {
    await start()
    fault('roomMemberList')
    const contactWxid = house.world.addContact({ friendOf: [bot.wxid] }).wxid
    const answer = await house.post('/room/addMember', {
      ...{ botUserId: 'xiaobei', roomWxid: room.wxid, contactWxid },
    })
    expect(answer.body).toMatchObject({ code: -6 })
  })
})

test.each(['roomList', 'contactList'] as const)(
  'BOT-233 a %s of absurd length is not read at all: the sync fails, says so, and everything stays',
  async on => {
    await start()
    fault(on, 1)
    expect(await sync()).toMatchObject({ message: expect.stringContaining('(PuppetExcess)') })
    expect(await differences()).toEqual([])
    expect(heard()).toEqual([])
    expect(await sync()).toMatchObject({ ok: true })
  },
)

test('BOT-230 a list row and a callback hold of each text no more than may be, however long it is', async () => {
  await start()
  for (const on of ['roomPayload', 'contactPayload', 'roomMemberPayload'] as const) fault(on)
  expect(await sync()).toMatchObject({ ok: true })
  await eventually('the sync is told', () => heard().length === 2)
  for (const { json } of heard()) {
    const { topic, avatarUrl, members } = json as { topic: string; avatarUrl: string; members: object[] }
    expect([...topic]).toHaveLength(256)
    expect(topic.isWellFormed()).toBe(true)
    expect(avatarUrl).toBe('')
    expect(JSON.stringify(members).length).toBeLessThan(members.length * 1000)
  }
  const { text } = await house.get('/room/listByMHTag')
  expect(text.length).toBeLessThan(16 * 1024)
})

test('BOT-231 where many contacts together are too large a message they are read one by one', async () => {
  house.world.fillRoom(room.wxid, 60)
  await start()
  fault('contactPayload')
  expect(await sync()).toMatchObject({ ok: true })
  const { members } = (await rows()).find(row => row.wxid === room.wxid)!
  expect(members.map(({ nickName }) => [...nickName].length)).toEqual(Array.from({ length: 60 }, () => 128))
})

describe('a message that is too large to be read', () => {
  // The library pushes a string into an array byte by byte: a second of work for each of these, and each is sent a dozen times.
  // As bytes it takes the same form on the wire.
  beforeAll(() => {
    const writer = BinaryWriter.prototype
    const { writeString } = writer
    writer.writeString = function (field, text) {
      if (text.length < TOO_LARGE.length) writeString.call(this, field, text)
      else this.writeBytes(field, Buffer.from(text))
    }
    return () => {
      writer.writeString = writeString
    }
  })
  const TOO_LARGE = 'x'.repeat(9 * 1024 * 1024)

  test('BOT-231 about a room: it stays as it was, and the others are synced', async () => {
    await start()
    house.world.room(room.wxid).topic = TOO_LARGE
    expect(await sync()).toMatchObject({ message: expect.stringContaining('(PuppetExcess)') })
    expect(warnings).toContainEqual(
      expect.objectContaining({
        room: room.wxid,
        reason: 'the puppet sent a message that is too large to be read',
      }),
    )
    expect((await rows()).map(({ topic }) => topic).toSorted()).toEqual(['大群', '小群'])
    house.world.room(room.wxid).topic = '大群'
    expect(await sync()).toMatchObject({ ok: true })
  })

  test('BOT-231 about a contact: it stays as it was, and so does who the bot is', async () => {
    await start()
    const [guest] = [...house.world.contacts.values()]
    const { name } = guest!
    guest!.name = TOO_LARGE
    house.world.bots.get(bot.wxid)!.nickName = TOO_LARGE
    expect(await sync()).toMatchObject({ ok: true })
    const row = (await rows()).find(({ wxid }) => wxid === room.wxid)!
    expect(row.members.map(member => member.nickName)).toEqual(expect.arrayContaining([name, '小北']))
    expect(row.memberCount).toBe(5)
  })
})
