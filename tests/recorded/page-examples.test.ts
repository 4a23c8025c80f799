import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { addMember, ChatroomBody, create, exit, listByMHTag } from '@qunhub/wire'
import { expect, test } from 'vitest'

// The examples of the API page, as it prints them; ids that it shortened are kept as they are.
const recorded = (name: string) => JSON.parse(readFileSync(resolve(import.meta.dirname, name), 'utf8'))

test('RW-1 the row of the page passes, with its keys in their order', () => {
  const reply = recorded('list-row.json')
  expect(JSON.stringify(listByMHTag.reply.parse(reply))).toBe(JSON.stringify(reply))
})

test('AM-1 CR-1 EX-1 the requests of the page pass', () => {
  expect(
    addMember.request.parse({
      token: 'abcd',
      botUserId: 'testUserId',
      contactWxid: '7888888888',
      roomWxid: 'R:888888',
    }),
  ).toBeDefined()
  expect(
    create.request.parse({
      token: '5f60998462c907003e1fa2c1',
      botUserId: 'testUserId',
      userIds: ['zhangsan'],
      unionIds: ['ozynqsulJFCZ2z1aYeS8h-nuasdAAA'],
      name: 'create',
      greeting: '大家好,这个是新的群',
      wxids: ['wmrRhyBgAAA6PKOL7IA2Nbikedjxxxxxx', 'wmrRhyBgAANQ1O34HRXfVQh17exxxxxx'],
    }),
  ).toBeDefined()
  expect(
    exit.request.parse({
      token: '5f60998462c907003e1fa2c1',
      wecomUserId: 'testUserId',
      roomWxid: 'R:123123123',
    }),
  ).toBeDefined()
})

test('CB-1 the body of the callbacks keeps the order of the page', () => {
  const {
    labels: _,
    wecomChatId: __,
    external: ___,
    memberCount: ____,
    ...head
  } = recorded('list-row.json').data[0]
  const body = { ...head, group: '5f60998462c907003e1fa2c1', syncedTime: 1_763_884_800_000 }
  expect(JSON.stringify(ChatroomBody.parse(body))).toBe(JSON.stringify(body))
})
