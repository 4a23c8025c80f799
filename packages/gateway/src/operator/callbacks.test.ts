import { eventually } from '@qunhub/testing/eventually.ts'
import { type Office, openOffice } from '@qunhub/testing/grounds/open-office.ts'
import type { CallbackKind, VerbAsk, WorkspaceId } from '@qunhub/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AddressGuard, createAddressGuard } from '../model/address-guard.ts'
import { enqueueCallback } from '../store/contract/scene.contract.ts'
import { UNENDED_MAX } from '../store/outbox/replays.ts'
import { PARKED_AT_ONCE_MAX } from './callbacks.ts'
import { runVerb } from './run-verb.ts'
import { createNameVetting } from './vet-name.ts'

let office: Office

beforeEach(async () => {
  office = await openOffice()
})
afterEach(() => office.close())

const vetting = (guard: AddressGuard) => ({ vetName: createNameVetting(guard, office.clock) })

test.each([
  ['a literal', 'http://10.0.0.1/hook', '10.0.0.1'],
  ['a literal in disguise', 'http://0xa9fea9fe/latest', '169.254.169.254'],
  ['IPv6', 'https://[fd00::1]:8443/', 'fd00::1'],
  ['a name on the way to one', 'http://inside.example/', 'inside.example'],
])(
  'CB-11 a callback base at a private address is refused, and nothing is kept: %s',
  async (_what, url, where) => {
    const workspace = await office.workspaceNamed('甲')
    const guard = createAddressGuard([], async () => [{ address: '192.168.0.7', family: 4 }])
    const reply = await runVerb('set-callback-url', { workspace, url }, { ...office.deps, ...vetting(guard) })
    expect(reply).toMatchObject({ ok: false, refused: 'callback-url-refused' })
    expect(reply.ok ? '' : reply.message).toContain(`QUNHUB_CALLBACK_ALLOW_CIDRS (${where})`)
    expect(await office.ask('show-callback-address', { workspace })).toMatchObject({
      refused: 'callback-url-unset',
    })
  },
)

test('CB-11 a name that cannot be resolved, or not in time, is kept: each connection looks again', async () => {
  const workspace = await office.workspaceNamed('甲')
  const url = 'http://soon.example/'
  const nowhere = createAddressGuard([], () => Promise.reject(new Error('no such name')))
  const kept = { ok: true, value: { url } }
  expect(
    await runVerb('set-callback-url', { workspace, url }, { ...office.deps, ...vetting(nowhere) }),
  ).toMatchObject(kept)
  const silent = createAddressGuard([], () => new Promise(() => {}))
  const setting = runVerb('set-callback-url', { workspace, url }, { ...office.deps, ...vetting(silent) })
  await eventually('the patience with the name server', () => office.clock.nextIn() !== undefined)
  office.clock.advance(3000)
  expect(await setting).toMatchObject(kept)
})

test('CB-10 whoever sets one name after another whose name servers hang has one of them looked up, and takes no others from the rest', async () => {
  const [ours, theirs] = [await office.workspaceNamed('甲'), await office.workspaceNamed('乙')]
  const asked: string[] = []
  const answer = Promise.withResolvers<{ address: string; family: number }[]>()
  const guard = createAddressGuard([], name => {
    asked.push(name)
    return answer.promise
  })
  const deps = { ...office.deps, ...vetting(guard) }
  const set = (workspace: WorkspaceId, url: string) => runVerb('set-callback-url', { workspace, url }, deps)
  const first = set(ours, 'http://one.example/')
  await eventually('the first is looked up', () => asked.length === 1)
  // As with any name that cannot be resolved now: each connection looks again.
  expect(await set(ours, 'http://two.example/')).toMatchObject({ ok: true })
  expect(await set(ours, 'http://10.0.0.1/')).toMatchObject({ refused: 'callback-url-refused' })
  const another = set(theirs, 'http://three.example/')
  await eventually('that of another workspace is looked up', () => asked.length === 2)
  expect(asked).toEqual(['one.example', 'three.example'])
  answer.resolve([{ address: '192.168.0.7', family: 4 }])
  for (const setting of [first, another])
    expect(await setting).toMatchObject({ refused: 'callback-url-refused' })
  expect(await set(ours, 'http://four.example/')).toMatchObject({ refused: 'callback-url-refused' })
})

test('OP-21 a callback base comes with a signing secret, which stays when the base changes', async () => {
  const workspaceId = await office.workspaceNamed('甲')
  expect(await office.ask('show-callback-secret', {})).toMatchObject({ refused: 'callback-url-unset' })
  const first = await office.value('set-callback-url', { url: 'https://example.com/hook?x=1' })
  expect(first).toEqual({
    workspaceId,
    url: 'https://example.com/hook?x=1',
    secret: expect.stringMatching(/^whsec_/),
  })

  expect(await office.value('set-callback-url', { url: 'https://example.com/other' })).toMatchObject({
    secret: null,
  })
  expect(await office.value('show-callback-secret', {})).toEqual({
    workspaceId,
    url: 'https://example.com/other',
    secret: first.secret,
  })
})

/** Owes `loaded` for rooms, one after another, and returns the ids. */
async function owe(workspace: WorkspaceId, rooms: readonly string[], kind: CallbackKind = 'chatroom/loaded') {
  await office.value('set-callback-url', { workspace, url: 'http://127.0.0.1:9/' })
  for (const room of rooms) {
    const owed = { kind, laneKey: room, body: Buffer.from(`{"wxid":"${room}","topic":"大街小巷"}`) }
    await office.deps.db.write(tx => enqueueCallback(tx, workspace, owed, office.clock.now()))
  }
  const { callbacks } = await office.value('list-callbacks', { workspace, limit: rooms.length })
  return callbacks.map(callback => callback.id).reverse()
}

/** What a courier does with a callback whose retries are used up. */
async function park(workspace: WorkspaceId, id: number) {
  const { query } = office.deps.db
  const parked = { state: 'parked', attempt: 6, settled_at: office.clock.now() } as const
  const statement = query
    .updateTable('callback')
    .set(parked)
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
  await office.deps.db.write(tx => tx.run(statement.compile()))
}

test('OP-22 callbacks are listed newest first, page by page, and by state, kind and room', async () => {
  const workspace = await office.workspaceNamed('甲')
  const [first, second, third] = await owe(workspace, ['R:1', 'R:2', 'R:1'])
  await park(workspace, second!)
  const idsOf = async (input: VerbAsk<'list-callbacks'>) =>
    (await office.value('list-callbacks', input)).callbacks.map(callback => callback.id)

  expect(await idsOf({})).toEqual([third, second, first])
  expect(await office.value('list-callbacks', { limit: 2 })).toMatchObject({
    callbacks: [{}, {}],
    next: second,
  })
  expect(await office.value('list-callbacks', { limit: 2, before: second! })).toMatchObject({
    callbacks: [{ id: first }],
    next: null,
  })
  expect(await idsOf({ room: 'R:1' })).toEqual([third, first])
  expect(await idsOf({ kind: 'chatroom/joined' })).toEqual([])
  expect((await office.value('list-callbacks', { state: 'parked' })).callbacks).toEqual([
    {
      id: second,
      webhookId: expect.stringMatching(/^msg_/),
      kind: 'chatroom/loaded',
      room: 'R:2',
      state: 'parked',
      attempts: 6,
      owedAt: office.clock.now(),
      dueAt: null,
      settledAt: office.clock.now(),
      lastStatus: null,
      lastError: null,
    },
  ])
})

test('OP-22 a callback is shown with its body as it is sent', async () => {
  const workspace = await office.workspaceNamed('甲')
  const [id] = await owe(workspace, ['R:1'])
  expect(await office.ask('show-callback', { id: 99 })).toMatchObject({ refused: 'callback-unknown' })
  expect(await office.value('show-callback', { id: id! })).toMatchObject({
    id,
    state: 'due',
    dueAt: office.clock.now(),
    history: [],
    body: '{"wxid":"R:1","topic":"大街小巷"}',
  })
})

test('OP-22 a callback is found by the webhook-id that the receiver has seen, in its own workspace only', async () => {
  const workspace = await office.workspaceNamed('甲')
  const other = await office.workspaceNamed('乙')
  const [id] = await owe(workspace, ['R:1'])
  const { webhookId } = await office.value('show-callback', { workspace, id: id! })
  expect(await office.value('show-callback', { workspace, id: webhookId })).toMatchObject({ id, room: 'R:1' })
  expect(await office.ask('show-callback', { workspace: other, id: webhookId })).toMatchObject({
    refused: 'callback-unknown',
  })
})

test.each([
  ['nothing', {}],
  ['ids and a state', { ids: [1], state: 'parked' as const }],
  ['ids and a room', { ids: [1], room: 'R:1' }],
  ['a room without a state', { room: 'R:1' }],
])('OP-23 which callbacks to replay must be clear: %s', async (_what, input) => {
  await office.workspaceNamed('甲')
  expect(await office.ask('replay-callbacks', input)).toMatchObject({ refused: 'callbacks-unclear' })
})

test('OP-23 one unknown callback, and none is replayed', async () => {
  const workspace = await office.workspaceNamed('甲')
  const [first] = await owe(workspace, ['R:1'])
  await park(workspace, first!)
  expect(await office.ask('replay-callbacks', { ids: [first!, 99] })).toMatchObject({
    refused: 'callback-unknown',
  })
  expect((await office.value('list-callbacks', { state: 'parked' })).callbacks).toHaveLength(1)
})

test('OP-23 a parked callback becomes due at once with all its retries, a due one stays as it is', async () => {
  const workspace = await office.workspaceNamed('甲')
  const [first, second] = await owe(workspace, ['R:1', 'R:2'])
  await park(workspace, first!)
  const { webhookId } = await office.value('show-callback', { id: first! })
  expect(await office.value('replay-callbacks', { ids: [second!, first!] })).toEqual({
    replayed: [first],
    pending: [second],
  })
  expect(await office.value('show-callback', { id: first! })).toMatchObject({
    state: 'due',
    attempts: 0,
    webhookId,
    dueAt: office.clock.now(),
  })
})

test('OP-23 more than a thousand parked callbacks are not replayed at once, and none of them is', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { clock } = office
  const { db } = office.deps
  await owe(workspace, ['R:0'])
  await db.write(async tx => {
    for (let n = 0; n < PARKED_AT_ONCE_MAX; n++)
      await enqueueCallback(
        tx,
        workspace,
        { kind: 'chatroom/loaded', laneKey: 'R:1', body: Buffer.from(`${n}`) },
        clock.now(),
      )
    await tx.run(tx.query.updateTable('callback').set({ state: 'parked', settled_at: 0 }).compile())
  })
  const reply = await office.ask('replay-callbacks', { state: 'parked' })
  expect(reply).toMatchObject({ refused: 'callbacks-too-many' })
  expect(await office.value('replay-callbacks', { state: 'parked', room: 'R:0' })).toMatchObject({
    pending: [],
  })
  expect(await office.value('list-callbacks', { state: 'due' })).toMatchObject({ callbacks: [{}] })
})

test('OP-24 a workspace may have ten replays that have not ended', async () => {
  const workspace = await office.workspaceNamed('甲')
  const [id] = await owe(workspace, ['R:1'])
  await park(workspace, id!)
  for (let n = 0; n < UNENDED_MAX; n++) await office.value('start-replay', { state: 'parked' })
  expect(await office.ask('start-replay', { state: 'parked' })).toMatchObject({ refused: 'replays-too-many' })
})

test('OP-23 all parked callbacks are replayed oldest first, or those of one room', async () => {
  const workspace = await office.workspaceNamed('甲')
  const ids = await owe(workspace, ['R:1', 'R:2', 'R:3', 'R:2'])
  for (const id of ids) await park(workspace, id)
  const [first, second, third, fourth] = ids
  expect(await office.value('replay-callbacks', { state: 'parked', room: 'R:2' })).toEqual({
    replayed: [second, fourth],
    pending: [],
  })
  expect(await office.value('replay-callbacks', { state: 'parked' })).toEqual({
    replayed: [first, third],
    pending: [],
  })
  expect(await office.value('replay-callbacks', { state: 'parked' })).toEqual({ replayed: [], pending: [] })
})

test('G-11 callbacks of another workspace are as unknown as those that nobody has', async () => {
  const ours = await office.workspaceNamed('甲')
  const theirs = await office.workspaceNamed('乙')
  const ids = await owe(theirs, ['R:1', 'R:2'])
  for (const id of ids) await park(theirs, id)
  for (const id of [ids[0]!, 99]) {
    const unknown = { ok: false, refused: 'callback-unknown', message: expect.stringContaining(`(${id})`) }
    expect(await office.ask('show-callback', { workspace: ours, id })).toEqual(unknown)
    expect(await office.ask('replay-callbacks', { workspace: ours, ids: [id] })).toEqual(unknown)
  }
  expect(await office.value('replay-callbacks', { workspace: ours, state: 'parked' })).toEqual({
    replayed: [],
    pending: [],
  })
  expect(
    (await office.value('list-callbacks', { workspace: theirs, state: 'parked' })).callbacks,
  ).toHaveLength(2)
})

test('OP-24 a replay by range says at least one condition', async () => {
  await office.workspaceNamed('甲')
  expect(await office.ask('start-replay', {})).toMatchObject({ refused: 'replay-unclear' })
  expect(await office.ask('start-replay', { dryRun: true })).toMatchObject({ refused: 'replay-unclear' })
})

test('OP-24 a dry run counts and changes nothing; a replay can be paused, continued and cancelled', async () => {
  const workspace = await office.workspaceNamed('甲')
  for (const id of await owe(workspace, ['R:1', 'R:2'])) await park(workspace, id)
  expect(await office.value('start-replay', { state: 'parked', dryRun: true })).toEqual({
    ...{ matching: 2, atLeast: false },
    replay: null,
  })
  expect((await office.value('list-replays', {})).replays).toEqual([])

  const { matching, replay } = await office.value('start-replay', { state: 'parked', room: 'R:2' })
  expect({ matching, replay }).toMatchObject({ matching: 1, replay: { state: 'running', replayed: 0 } })
  expect(replay!.filter).toEqual({ state: 'parked', room: 'R:2' })
  const steer = (to: 'pause' | 'continue' | 'cancel') => office.ask('steer-replay', { id: replay!.id, to })
  expect(await steer('pause')).toMatchObject({ value: { state: 'paused' } })
  expect(await steer('continue')).toMatchObject({ value: { state: 'running' } })
  expect(await steer('cancel')).toMatchObject({ value: { state: 'cancelled' } })
  expect(await steer('continue')).toMatchObject({ refused: 'replay-unknown' })
  expect((await office.value('list-replays', {})).replays).toMatchObject([{ state: 'cancelled' }])
})

test.each(['rotate-callback-secret', 'show-callback-address', 'resume-callbacks'] as const)(
  'OP-25 %s wants an address',
  async verb => {
    await office.workspaceNamed('甲')
    expect(await office.ask(verb, {})).toMatchObject({ refused: 'callback-url-unset' })
  },
)

test('OP-25 an address that is well has nothing to resume; its secret is replaced and told once', async () => {
  const workspace = await office.workspaceNamed('甲')
  await owe(workspace, ['R:1'])
  expect(await office.value('show-callback-address', {})).toMatchObject({ breaker: 'closed', waiting: 1 })
  expect(await office.value('resume-callbacks', {})).toMatchObject({ resumed: false })
  const { secret } = await office.value('rotate-callback-secret', { overlapHours: 1 })
  expect(await office.value('show-callback-secret', {})).toMatchObject({ secret })
})

test('OP-25 a rotation that ends a former secret before its time says which one, by its beginning, and never the whole secret', async () => {
  const workspace = await office.workspaceNamed('甲')
  const { secret: first } = await office.value('set-callback-url', {
    workspace,
    url: 'https://shop.example/',
  })
  const rotate = () => office.value('rotate-callback-secret', { workspace })
  const { formerUntil } = await rotate()
  for (let n = 0; n < 3; n++) expect(await rotate()).toMatchObject({ endedEarly: [] })
  office.clock.advance(60_000)
  const { endedEarly, secret } = await rotate()
  expect(endedEarly).toEqual([{ secret: `${first!.slice(0, 14)}…`, promisedUntil: formerUntil }])
  expect(first).not.toBe(secret)
})
