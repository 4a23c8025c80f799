import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallbackKind, ContactWxid, RoomWxid, UserId, VerbAsk, VerbName, VerbOutput, WorkspaceId } from '@qunhub/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MovedClock } from '../../testing/moved-clock.ts'
import type { BotAccount } from '../model/bot.ts'
import type { Contact } from '../model/contact.ts'
import { Keyring } from '../model/keyring.ts'
import { systemRandom } from '../model/random.ts'
import { saveBotAccount, saveBotSession } from '../store/bots.ts'
import { enqueueCallback } from '../store/callbacks.ts'
import { openStore, type Store } from '../store/open-store.ts'
import { saveRoom } from '../store/rooms.ts'
import { findToken } from '../store/tokens.ts'
import { runVerb } from './run-verb.ts'
import type { VerbDeps } from './verb.ts'

let dataDir: string
let store: Store
let deps: VerbDeps
const clock = new MovedClock()

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'qunhub-operator-'))
  store = await openStore({ dataDir })
  deps = { db: store.db, keyring: new Keyring(Buffer.alloc(32, 1)), clock, random: systemRandom, live: null }
})
afterEach(async () => {
  await store.close()
  await rm(dataDir, { recursive: true })
})

const ask = <N extends VerbName>(name: N, input: VerbAsk<N>) => runVerb(name, input, deps)

async function value<N extends VerbName>(name: N, input: VerbAsk<N>): Promise<VerbOutput<N>> {
  const reply = await ask(name, input)
  if (!reply.ok) throw new Error(`${name} was refused: ${reply.message}`)
  return reply.value as VerbOutput<N>
}

const workspaceNamed = async (name: string): Promise<WorkspaceId> => (await value('add-workspace', { name })).id

const ABSENT = 'f'.repeat(24)

/** A bot that has logged in and is in one room. */
async function botInRoom(workspace: WorkspaceId, { token = 'puppet_token', roomWxid = 'R:1', userId = 'xiaobei' } = {}) {
  const { id } = await value('add-bot', { workspace, endpoint: '127.0.0.1:18788', token })
  const account: BotAccount = {
    wxid: '1688850000000001' as ContactWxid,
    userId: userId as UserId,
    nickName: '小北',
    avatarUrl: '',
    kind: 'wecom',
  }
  await saveBotAccount(deps.db, workspace, id, account)
  const members = [{ contact: contactOf(account.wxid), roomAlias: null }]
  const room = {
    wxid: roomWxid as RoomWxid,
    topic: '大街小巷',
    avatarUrl: '',
    ownerId: account.wxid,
    external: true,
    wecomChatId: null,
    members,
  }
  const saved = await saveRoom(deps.db, { workspaceId: workspace, botId: id, room, at: clock.now() }, () => null)
  return { botId: id, chatId: saved.chat.chatId }
}

const contactOf = (wxid: ContactWxid): Contact => ({
  wxid,
  name: '小北',
  alias: null,
  avatarUrl: '',
  gender: 0,
  type: 3,
  isFriend: false,
  coworker: true,
  corporation: null,
  handle: null,
  unionId: null,
})

test.each<[string, VerbName, Record<string, unknown>, string]>([
  ['a name is missing', 'add-workspace', {}, 'name'],
  ['a name is no text', 'add-workspace', { name: 5 }, 'name'],
  ['a name holds a NUL', 'add-workspace', { name: 'a\0' }, 'name'],
  ['a workspace id has another form', 'list-tokens', { workspace: 'x' }, 'workspace'],
  ['an endpoint lacks its port', 'add-bot', { endpoint: '127.0.0.1', token: 'abc_12345' }, 'endpoint'],
  ['an endpoint has port 0', 'add-bot', { endpoint: '127.0.0.1:0', token: 'abc_12345' }, 'endpoint'],
  ['an endpoint is a URL', 'add-bot', { endpoint: 'http://127.0.0.1:1', token: 'abc_12345' }, 'endpoint'],
  ['a puppet token is short', 'add-bot', { endpoint: '127.0.0.1:1', token: 'abc_123' }, 'token'],
  ['a puppet token has a slash', 'add-bot', { endpoint: '127.0.0.1:1', token: 'abc/12345' }, 'token'],
  ['a callback base is no URL', 'set-callback-url', { url: 'nonsense' }, 'url'],
  ['a callback base is no http', 'set-callback-url', { url: 'ftp://example.com' }, 'url'],
  ['a callback base has credentials', 'set-callback-url', { url: 'http://a:b@example.com' }, 'url'],
  ['a callback base has a NUL', 'set-callback-url', { url: 'http://example.com/\0' }, 'url'],
  ['a callback base has a space', 'set-callback-url', { url: 'http://example.com/a b' }, 'url'],
  ['no chat is given', 'assign-tag', { tag: 'x', chats: [] }, 'chats'],
  ['a limit is too large', 'list-callbacks', { limit: 501 }, 'limit'],
  ['a state is unknown', 'list-callbacks', { state: 'lost' }, 'state'],
  ['a callback id is no number', 'show-callback', { id: 'x' }, 'id'],
])('OP-10 malformed input is refused with the field named: %s', async (_what, name, input, field) => {
  await workspaceNamed('甲')
  const reply = await runVerb(name, input, deps)
  expect(reply).toMatchObject({ ok: false, refused: 'malformed', message: expect.stringMatching(`^${field}: `) })
})

test('OP-11 without a workspace, what belongs to one is refused', async () => {
  expect(await ask('list-tokens', {})).toMatchObject({ refused: 'workspace-none' })
  expect(await ask('list-tokens', { workspace: ABSENT as WorkspaceId })).toMatchObject({ refused: 'workspace-unknown' })
})

test('OP-11 the workspace need not be named while there is only one', async () => {
  const first = await workspaceNamed('甲')
  expect(await value('issue-token', {})).toMatchObject({ workspaceId: first })
  await workspaceNamed('乙')
  expect(await ask('issue-token', {})).toMatchObject({ refused: 'workspace-unclear' })
  expect(await value('issue-token', { workspace: first })).toMatchObject({ workspaceId: first })
})

test('OP-12 the switches of a workspace are set one by one', async () => {
  await workspaceNamed('甲')
  expect(await ask('set-workspace', {})).toMatchObject({ refused: 'nothing-to-set' })
  expect(await value('set-workspace', { showWecomChatId: true })).toMatchObject({
    showWecomChatId: true,
    paceAdditions: false,
  })
  expect(await value('set-workspace', { paceAdditions: true })).toMatchObject({
    showWecomChatId: true,
    paceAdditions: true,
  })
  expect(await value('set-workspace', { showWecomChatId: false })).toMatchObject({
    showWecomChatId: false,
    paceAdditions: true,
  })
  expect((await value('list-workspaces', {})).workspaces).toHaveLength(1)
})

test('OP-13 a token is told once, works at once, and is no longer told by the list', async () => {
  const workspaceId = await workspaceNamed('甲')
  const issued = await value('issue-token', { label: '客服系统' })
  expect(issued.token).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(await findToken(deps.db, deps.keyring, issued.token)).toEqual({ tokenId: issued.id, workspaceId })

  const listed = await value('list-tokens', {})
  expect(listed.tokens).toMatchObject([{ id: issued.id, label: '客服系统', revokedAt: null }])
  expect(JSON.stringify(listed)).not.toContain(issued.token)
})

test('OP-13 a revoked token works no more, and cannot be revoked again', async () => {
  await workspaceNamed('甲')
  const { id, token } = await value('issue-token', {})
  await value('revoke-token', { id })
  expect(await findToken(deps.db, deps.keyring, token)).toBeUndefined()
  expect((await value('list-tokens', {})).tokens).toMatchObject([{ id, revokedAt: clock.now() }])
  expect(await ask('revoke-token', { id })).toMatchObject({ refused: 'token-unknown' })
})

test('OP-14 a bot is listed without its puppet token, which the store keeps sealed', async () => {
  await workspaceNamed('甲')
  const added = await ask('add-bot', { endpoint: '[::1]:18788', token: 'canary_token', tls: true, userId: 'lin' as UserId })
  expect(added).toMatchObject({
    ok: true,
    value: { endpoint: '[::1]:18788', tls: true, expectedUserId: 'lin', account: null, session: { state: 'new' } },
  })
  const listed = await ask('list-bots', {})
  expect(JSON.stringify([added, listed])).not.toContain('canary_token')
  for (const file of ['qunhub.sqlite', 'qunhub.sqlite-wal']) {
    expect(await readFile(join(dataDir, file), 'latin1')).not.toContain('canary_token')
  }
})

test('OP-14 a puppet serves one client, so its token is refused a second time, in any workspace', async () => {
  const first = await workspaceNamed('甲')
  const second = await workspaceNamed('乙')
  const endpoint = '127.0.0.1:18788'
  const { id } = await value('add-bot', { workspace: first, endpoint, token: 'puppet_one' })
  expect(await ask('add-bot', { workspace: second, endpoint, token: 'puppet_one' })).toMatchObject({
    refused: 'puppet-taken',
    message: expect.stringContaining(id),
  })
  expect((await value('list-bots', { workspace: second })).bots).toEqual([])
})

test('OP-15 without a gateway bots show the state that was last recorded, and the list says so', async () => {
  const workspace = await workspaceNamed('甲')
  const { botId } = await botInRoom(workspace)
  const since = clock.now() - 5000
  await saveBotSession(deps.db, workspace, botId, { state: 'offline', reason: '手机端退出', since })
  expect(await value('list-bots', {})).toMatchObject({
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
  const workspace = await workspaceNamed('甲')
  const { botId } = await botInRoom(workspace)
  expect(await ask('sync-bot', { bot: ABSENT })).toMatchObject({ refused: 'bot-unknown' })
  expect(await ask('sync-bot', { bot: botId })).toMatchObject({ refused: 'gateway-not-running' })
})

test('OP-17 a bot may be named by its id or by its userId, as long as that is one bot', async () => {
  const workspace = await workspaceNamed('甲')
  const { botId, chatId } = await botInRoom(workspace)
  expect((await value('list-chats', { bot: botId })).chats).toMatchObject([{ chatId, botNickName: '小北' }])
  expect((await value('list-chats', { bot: 'xiaobei' })).chats).toMatchObject([{ chatId }])
  await value('add-bot', { endpoint: '127.0.0.1:18788', token: 'another_token', userId: 'xiaobei' as UserId })
  expect(await ask('list-chats', { bot: 'xiaobei' })).toMatchObject({ refused: 'bot-ambiguous' })
})

test('OP-18 chats are found by a part of their topic, and the list says when there are more', async () => {
  const workspace = await workspaceNamed('甲')
  const { chatId } = await botInRoom(workspace)
  expect(await value('list-chats', { topic: '街小' })).toMatchObject({
    chats: [{ chatId, roomWxid: 'R:1', topic: '大街小巷', memberCount: 1 }],
    more: false,
  })
  expect(await value('list-chats', { topic: '%' })).toEqual({ chats: [], more: false })
  await botInRoom(workspace, { token: 'another_token', roomWxid: 'R:2', userId: 'lin' })
  expect(await value('list-chats', { limit: 1 })).toMatchObject({ chats: [{ chatId }], more: true })
})

test('OP-19 a second tag of the same name is refused', async () => {
  await workspaceNamed('甲')
  const { id } = await value('add-tag', { name: 'VIP' })
  expect(await ask('add-tag', { name: 'VIP' })).toMatchObject({ refused: 'tag-exists', message: expect.stringContaining(id) })
  expect((await value('list-tags', {})).tags).toEqual([{ id, name: 'VIP', roomCount: 0 }])
})

test('OP-20 one unknown chat, and no chat is tagged', async () => {
  const workspace = await workspaceNamed('甲')
  const { chatId } = await botInRoom(workspace)
  const { id: tag } = await value('add-tag', { name: 'VIP' })
  expect(await ask('assign-tag', { tag, chats: [chatId, ABSENT] })).toMatchObject({ refused: 'chat-unknown' })
  expect((await value('list-tags', {})).tags).toMatchObject([{ roomCount: 0 }])
})

test('OP-20 a tag is put on chats and taken off, by its id or its name, and once is enough', async () => {
  const workspace = await workspaceNamed('甲')
  const { chatId } = await botInRoom(workspace)
  const { id: tag } = await value('add-tag', { name: 'VIP' })
  const outcome = (word: string) => ({ tag, chats: [{ chatId, outcome: word }] })
  expect(await value('assign-tag', { tag, chats: [chatId, chatId] })).toEqual(outcome('assigned'))
  expect(await value('assign-tag', { tag: 'VIP', chats: [chatId] })).toEqual(outcome('already'))
  expect((await value('list-tags', {})).tags).toMatchObject([{ roomCount: 1 }])
  expect(await value('unassign-tag', { tag: 'VIP', chats: [chatId] })).toEqual(outcome('unassigned'))
  expect(await value('unassign-tag', { tag, chats: [chatId] })).toEqual(outcome('not-assigned'))
})

test('G-11 what another workspace has and what nobody has is refused in the same words', async () => {
  const ours = await workspaceNamed('甲')
  const theirs = await workspaceNamed('乙')
  const { botId, chatId } = await botInRoom(theirs)
  const { id: token } = await value('issue-token', { workspace: theirs })
  const { id: tag } = await value('add-tag', { workspace: theirs, name: 'VIP' })
  const { id: ourTag } = await value('add-tag', { workspace: ours, name: '甲' })
  const { chatId: ourChat } = await botInRoom(ours, { token: 'our_token' })

  const asked: [VerbName, (id: string) => object, string][] = [
    ['revoke-token', id => ({ id }), token],
    ['sync-bot', bot => ({ bot }), botId],
    ['list-chats', bot => ({ bot }), botId],
    ['assign-tag', id => ({ tag: id, chats: [ourChat] }), tag],
    ['assign-tag', id => ({ tag: ourTag, chats: [id] }), chatId],
    ['unassign-tag', id => ({ tag: id, chats: [ourChat] }), tag],
    ['unassign-tag', id => ({ tag: ourTag, chats: [id] }), chatId],
  ]
  for (const [name, input, foreign] of asked) {
    const hear = async (id: string) =>
      JSON.stringify(await runVerb(name, { workspace: ours, ...input(id) }, deps)).replaceAll(id, '<id>')
    expect(await hear(foreign), name).toBe(await hear(ABSENT))
    expect(await hear(foreign), name).toContain('"ok":false')
  }
  expect((await value('list-tokens', { workspace: theirs })).tokens).toMatchObject([{ revokedAt: null }])
  expect((await value('list-tags', { workspace: theirs })).tags).toMatchObject([{ roomCount: 0 }])
})

test('OP-21 a callback base comes with a signing secret, which stays when the base moves', async () => {
  const workspaceId = await workspaceNamed('甲')
  expect(await ask('show-callback-secret', {})).toMatchObject({ refused: 'callback-url-unset' })
  const first = await value('set-callback-url', { url: 'https://example.com/hook?x=1' })
  expect(first).toEqual({ workspaceId, url: 'https://example.com/hook?x=1', secret: expect.stringMatching(/^whsec_/) })

  expect(await value('set-callback-url', { url: 'https://example.com/other' })).toMatchObject({ secret: null })
  expect(await value('show-callback-secret', {})).toEqual({
    workspaceId,
    url: 'https://example.com/other',
    secret: first.secret,
  })
})

/** Owes `loaded` for rooms, one after another, and returns the ids. */
async function owe(workspace: WorkspaceId, rooms: readonly string[], kind: CallbackKind = 'chatroom/loaded') {
  await value('set-callback-url', { workspace, url: 'http://127.0.0.1:9/' })
  for (const room of rooms) {
    const owed = { kind, laneKey: room, body: Buffer.from(`{"wxid":"${room}","topic":"大街小巷"}`) }
    await deps.db.write(tx => enqueueCallback(tx, workspace, owed, clock.now()))
  }
  const { callbacks } = await value('list-callbacks', { workspace, limit: rooms.length })
  return callbacks.map(callback => callback.id).reverse()
}

/** What a courier does with a callback whose retries are used up. */
async function park(workspace: WorkspaceId, id: number) {
  const { query } = deps.db
  const parked = { state: 'parked', attempt: 6, settled_at: clock.now() } as const
  const statement = query.updateTable('callback').set(parked).where('workspace_id', '=', workspace).where('id', '=', id)
  await deps.db.write(tx => tx.run(statement.compile()))
}

test('OP-22 callbacks are listed newest first, page by page, and by state, kind and room', async () => {
  const workspace = await workspaceNamed('甲')
  const [first, second, third] = await owe(workspace, ['R:1', 'R:2', 'R:1'])
  await park(workspace, second!)
  const idsOf = async (input: VerbAsk<'list-callbacks'>) =>
    (await value('list-callbacks', input)).callbacks.map(callback => callback.id)

  expect(await idsOf({})).toEqual([third, second, first])
  expect(await value('list-callbacks', { limit: 2 })).toMatchObject({ callbacks: [{}, {}], next: second })
  expect(await value('list-callbacks', { limit: 2, before: second! })).toMatchObject({ callbacks: [{ id: first }], next: null })
  expect(await idsOf({ room: 'R:1' })).toEqual([third, first])
  expect(await idsOf({ kind: 'chatroom/joined' })).toEqual([])
  expect((await value('list-callbacks', { state: 'parked' })).callbacks).toEqual([
    {
      id: second,
      webhookId: expect.stringMatching(/^msg_/),
      kind: 'chatroom/loaded',
      room: 'R:2',
      state: 'parked',
      attempts: 6,
      owedAt: clock.now(),
      dueAt: null,
      settledAt: clock.now(),
      lastStatus: null,
      lastError: null,
    },
  ])
})

test('OP-22 a callback is shown with its body as it is sent', async () => {
  const workspace = await workspaceNamed('甲')
  const [id] = await owe(workspace, ['R:1'])
  expect(await ask('show-callback', { id: 99 })).toMatchObject({ refused: 'callback-unknown' })
  expect(await value('show-callback', { id: id! })).toMatchObject({
    id,
    state: 'due',
    dueAt: clock.now(),
    history: [],
    body: '{"wxid":"R:1","topic":"大街小巷"}',
  })
})

test.each([
  ['nothing', {}],
  ['ids and a state', { ids: [1], state: 'parked' as const }],
  ['ids and a room', { ids: [1], room: 'R:1' }],
  ['a room without a state', { room: 'R:1' }],
])('OP-23 which callbacks to replay must be clear: %s', async (_what, input) => {
  await workspaceNamed('甲')
  expect(await ask('replay-callbacks', input)).toMatchObject({ refused: 'callbacks-unclear' })
})

test('OP-23 one unknown callback, and none is replayed', async () => {
  const workspace = await workspaceNamed('甲')
  const [first] = await owe(workspace, ['R:1'])
  await park(workspace, first!)
  expect(await ask('replay-callbacks', { ids: [first!, 99] })).toMatchObject({ refused: 'callback-unknown' })
  expect((await value('list-callbacks', { state: 'parked' })).callbacks).toHaveLength(1)
})

test('OP-23 a parked callback becomes due at once with all its retries, a due one stays as it is', async () => {
  const workspace = await workspaceNamed('甲')
  const [first, second] = await owe(workspace, ['R:1', 'R:2'])
  await park(workspace, first!)
  const { webhookId } = await value('show-callback', { id: first! })
  expect(await value('replay-callbacks', { ids: [second!, first!] })).toEqual({ replayed: [first], pending: [second] })
  expect(await value('show-callback', { id: first! })).toMatchObject({ state: 'due', attempts: 0, webhookId, dueAt: clock.now() })
})

test('OP-23 all parked callbacks are replayed oldest first, or those of one room', async () => {
  const workspace = await workspaceNamed('甲')
  const ids = await owe(workspace, ['R:1', 'R:2', 'R:3', 'R:2'])
  for (const id of ids) await park(workspace, id)
  const [first, second, third, fourth] = ids
  expect(await value('replay-callbacks', { state: 'parked', room: 'R:2' })).toEqual({ replayed: [second, fourth], pending: [] })
  expect(await value('replay-callbacks', { state: 'parked' })).toEqual({ replayed: [first, third], pending: [] })
  expect(await value('replay-callbacks', { state: 'parked' })).toEqual({ replayed: [], pending: [] })
})

test('G-11 callbacks of another workspace are as unknown as those that nobody has', async () => {
  const ours = await workspaceNamed('甲')
  const theirs = await workspaceNamed('乙')
  const ids = await owe(theirs, ['R:1', 'R:2'])
  for (const id of ids) await park(theirs, id)
  for (const id of [ids[0]!, 99]) {
    const unknown = { ok: false, refused: 'callback-unknown', message: expect.stringMatching(`: ${id}$`) }
    expect(await ask('show-callback', { workspace: ours, id })).toEqual(unknown)
    expect(await ask('replay-callbacks', { workspace: ours, ids: [id] })).toEqual(unknown)
  }
  expect(await value('replay-callbacks', { workspace: ours, state: 'parked' })).toEqual({ replayed: [], pending: [] })
  expect((await value('list-callbacks', { workspace: theirs, state: 'parked' })).callbacks).toHaveLength(2)
})
