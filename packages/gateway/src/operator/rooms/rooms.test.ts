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

test('CON-44 one chat is shown to the letter as customers read it', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { chatId } = await office.botInRoom(workspace)
  const { row } = await office.value('show-chat', { chat: chatId })
  expect(Object.keys(row).slice(0, 4)).toEqual(['chatId', 'botInfo', 'wxid', 'topic'])
  expect(row).toMatchObject({ chatId, wxid: 'R:1', memberCount: row.members.length })
  expect(await office.value('show-chat', { chat: row.topic })).toEqual({ row })
  expect(await office.ask('show-chat', { chat: 'nowhere' })).toMatchObject({ refused: 'chat-unknown' })
})

test('CON-45 a tag is put on all chats that fit, and taken off them, as many as were counted before', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { chatId } = await office.botInRoom(workspace)
  await office.botInRoom(workspace, { token: 'another_token', roomWxid: 'R:2', userId: 'lin' })
  const { id: tag } = await office.value('add-tag', { name: 'VIP' })
  await office.value('assign-tag', { tag, chats: [chatId] })
  const counted = { tag, dryRun: true }
  expect(await office.value('assign-tag-to-all', counted)).toEqual({
    ...{ tag, matching: 2, atLeast: false, changed: 0 },
  })
  expect(await office.value('assign-tag-to-all', { ...counted, bot: 'lin' })).toMatchObject({ matching: 1 })
  expect(await office.value('assign-tag-to-all', { ...counted, search: 'R:2' })).toMatchObject({
    matching: 1,
  })
  expect(await office.value('assign-tag-to-all', { ...counted, having: 'VIP' })).toMatchObject({
    matching: 1,
  })
  expect(await office.value('list-tags', {})).toMatchObject({ tags: [{ roomCount: 1 }] })

  expect(await office.value('assign-tag-to-all', { tag })).toEqual({
    ...{ tag, matching: 2, atLeast: false, changed: 1 },
  })
  expect(await office.value('list-tags', {})).toMatchObject({ tags: [{ roomCount: 2 }] })
  const off = { tag, having: tag, bot: 'lin' }
  expect(await office.value('unassign-tag-from-all', off)).toEqual({
    ...{ tag, matching: 1, atLeast: false, changed: 1 },
  })
  const { chats } = await office.value('list-chats', { tag })
  expect(chats.map(each => each.chatId)).toEqual([chatId])
  const nowhere = await office.ask('assign-tag-to-all', { tag: 'nowhere' })
  expect(nowhere).toMatchObject({ refused: 'tag-unknown' })
})
