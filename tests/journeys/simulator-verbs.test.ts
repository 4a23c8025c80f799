import { eventually } from '@qunhub/testing/eventually.ts'
import { type House, openHouse } from '@qunhub/testing/grounds/open-house.ts'
import { endpoints, operatorVerbs, type SimulatedFault, simulatedFaults, type VerbName } from '@qunhub/wire'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { runVerb } from '../../packages/gateway/src/operator/run-verb.ts'

let house: House
let botWxid: string
let room: string
let lin: string
let zhang: string

const moves = (Object.keys(operatorVerbs) as VerbName[]).filter(name => /simulat/.test(name))

beforeAll(async () => {
  house = await openHouse()
  const { world } = house
  const bot = world.addBot({ userId: 'xiaobei' })
  botWxid = bot.wxid
  lin = world.addContact({ name: '林晓', friendOf: [botWxid] }).wxid
  zhang = world.addContact({ name: '张伟', friendOf: [botWxid] }).wxid
  const owner = world.addContact({ name: '群主' }).wxid
  room = world.addRoom({ topic: '老客户群', ownerId: owner, members: [owner, botWxid], external: true }).wxid
  await house.host(bot)
})
afterAll(() => house.close())
beforeEach(() => house.simulator.faults.clear())

const refusalOf = async (verb: VerbName, ask: object) => {
  const reply = await runVerb(verb, ask, house.gateway.operator)
  return reply.ok ? undefined : reply.refused
}
const membersOf = (wxid: string) => house.world.room(wxid).members.size

test('CON-40 where no simulator runs each of its verbs is refused in words', async () => {
  const { operator } = house.gateway
  const without = { ...operator, live: { ...operator.live!, simulatedWorld: () => undefined } }
  const asks: Partial<Record<VerbName, object>> = {
    'simulate-card': { card: 'c', answer: 'accept' },
    'simulate-crowd': { room, members: 39 },
    'simulate-message': { room, from: lin, text: '在吗' },
    'simulate-account': { account: botWxid, to: 'offline' },
    'simulate-fault': { fault: 'add-refused' },
  }
  expect(moves).toHaveLength(9)
  for (const verb of moves)
    for (const deps of [without, { ...operator, live: null }])
      expect(await runVerb(verb, asks[verb] ?? { room, contact: lin }, deps), verb).toMatchObject({
        ok: false,
        refused: 'no-simulator',
        message: expect.stringContaining('npm start'),
      })
})

test('CON-40 the world is shown as far as somebody looks for it, and no token of it', async () => {
  const all = await house.operate('show-simulator', { room })
  expect(all.accounts).toMatchObject([{ wxid: botWxid, userId: 'xiaobei', state: 'online' }])
  expect(all.members!.map(({ isAccount, isOwner }) => [isAccount, isOwner])).toEqual([
    [false, true],
    [true, false],
  ])
  expect(JSON.stringify(all)).not.toContain(house.world.bot(botWxid).token)
  const found = await house.operate('show-simulator', { find: '林晓', limit: 1 })
  expect([found.contacts.map(({ wxid }) => wxid), found.rooms, found.members, found.more]).toEqual([
    ...[[lin], [], null, false],
  ])
  expect((await house.operate('show-simulator', { limit: 1 })).more).toBe(true)
  expect(await refusalOf('show-simulator', { room: 'R:0' })).toBe('world-unknown')
})

test('CON-40 who joins, leaves or takes a card causes a callback that is found by the moment of it', async () => {
  const causedBy = async ({ at, room }: { at: number; room: string | null }) => {
    expect(room).not.toBeNull()
    await eventually('a callback is owed', async () => {
      const { callbacks } = await house.operate('list-callbacks', {
        ...{ workspace: house.workspaceId, room: room!, from: at },
      })
      return callbacks.length > 0
    })
  }
  // That a customer came or left is told only where these kinds are switched on (NB-6).
  await house.operate('set-workspace', { workspace: house.workspaceId, roomJoined: true, roomLeft: true })
  await causedBy(await house.operate('simulate-join', { room, contact: lin }))
  expect(membersOf(room)).toBe(3)
  await causedBy(await house.operate('simulate-leave', { room, contact: lin }))
  await house.operate('simulate-crowd', { room, members: 40 })
  expect(membersOf(room)).toBe(40)
  await eventually('the gateway sees them', async () => {
    const answer = await house.post('/room/addMember', {
      ...{ botUserId: 'xiaobei', contactWxid: zhang, roomWxid: room },
    })
    return (answer.body as { code: number }).code === 0 && house.world.invitations.size > 0
  })
  const { cards } = await house.operate('show-simulator', {})
  expect(cards[0]).toMatchObject({ room, topic: '老客户群', contact: '张伟' })
  await causedBy(await house.operate('simulate-card', { card: cards[0]!.id, answer: 'accept' }))
  expect(membersOf(room)).toBe(41)
  expect((await house.operate('show-simulator', {})).cards.some(({ id }) => id === cards[0]!.id)).toBe(false)
})

test('CON-40 what WeCom does not allow, and what nobody knows, is refused and nothing happens', async () => {
  const before = membersOf(room)
  expect(await refusalOf('simulate-join', { room, contact: botWxid })).toBe('world-refused')
  expect(await refusalOf('simulate-join', { room, contact: '788' })).toBe('world-unknown')
  expect(await refusalOf('simulate-leave', { room, contact: house.world.room(room).ownerId })).toBe(
    'world-refused',
  )
  expect(await refusalOf('simulate-crowd', { room, members: 501 })).toBe('malformed')
  expect(await refusalOf('simulate-message', { room, from: lin, text: '在吗' })).toBe('world-refused')
  expect(await refusalOf('simulate-account', { account: botWxid, to: 'scanned' })).toBe('world-refused')
  expect(await refusalOf('simulate-fault', { fault: 'stream-silent', times: 1 })).toBe('fault-uncounted')
  expect(membersOf(room)).toBe(before)
})

const told = Object.entries<SimulatedFault>(simulatedFaults)
const withAnswer = told.filter(([, { answers }]) => answers !== null)

test.each(withAnswer)(
  'CON-41 with %s the next call is answered as the list says',
  async (fault, declared) => {
    const { path, word } = declared.answers!
    const other = house.world.addRoom({
      topic: `${fault} 群`,
      ownerId: house.world.room(room).ownerId,
      members: [house.world.room(room).ownerId, botWxid],
      external: true,
    }).wxid
    await eventually('the gateway knows the room', async () => {
      const { chats } = await house.operate('list-chats', { workspace: house.workspaceId, topic: fault })
      return chats.length > 0
    })
    await house.operate('simulate-fault', { fault: fault as 'add-refused' })
    expect((await house.operate('show-simulator', {})).faults).toMatchObject([{ name: fault, times: null }])
    const bodies: Record<string, object> = {
      '/room/addMember': { botUserId: 'xiaobei', contactWxid: lin, roomWxid: other },
      '/room/create': { botUserId: 'xiaobei', wxids: [lin, zhang], name: '新群' },
      '/room/exit': { wecomUserId: 'xiaobei', roomWxid: other },
    }
    const { body } = await house.post(path, bodies[path]!)
    const { code, errcode = code } = body as { code: number; errcode?: number }
    const refusals = endpoints.find(each => each.path === path)!.refusals as Record<string, { code: number }>
    expect(errcode).toBe(word === 'done' ? 0 : refusals[word]!.code)
    await house.operate('clear-simulated-faults', {})
    expect(house.simulator.faults.list()).toEqual([])
  },
)

test('CON-41 each fault is one that the simulator knows', () => {
  for (const [fault, { on, mode }] of told)
    expect(() => house.simulator.faults.add({ on, mode } as never), fault).not.toThrow()
})
