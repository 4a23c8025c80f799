import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'

let office: Office

beforeEach(async () => {
  office = await openOffice()
})
afterEach(() => office.close())

test('CON-33 what was typed is understood as an id of a room or of a member, else as words, and the answer says which', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { chatId } = await office.botInRoom(workspace)
  await office.botInRoom(workspace, { token: 'another_token', roomWxid: 'R:2', userId: 'lin' })
  const { id: tag } = await office.value('add-tag', { name: 'VIP' })
  await office.value('assign-tag', { tag, chats: [chatId] })
  const search = async (typed: string, but = {}) => {
    const { chats, total, understood } = await office.value('list-chats', { search: typed, ...but })
    expect(total).toEqual({ count: chats.length, atLeast: false })
    return [understood?.as, chats.map(({ roomWxid }) => roomWxid)]
  }
  expect(await search(chatId)).toEqual(['chat', ['R:1']])
  expect(await search('R:2')).toEqual(['room', ['R:2']])
  expect(await search('街小')).toEqual(['words', ['R:1', 'R:2']])
  expect(await search('街小', { tag: 'VIP' })).toEqual(['words', ['R:1']])
  expect(await search('nobody')).toEqual(['words', []])
  const { contacts } = await office.value('list-contacts', {})
  const { wxid, name } = contacts[0]!
  expect((await search(wxid))[0]).toBe('contact')
  const { understood } = await office.value('list-chats', { search: name.slice(0, 1) })
  expect(understood?.members).toContainEqual({ wxid, name })
  const { chats } = await office.value('list-chats', { tag })
  expect(chats).toMatchObject([{ chatId, external: true, tags: [{ id: tag, name: 'VIP' }] }])
  expect(await office.ask('list-chats', { tag: 'nowhere' })).toMatchObject({ refused: 'tag-unknown' })
})
