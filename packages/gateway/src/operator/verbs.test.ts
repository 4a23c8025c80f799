import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ABSENT_ID, type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import type { UserId } from '@qunhub/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { saveBotMove } from '../store/bots/bot-moves.ts'
import { moveTo, offline } from '../store/contract/scene.contract.ts'
import { findToken } from '../store/workspaces/tokens.ts'

let office: Office

beforeEach(async () => {
  office = await openOffice()
})
afterEach(() => office.close())

test('OP-12 the switches of a workspace are set one by one', async () => {
  await office.workspaceNamed('甲')
  expect(await office.ask('set-workspace', {})).toMatchObject({ refused: 'nothing-to-set' })
  expect(await office.value('set-workspace', { showWecomChatId: true })).toMatchObject({
    showWecomChatId: true,
    paceAdditions: false,
  })
  expect(await office.value('set-workspace', { paceAdditions: true })).toMatchObject({
    showWecomChatId: true,
    paceAdditions: true,
  })
  expect(await office.value('set-workspace', { showWecomChatId: false })).toMatchObject({
    showWecomChatId: false,
    paceAdditions: true,
  })
  for (const name of ['joinedOnAnyMember', 'roomJoined', 'roomLeft', 'roomTopic'] as const) {
    expect(await office.value('list-workspaces', {})).toMatchObject({ workspaces: [{ [name]: false }] })
    expect(await office.value('set-workspace', { [name]: true })).toMatchObject({ [name]: true })
  }
  for (const name of ['chatroomJoined', 'chatroomLoaded'] as const) {
    expect(await office.value('list-workspaces', {})).toMatchObject({ workspaces: [{ [name]: true }] })
    expect(await office.value('set-workspace', { [name]: false })).toMatchObject({ [name]: false })
  }
  expect(await office.value('set-workspace', { roomLeft: false, paceAdditions: false })).toMatchObject({
    showWecomChatId: false,
    paceAdditions: false,
    verifyAdditions: false,
    joinedOnAnyMember: true,
    roomJoined: true,
    roomLeft: false,
    roomTopic: true,
  })
  expect((await office.value('list-workspaces', {})).workspaces).toHaveLength(1)
})

test('OP-13 a token is told once, works at once, and is no longer told by the list', async () => {
  const workspaceId = await office.workspaceNamed('甲')
  const issued = await office.value('issue-token', { label: '客服系统' })
  expect(issued.token).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(await findToken(office.deps.db, office.deps.keyring, issued.token)).toEqual({
    tokenId: issued.id,
    label: '客服系统',
    workspaceId,
  })

  const listed = await office.value('list-tokens', {})
  expect(listed.tokens).toMatchObject([{ id: issued.id, label: '客服系统', revokedAt: null }])
  expect(JSON.stringify(listed)).not.toContain(issued.token)
})

test('OP-13 a revoked token works no more, and cannot be revoked again', async () => {
  await office.workspaceNamed('甲')
  const { id, token } = await office.value('issue-token', {})
  await office.value('revoke-token', { id })
  expect(await findToken(office.deps.db, office.deps.keyring, token)).toBeUndefined()
  expect((await office.value('list-tokens', {})).tokens).toMatchObject([
    { id, revokedAt: office.clock.now() },
  ])
  expect(await office.ask('revoke-token', { id })).toMatchObject({ refused: 'token-unknown' })
})

test('OP-14 a bot is listed without its puppet token, which the store keeps sealed', async () => {
  await office.workspaceNamed('甲')
  const added = await office.ask('add-bot', {
    endpoint: '[::1]:18788',
    token: 'canary_token',
    tls: true,
    userId: 'lin' as UserId,
  })
  expect(added).toMatchObject({
    ok: true,
    value: {
      endpoint: '[::1]:18788',
      tls: true,
      expectedUserId: 'lin',
      account: null,
      session: { state: 'new' },
    },
  })
  const listed = await office.ask('list-bots', {})
  expect(JSON.stringify([added, listed])).not.toContain('canary_token')
  for (const file of ['qunhub.sqlite', 'qunhub.sqlite-wal']) {
    expect(await readFile(join(office.dataDir, file), 'latin1')).not.toContain('canary_token')
  }
})

test('OP-14 a puppet serves one client, so its token is refused a second time, in any workspace', async () => {
  const first = await office.workspaceNamed('甲')
  const second = await office.workspaceNamed('乙')
  const endpoint = '127.0.0.1:18788'
  const { id } = await office.value('add-bot', { workspace: first, endpoint, token: 'puppet_one' })
  expect(await office.ask('add-bot', { workspace: second, endpoint, token: 'puppet_one' })).toMatchObject({
    refused: 'puppet-taken',
    message: expect.stringContaining(id),
  })
  expect((await office.value('list-bots', { workspace: second })).bots).toEqual([])
})

test('OP-15 without a gateway bots show the state that was last recorded, and the list says so', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { botId } = await office.botInRoom(workspace)
  const since = office.clock.now() - 5000
  const tenure = { workspaceId: workspace, botId, fence: 0 }
  await saveBotMove(office.deps.db, tenure, moveTo(offline('手机端退出', since)))
  expect(await office.value('list-bots', {})).toMatchObject({
    live: false,
    bots: [
      {
        id: botId,
        account: { userId: 'xiaobei', nickName: '小北', kind: 'wecom' },
        session: { state: 'offline', reason: '手机端退出', since, qrcode: null },
      },
    ],
  })
})

test('OP-16 a sync needs the gateway that holds the bot', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { botId } = await office.botInRoom(workspace)
  expect(await office.ask('sync-bot', { bot: ABSENT_ID })).toMatchObject({ refused: 'bot-unknown' })
  expect(await office.ask('sync-bot', { bot: botId })).toMatchObject({ refused: 'gateway-not-running' })
})

test('CON-49 without a gateway no node runs a bot and nobody hears it; its rooms are counted all the same', async () => {
  const workspace = await office.workspaceNamed('甲')
  await office.botInRoom(workspace)
  const expected = { heardAt: null, node: null, rooms: { count: 1, atLeast: false } }
  const [bot] = (await office.value('list-bots', { countRooms: true })).bots
  expect(bot).toMatchObject(expected)
  expect((await office.value('list-bots', {})).bots[0]!.rooms).toBeNull()
  expect((await office.value('show-bot', { bot: bot!.id })).bot).toMatchObject(expected)
})

test('OP-17 a bot may be named by its id, its userId or its name, as long as that is one bot', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { botId, chatId } = await office.botInRoom(workspace)
  expect((await office.value('list-chats', { bot: botId })).chats).toMatchObject([
    { chatId, botNickName: '小北' },
  ])
  expect((await office.value('list-chats', { bot: 'xiaobei' })).chats).toMatchObject([{ chatId }])
  await office.value('add-bot', {
    endpoint: '127.0.0.1:18788',
    token: 'another_token',
    userId: 'xiaobei' as UserId,
  })
  expect(await office.ask('list-chats', { bot: 'xiaobei' })).toMatchObject({ refused: 'bot-ambiguous' })

  expect((await office.value('list-chats', { bot: '小北' })).chats).toMatchObject([{ chatId }])
  await office.botInRoom(workspace, { token: 'third_token', roomWxid: 'R:3', userId: 'lin' })
  expect(await office.ask('list-chats', { bot: '小北' })).toMatchObject({ refused: 'bot-ambiguous' })
  // Who calls himself by the userId of another one does not stand in for him.
  const namesake = await office.value('add-bot', {
    endpoint: '127.0.0.1:18788',
    token: 'fourth_token',
    userId: '小北' as UserId,
  })
  expect((await office.value('show-bot', { bot: '小北' })).bot.id).toBe(namesake.id)
})

test('OP-18 chats are found by a part of their topic, and the list says when there are more', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { chatId } = await office.botInRoom(workspace)
  expect(await office.value('list-chats', { topic: '街小' })).toMatchObject({
    chats: [{ chatId, roomWxid: 'R:1', topic: '大街小巷', memberCount: 1 }],
    more: false,
  })
  expect(await office.value('list-chats', { topic: '%' })).toEqual({
    ...{ chats: [], more: false, next: null, understood: null, total: { count: 0, atLeast: false } },
  })
  await office.botInRoom(workspace, { token: 'another_token', roomWxid: 'R:2', userId: 'lin' })
  const first = await office.value('list-chats', { limit: 1 })
  expect(first).toMatchObject({ chats: [{ chatId }], more: true, next: chatId })
  const all = await office.value('list-chats', {})
  const rest = await office.value('list-chats', { after: first.next! })
  expect(rest).toEqual({ ...all, chats: all.chats.slice(1) })
  expect(await office.ask('list-chats', { after: 'nowhere' })).toMatchObject({ refused: 'chat-unknown' })
})

test('OP-26 a tag is renamed by its id or its name, on every chat, and not to a name that another has', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { chatId } = await office.botInRoom(workspace)
  const { id } = await office.value('add-tag', { name: 'VIP' })
  const { id: other } = await office.value('add-tag', { name: '其他' })
  await office.value('assign-tag', { tag: id, chats: [chatId] })
  expect(await office.value('rename-tag', { tag: 'VIP', name: '贵宾' })).toEqual({ id, name: '贵宾' })
  expect(await office.value('rename-tag', { tag: id, name: '贵宾' })).toEqual({ id, name: '贵宾' })
  expect(await office.ask('rename-tag', { tag: id, name: '其他' })).toMatchObject({
    refused: 'tag-exists',
    message: expect.stringContaining(other),
  })
  expect(await office.ask('rename-tag', { tag: 'VIP', name: '新' })).toMatchObject({ refused: 'tag-unknown' })
  expect((await office.value('list-tags', {})).tags).toEqual([
    { id, name: '贵宾', roomCount: 1 },
    { id: other, name: '其他', roomCount: 0 },
  ])
})

test('OP-27 a tag is removed by its id or its name, with how many chats had it', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { chatId } = await office.botInRoom(workspace)
  const { id } = await office.value('add-tag', { name: 'VIP' })
  await office.value('assign-tag', { tag: id, chats: [chatId] })
  expect(await office.value('remove-tag', { tag: 'VIP' })).toEqual({ id, chats: 1 })
  expect(await office.ask('remove-tag', { tag: id })).toMatchObject({ refused: 'tag-unknown' })
  expect((await office.value('list-tags', {})).tags).toEqual([])
})

test('OP-28 a callback base is cleared, once, and set again under the same secret', async () => {
  const workspaceId = await office.workspaceNamed('甲')
  const url = 'http://example.com/hook'
  const { secret } = await office.value('set-callback-url', { url })
  expect(await office.value('clear-callback-url', {})).toEqual({ workspaceId, cleared: true })
  expect(await office.value('clear-callback-url', {})).toEqual({ workspaceId, cleared: false })
  expect(await office.ask('show-callback-address', {})).toMatchObject({ refused: 'callback-url-unset' })
  expect(await office.value('set-callback-url', { url })).toMatchObject({ secret })
})

test('OP-40 what is given of a bot is changed and the rest stays; what is unclear changes nothing', async () => {
  await office.workspaceNamed('甲')
  const endpoint = '127.0.0.1:18788'
  const { id } = await office.value('add-bot', { endpoint, token: 'puppet_one', tls: true })
  const { id: other } = await office.value('add-bot', { endpoint, token: 'puppet_two' })
  const refused = async (input: object) => (await office.ask('set-bot', { bot: id, ...input })) as object
  expect(await refused({})).toMatchObject({ refused: 'nothing-to-set' })
  expect(await refused({ endpoint, discovery: 'example.com' })).toMatchObject({ refused: 'address-unclear' })
  expect(await refused({ token: 'puppet_two' })).toMatchObject({
    refused: 'puppet-taken',
    message: expect.stringContaining(other),
  })
  expect(await office.value('set-bot', { bot: id, endpoint: '127.0.0.1:9' })).toMatchObject({
    endpoint: '127.0.0.1:9',
    tls: true,
    expectedUserId: null,
  })
  expect(await office.value('set-bot', { bot: id, discovery: 'example.com', tls: false })).toMatchObject({
    endpoint: '',
    discovery: 'example.com',
    tls: false,
  })
  expect(await office.value('set-bot', { bot: id, userId: 'lin' as UserId })).toMatchObject({
    discovery: 'example.com',
    expectedUserId: 'lin',
  })
  expect(await office.value('set-bot', { bot: 'lin', token: 'puppet_one' })).toMatchObject({ id })
})

test('OP-41 a removed bot is unknown, and its puppet token may be added again', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { botId } = await office.botInRoom(workspace)
  expect(await office.value('remove-bot', { bot: 'xiaobei' })).toEqual({ id: botId, chats: 1 })
  for (const bot of [botId, 'xiaobei'])
    expect(await office.ask('remove-bot', { bot })).toMatchObject({ refused: 'bot-unknown' })
  expect((await office.value('list-chats', {})).chats).toEqual([])
  expect((await office.botInRoom(workspace)).botId).not.toBe(botId)
})

test('OP-42 without a gateway no node is there, and the list says so', async () => {
  const workspace = await office.workspaceNamed('甲')
  await office.botInRoom(workspace)
  expect(await office.value('list-nodes', {})).toEqual({ live: false, nodes: [], free: 1 })
})

test('OP-19 a second tag of the same name is refused', async () => {
  await office.workspaceNamed('甲')
  const { id } = await office.value('add-tag', { name: 'VIP' })
  expect(await office.ask('add-tag', { name: 'VIP' })).toMatchObject({
    refused: 'tag-exists',
    message: expect.stringContaining(id),
  })
  expect((await office.value('list-tags', {})).tags).toEqual([{ id, name: 'VIP', roomCount: 0 }])
})

test('OP-20 one unknown chat, and no chat is tagged', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { chatId } = await office.botInRoom(workspace)
  const { id: tag } = await office.value('add-tag', { name: 'VIP' })
  expect(await office.ask('assign-tag', { tag, chats: [chatId, ABSENT_ID] })).toMatchObject({
    refused: 'chat-unknown',
  })
  expect((await office.value('list-tags', {})).tags).toMatchObject([{ roomCount: 0 }])
})

test('OP-20 a tag is put on chats and taken off, by its id or its name, and once is enough', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { chatId } = await office.botInRoom(workspace)
  const { id: tag } = await office.value('add-tag', { name: 'VIP' })
  const outcome = (word: string) => ({ tag, chats: [{ chatId, outcome: word }] })
  expect(await office.value('assign-tag', { tag, chats: [chatId, chatId] })).toEqual(outcome('assigned'))
  expect(await office.value('assign-tag', { tag: 'VIP', chats: [chatId] })).toEqual(outcome('already'))
  expect((await office.value('list-tags', {})).tags).toMatchObject([{ roomCount: 1 }])
  expect(await office.value('unassign-tag', { tag: 'VIP', chats: [chatId] })).toEqual(outcome('unassigned'))
  expect(await office.value('unassign-tag', { tag, chats: [chatId] })).toEqual(outcome('not-assigned'))
})

test('BOT-130 a bot is added with an endpoint or with whom to ask for it, and not with both or neither', async () => {
  const workspace = await office.workspaceNamed('甲')
  const both = { endpoint: '127.0.0.1:1', discovery: 'discovery.example' }
  for (const where of [{}, both])
    expect(await office.ask('add-bot', { workspace, token: 'puppet_token', ...where })).toMatchObject({
      refused: 'address-unclear',
    })
  const added = await office.value('add-bot', { workspace, token: 'puppet_token', discovery: both.discovery })
  expect(added).toMatchObject({ endpoint: '', discovery: both.discovery, isPlainAbroad: true })
  const { bots } = await office.value('list-bots', { workspace })
  expect(bots).toMatchObject([{ endpoint: '', discovery: both.discovery }])
})
