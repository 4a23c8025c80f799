import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bot, ExternalContact } from '@qunhub/simulator'
import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Log } from '../../packages/gateway/src/system/log.ts'

let house: House
let bot: Bot
let friends: ExternalContact[]
const errors: string[] = []
const log: Log = {
  debug() {},
  info() {},
  warn() {},
  error: (_facts: object, message: string) => void errors.push(message),
}

beforeAll(async () => {
  house = await openHouse({ log })
  bot = house.world.addBot({ userId: 'xiaobei' })
  friends = Array.from({ length: 6 }, () => house.world.addContact({ friendOf: [bot.wxid] }))
  await house.host(bot)
})
afterAll(() => house.close())

const addRoom = async () => {
  const room = house.world.addRoom({
    ownerId: house.world.addCoworker().wxid,
    topic: '周末自驾',
    members: [bot.wxid, friends[0]!.wxid],
  })
  await eventually('the room to be listed', async () => (await rowOf(room.wxid)) !== undefined)
  return room
}
const rowOf = async (wxid: string) => {
  const { body } = await house.get('/room/listByMHTag', { pageSize: '100' })
  return (body as { data: { wxid: string; topic: string }[] }).data.find(row => row.wxid === wxid)
}
const ready = async () => {
  const { status, body } = await house.send('/ready')
  return { status, missing: (body as { missing?: string[] }).missing ?? [] }
}

/** The store takes no writes from now on; the returned function makes it well again. */
async function spoil(): Promise<() => Promise<void>> {
  const file = join(house.dataDir, 'qunhub.sqlite')
  await rename(file, `${file}-gone`)
  return () => rename(`${file}-gone`, file)
}

// A PostgreSQL that takes no writes: health.test.ts.
describe('while the store takes no writes', () => {
  test('ST-140 RDY-2 nothing is asked of WeCom and nothing answered 0, lists go on, and all heals by itself', async () => {
    const room = await addRoom()
    const roomsBefore = house.world.rooms.size
    const mend = await spoil()

    const wxids = friends.slice(0, 2).map(({ wxid }) => wxid)
    const asked = await Promise.all([
      house.post('/room/create', { botUserId: 'xiaobei', wxids, name: '满盘' }),
      house.post('/room/create', { botUserId: 'xiaobei', wxids }, { 'idempotency-key': 'k1' }),
      house.post('/room/addMember', {
        botUserId: 'xiaobei',
        contactWxid: friends[2]!.wxid,
        roomWxid: room.wxid,
      }),
      house.post('/room/exit', { wecomUserId: 'xiaobei', roomWxid: room.wxid }),
    ])
    const codeOf = (body: unknown) => {
      const { code, errcode = code } = body as { code?: number; errcode?: number }
      return errcode
    }
    expect(asked.map(({ body }) => codeOf(body))).not.toContain(0)
    // Where this machine is slow the puppet may have been given up on first.
    await eventually('an honest 500', async () => {
      const { status } = await house.post('/room/create', { botUserId: 'xiaobei', wxids })
      return status === 500
    })
    expect(house.world.rooms.size).toBe(roomsBefore)
    expect([...house.world.room(room.wxid).members.keys()]).toContain(bot.wxid)
    expect(house.world.room(room.wxid).members.has(friends[2]!.wxid)).toBe(false)

    expect(await ready()).toEqual({ status: 503, missing: ['store'] })
    expect((await house.send('/health')).status).toBe(200)
    expect(await rowOf(room.wxid)).toMatchObject({ topic: '周末自驾' })
    await eventually('the log to say so', () => errors.some(line => line.includes('takes no writes')))
    house.world.setTopic(room.wxid, '周末爬山')

    await mend()
    await eventually('the gateway to be ready', async () => (await ready()).status === 200)
    await eventually('the news of the meantime', async () => (await rowOf(room.wxid))?.topic === '周末爬山')
    const created = await house.post('/room/create', { botUserId: 'xiaobei', wxids, name: '满盘' })
    expect(created.body).toMatchObject({ errcode: 0 })
    expect(house.world.rooms.size).toBe(roomsBefore + 1)
  })
})
