import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { StoreError } from '../../packages/gateway/src/store/database/store-error.ts'
import type { Log } from '../../packages/gateway/src/system/log.ts'

/** More than go out in one batch, so that a list can break off in the middle. */
const ROOMS = 101

let house: House
let contactWxid: string
let all: House['gateway']['operator']['db']['crowd']['all']
const errors: { request?: string; route?: string; err?: Error }[] = []
const log: Log = { debug() {}, info() {}, warn() {}, error: facts => void errors.push(facts) }

beforeAll(async () => {
  house = await openHouse({ log })
  const bot = house.world.addBot({ userId: 'xiaobei' })
  contactWxid = house.world.addContact().wxid
  for (let n = 0; n < ROOMS; n++)
    house.world.addRoom({ ownerId: house.world.addCoworker().wxid, members: [bot.wxid, contactWxid] })
  await house.host(bot)
  all = house.gateway.operator.db.crowd.all
})
afterEach(() => {
  house.gateway.operator.db.crowd.all = all
  errors.splice(0)
})
afterAll(() => house.close())

/** After so many rooms the members of rooms cannot be read any more. */
function breakMembersAfter(rooms: number): void {
  const { crowd } = house.gateway.operator.db
  let left = rooms
  crowd.all = ((statement: { sql: string; parameters: readonly unknown[] }) => {
    if (statement.sql.includes('chat_member') && statement.sql.includes('contact')) {
      if (left <= 0) return Promise.reject(new StoreError('the disk cannot be read'))
      const ids = statement.parameters[1] as string | string[]
      left -= (typeof ids === 'string' ? (JSON.parse(ids) as string[]) : ids).length
    }
    return all.call(crowd, statement as never)
  }) as typeof crowd.all
}

test('G-5 a list whose rows cannot be read is HTTP 500 with the id of the request, and the log has the cause', async () => {
  breakMembersAfter(0)
  const answer = await house.get('/room/listByMember', { contactWxid })
  const request = answer.headers.get('x-request-id')!
  expect(answer.status).toBe(500)
  expect(answer.body).toEqual({
    code: 500,
    message: `服务内部错误, 请求号 ${request} (internal error)`,
    data: [],
  })
  expect(errors).toMatchObject([{ request, route: '/room/listByMember', err: expect.any(StoreError) }])
})

test('LM-4 a list whose rows cannot be read in the middle is cut off, and the log has the cause', async () => {
  breakMembersAfter(100)
  const url = `${house.baseUrl}/room/listByMember?${new URLSearchParams({ token: house.token, contactWxid })}`
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) })
  expect(answer.status).toBe(200)
  await expect(answer.text()).rejects.toThrow('terminated')
  const request = answer.headers.get('x-request-id')!
  expect(errors).toMatchObject([{ request, route: '/room/listByMember', err: expect.any(StoreError) }])
})
