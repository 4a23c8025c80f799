import { ABSENT_ID, type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import type { VerbName, WorkspaceId } from '@qunhub/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runVerb } from './run-verb.ts'

let office: Office

beforeEach(async () => {
  office = await openOffice()
})
afterEach(() => office.close())

test.each<[string, VerbName, Record<string, unknown>, string]>([
  ['a name is missing', 'add-workspace', {}, 'name'],
  ['a name is no text', 'add-workspace', { name: 5 }, 'name'],
  ['a name holds a NUL', 'add-workspace', { name: 'a\0' }, 'name'],
  ['a workspace has no name', 'list-tokens', { workspace: '' }, 'workspace'],
  ['a workspace has a NUL in its name', 'list-tokens', { workspace: 'x\0' }, 'workspace'],
  ['an endpoint lacks its port', 'add-bot', { endpoint: '127.0.0.1', token: 'abc_12345' }, 'endpoint'],
  ['an endpoint has port 0', 'add-bot', { endpoint: '127.0.0.1:0', token: 'abc_12345' }, 'endpoint'],
  ['an endpoint is a URL', 'add-bot', { endpoint: 'http://127.0.0.1:1', token: 'abc_12345' }, 'endpoint'],
  ['a puppet token is short', 'add-bot', { endpoint: '127.0.0.1:1', token: 'abc_123' }, 'token'],
  ['a puppet token has a slash', 'add-bot', { endpoint: '127.0.0.1:1', token: 'abc/12345' }, 'token'],
  ['a callback base is no URL', 'set-callback-url', { url: 'nonsense' }, 'url'],
  ['a callback base is no http', 'set-callback-url', { url: 'ftp://example.com' }, 'url'],
  ['a callback base has a fragment', 'set-callback-url', { url: 'http://example.com/#a' }, 'url'],
  [
    'a password in it has a @ that is not encoded',
    'set-callback-url',
    { url: 'http://a:b@c/d@example.com/' },
    'url',
  ],
  ['a password in it has a broken escape', 'set-callback-url', { url: 'http://a:100%@example.com/' }, 'url'],
  ['a path could be the rest of a password', 'set-callback-url', { url: 'http://a@example.com/@all' }, 'url'],
  ['a user in it has a colon', 'set-callback-url', { url: 'http://a%3Ab:c@example.com/' }, 'url'],
  ['a password in it has a line break', 'set-callback-url', { url: 'http://a:b%0Ac@example.com/' }, 'url'],
  ['a callback base has a NUL', 'set-callback-url', { url: 'http://example.com/\0' }, 'url'],
  ['a callback base has a space', 'set-callback-url', { url: 'http://example.com/a b' }, 'url'],
  ['no chat is given', 'assign-tag', { tag: 'x', chats: [] }, 'chats'],
  ['a limit is too large', 'list-callbacks', { limit: 501 }, 'limit'],
  ['a state is unknown', 'list-callbacks', { state: 'lost' }, 'state'],
  ['a callback id is no number', 'show-callback', { id: 'x' }, 'id'],
])('OP-10 malformed input is refused with the field named: %s', async (_what, name, input, field) => {
  await office.workspaceNamed('甲')
  const reply = await runVerb(name, input, office.deps)
  expect(reply).toMatchObject({
    ok: false,
    refused: 'malformed',
    message: expect.stringMatching(`^${field}: `),
  })
})

test('OP-11 without a workspace, what belongs to one is refused', async () => {
  expect(await office.ask('list-tokens', {})).toMatchObject({ refused: 'workspace-none' })
  expect(await office.ask('list-tokens', { workspace: ABSENT_ID as WorkspaceId })).toMatchObject({
    refused: 'workspace-unknown',
  })
})

test('OP-11 the workspace need not be named while there is only one', async () => {
  const first = await office.workspaceNamed('甲')
  expect(await office.value('issue-token', {})).toMatchObject({ workspaceId: first })
  await office.workspaceNamed('乙')
  expect(await office.ask('issue-token', {})).toMatchObject({ refused: 'workspace-unclear' })
  expect(await office.value('issue-token', { workspace: first })).toMatchObject({ workspaceId: first })
})

test('OP-46 a workspace may be named by its id or its name, as long as that is one workspace', async () => {
  const first = await office.workspaceNamed('甲')
  const second = await office.workspaceNamed('乙')
  expect(await office.value('issue-token', { workspace: '甲' })).toMatchObject({ workspaceId: first })
  expect(await office.ask('issue-token', { workspace: 'x' })).toMatchObject({
    refused: 'workspace-unknown',
    message: expect.stringContaining('(x)'),
  })
  await office.workspaceNamed('乙')
  expect(await office.ask('issue-token', { workspace: '乙' })).toMatchObject({
    refused: 'workspace-ambiguous',
  })
  // An id goes before a name, so nobody can take the place of another by his name.
  const named = await office.workspaceNamed(second)
  expect(await office.value('issue-token', { workspace: second })).toMatchObject({ workspaceId: second })
  expect(named).not.toBe(second)
})

test('G-11 what another workspace has and what nobody has is refused in the same words', async () => {
  const ours = await office.workspaceNamed('甲')
  const theirs = await office.workspaceNamed('乙')
  const { botId, chatId } = await office.botInRoom(theirs)
  const { id: token } = await office.value('issue-token', { workspace: theirs })
  const { id: tag } = await office.value('add-tag', { workspace: theirs, name: 'VIP' })
  const { id: ourTag } = await office.value('add-tag', { workspace: ours, name: '甲' })
  const { chatId: ourChat } = await office.botInRoom(ours, { token: 'our_token' })

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
      JSON.stringify(await runVerb(name, { workspace: ours, ...input(id) }, office.deps)).replaceAll(
        id,
        '<id>',
      )
    expect(await hear(foreign), name).toBe(await hear(ABSENT_ID))
    expect(await hear(foreign), name).toContain('"ok":false')
  }
  expect((await office.value('list-tokens', { workspace: theirs })).tokens).toMatchObject([
    { revokedAt: null },
  ])
  expect((await office.value('list-tags', { workspace: theirs })).tags).toMatchObject([{ roomCount: 0 }])
})
