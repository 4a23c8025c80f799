import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runVerb } from './run-verb.ts'

let office: Office

beforeEach(async () => {
  office = await openOffice()
})
afterEach(() => office.close())

test('CON-42 where not all rooms were looked through by their topics, the answer says so', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { chatId } = await office.botInRoom(workspace)
  const topic = '答疑'
  const { db } = office.deps
  expect(await office.value('list-matches', { sought: topic })).toEqual({ matches: [], moreRooms: false })
  // Another block of rooms, behind the first.
  const block = { workspace_id: workspace, list: '', block: 1, chats: 1 }
  await db.write(tx => tx.run(tx.query.insertInto('list_block').values(block).compile()))
  // At every look so much later that the time is over.
  const now = () => {
    office.clock.advance(1000)
    return office.clock.now()
  }
  const hurried = { ...office.deps, clock: { now, after: office.clock.after.bind(office.clock) } }
  const find = (sought: string) => runVerb('list-matches', { sought }, hurried)
  expect(await find(topic)).toMatchObject({ value: { matches: [], moreRooms: true } })
  expect(await find('大街')).toMatchObject({ value: { matches: [{ id: chatId }], moreRooms: true } })
  expect(await find(chatId)).toMatchObject({ value: { matches: [{ id: chatId }], moreRooms: false } })
})
