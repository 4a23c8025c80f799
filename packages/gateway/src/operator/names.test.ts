import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { noteStatements } from '@qunhub/testing/note-statements.ts'
import type { UserId, WorkspaceId } from '@qunhub/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Statement } from '../store/database/database.ts'
import { toOwedRows } from '../store/outbox/owe-callbacks.ts'
import { CHATS_PER_SLICE, chatsOfTopics } from '../store/rooms/name-chats.ts'
import { chooseRoom } from './rooms/choose-chats.ts'

let office: Office
let workspaceId: WorkspaceId
beforeEach(async () => {
  office = await openOffice()
  workspaceId = await office.workspaceNamed('甲')
})
afterEach(() => office.close())

/** A room as the office has them is called 大街小巷. */
const inRoom = (roomWxid: string, nth: number) =>
  office.botInRoom(workspaceId, { token: `puppet_${nth}`, roomWxid, userId: `bot${nth}` })

test('OP-48 a chat is tagged by its topic; of several of one topic none is, and they are listed', async () => {
  await office.value('add-tag', { name: 'VIP' })
  const { chatId } = await inRoom('R:1', 1)
  expect(await office.ask('assign-tag', { tag: 'VIP', chats: ['没有'] })).toMatchObject({
    refused: 'chat-unknown',
    message: expect.stringContaining('(没有)'),
  })
  expect((await office.value('assign-tag', { tag: 'VIP', chats: ['大街小巷', chatId] })).chats).toEqual([
    { chatId, outcome: 'assigned' },
  ])
  const other = await inRoom('R:2', 2)
  const refused = await office.ask('assign-tag', { tag: 'VIP', chats: ['大街小巷'] })
  expect(refused).toMatchObject({ refused: 'chat-ambiguous' })
  for (const told of [chatId, 'R:1', other.chatId, 'R:2'])
    expect((refused as { message: string }).message).toContain(told)
  expect((await office.value('unassign-tag', { tag: 'VIP', chats: [other.chatId, chatId] })).chats).toEqual([
    { chatId: other.chatId, outcome: 'not-assigned' },
    { chatId, outcome: 'unassigned' },
  ])
})

test('OP-48 a token is revoked by its label; of several of one label none is; one that is revoked has no name any more', async () => {
  const first = await office.value('issue-token', { label: 'crm' })
  expect(await office.value('revoke-token', { id: 'crm' })).toMatchObject({ id: first.id })
  const [second, third] = [
    await office.value('issue-token', { label: 'crm' }),
    await office.value('issue-token', { label: 'crm', realm: 'manage' }),
  ]
  const refused = await office.ask('revoke-token', { id: 'crm' })
  expect(refused).toMatchObject({ refused: 'token-ambiguous' })
  const { message } = refused as { message: string }
  expect(message).toContain(second.id)
  expect(message).toContain(`${third.id} manage`)
  expect(message).not.toContain(first.id)
  expect(await office.value('revoke-token', { id: third.id })).toMatchObject({ id: third.id })
  expect(await office.value('revoke-token', { id: 'crm' })).toMatchObject({ id: second.id })
  const typed = await office.ask('revoke-token', { id: second.token })
  expect(typed).toMatchObject({ refused: 'token-unknown' })
  expect(JSON.stringify(typed)).not.toContain(second.token)
})

test('OP-48 a replay is steered by how its id begins, four characters at least; those that have ended are not meant', async () => {
  await office.value('set-callback-url', { url: 'https://crm.example.com/hook' })
  const begin = async () => (await office.value('start-replay', { state: 'parked' })).replay!
  const replay = await begin()
  expect(await office.ask('steer-replay', { id: replay.id.slice(0, 3), to: 'pause' })).toMatchObject({
    refused: 'replay-unknown',
  })
  expect(await office.value('steer-replay', { id: replay.id.slice(0, 8), to: 'pause' })).toMatchObject({
    id: replay.id,
    state: 'paused',
  })
  await office.value('steer-replay', { id: replay.id, to: 'cancel' })
  expect(await office.ask('steer-replay', { id: replay.id.slice(0, 8), to: 'continue' })).toMatchObject({
    refused: 'replay-unknown',
  })

  const { db } = office.deps
  const namesakes = [`abcd${'0'.repeat(20)}`, `abcd${'1'.repeat(20)}`]
  for (const id of namesakes) {
    const { id: own } = await begin()
    await db.write(tx => tx.run(tx.query.updateTable('replay').set({ id }).where('id', '=', own).compile()))
  }
  const refused = await office.ask('steer-replay', { id: 'abcd', to: 'pause' })
  expect(refused).toMatchObject({ refused: 'replay-ambiguous' })
  for (const id of namesakes) expect((refused as { message: string }).message).toContain(id)
})

test('OP-48 callbacks of a room are found by its topic, those of a room that was forgotten by its wxid', async () => {
  await office.value('set-callback-url', { url: 'https://crm.example.com/hook' })
  await inRoom('R:1', 1)
  const { db } = office.deps
  for (const laneKey of ['R:1', 'R:9'])
    await db.write(async tx => {
      const owed = [{ kind: 'chatroom/loaded', laneKey, body: Buffer.from('{}') } as const]
      const rows = toOwedRows(owed, office.clock.now())
      for (const statement of tx.hot.owe(workspaceId, rows)) await tx.run(statement)
    })
  const rooms = async (room: string) =>
    (await office.value('list-callbacks', { room })).callbacks.map(callback => callback.room)
  expect(await rooms('大街小巷')).toEqual(['R:1'])
  expect(await rooms('R:9')).toEqual(['R:9'])
  await inRoom('R:2', 2)
  for (const verb of ['list-callbacks', 'start-replay'] as const)
    expect(await office.ask(verb, { room: '大街小巷' })).toMatchObject({ refused: 'room-ambiguous' })
  expect(await office.ask('replay-callbacks', { state: 'parked', room: '大街小巷' })).toMatchObject({
    refused: 'room-ambiguous',
    message: expect.stringMatching(/R:1.*R:2/),
  })
  expect(await rooms('R:1')).toEqual(['R:1'])
})

test('OP-48 a wxid is not looked for among the topics; ST-106 a topic is found behind many chats, a thousand a statement', async () => {
  const { chatId } = await inRoom('R:1', 1)
  const { db } = office.deps
  await db.write(tx =>
    tx.run({
      sql: `with recursive n(n) as (select 1 union all select n + 1 from n where n < ${2 * CHATS_PER_SLICE})
        insert into chat (workspace_id, chat_id, bot_id, room_wxid, topic, avatar_url, owner_id, external, ordinal, created_at,
          left_at, member_count)
        select workspace_id, case when n <= ${CHATS_PER_SLICE} then '!' else '~' end || n, bot_id, 'R:many' || n, 'topic of ' || n,
          avatar_url, owner_id, external, ordinal + n, created_at, case when n % 2 = 0 then 1 end, member_count
        from chat, n where chat_id = ?`,
      parameters: [chatId],
    }),
  )
  const asked = async (named: string) => {
    const statements: Statement[] = []
    const chosen = await chooseRoom(noteStatements(db, statements), workspaceId, named)
    return { chosen, slices: statements.filter(({ sql }) => sql.includes('topic in')).length }
  }
  expect(await asked('R:1')).toEqual({ chosen: { ok: true, value: 'R:1' }, slices: 0 })
  expect(await asked('大街小巷')).toEqual({ chosen: { ok: true, value: 'R:1' }, slices: 3 })
  // One that was left, the last of all.
  const last = 2 * CHATS_PER_SLICE
  expect((await asked(`topic of ${last}`)).chosen).toEqual({ ok: true, value: `R:many${last}` })
  const both = ['大街小巷', `topic of ${last - 1}`]
  expect(
    (await chatsOfTopics(db, workspaceId, [...both, `topic of ${last}`])).map(({ topic }) => topic),
  ).toEqual(both)
})

test('OP-48 an ambiguous name of a bot is refused with those it may mean', async () => {
  const [first, second] = [await inRoom('R:1', 1), await inRoom('R:2', 2)]
  const refused = await office.ask('list-chats', { bot: '小北' })
  expect(refused).toMatchObject({ refused: 'bot-ambiguous' })
  for (const told of [`${first.botId} bot1`, `${second.botId} bot2`])
    expect((refused as { message: string }).message).toContain(told)
  expect((await office.value('list-chats', { bot: 'bot2' as UserId })).chats).toHaveLength(1)
})
