/**
 * Our driver against the other half of the world: the server that Wechaty programs run around a puppet, unchanged,
 * with a small puppet of our own in it.
 */
import { createServer } from 'node:net'
import * as PUPPET from '@juzi/wechaty-puppet'
import { PuppetServer } from '@juzi/wechaty-puppet-service'
import { eventually } from '@qunhub/testing/eventually.ts'
import { ManualClock } from '@qunhub/testing/manual-clock.ts'
import {
  asRoom,
  becomes,
  botRow,
  claimed,
  hears,
  type NotedRoster,
  openNotedRoster,
} from '@qunhub/testing/trials/bot-trial.ts'
import { ContactWxid, type RoomWxid } from '@qunhub/wire'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { HostedBot } from './roster.ts'

PUPPET.log.level('silent')

/** The gRPC status of a call that was not answered in time. */
const DEADLINE_EXCEEDED = 4
const TOKEN = 'insecure_stock-server-test'
const SELF = '1688000000000001'
const ROOM = 'R:1'
const SPEAKER = '7881300000000001'
const NEWCOMER = '7881300000000002'

/** One WeCom account in one room. Only what our driver calls is there; TypeScript is not told, the server is. */
abstract class SmallPuppet extends PUPPET.Puppet {
  readonly names = new Map([
    [SELF, '小北'],
    [SPEAKER, '张三'],
    [NEWCOMER, '李四\0'],
  ])
  members = [SPEAKER, SELF]
  topic = '大街小巷'
  /** As puppets do that tell of a login once, to whoever listens at that moment. */
  logsInUnheard = false
  /** Its login is for the test to bring about. */
  logsInLater = false

  override async onStart() {
    // As real ones do: it has started before it has logged in.
    setImmediate(() => {
      if (this.logsInLater) return
      if (this.logsInUnheard) this.__currentUserId = SELF
      else if (!this.isLoggedIn) this.login(SELF)
    })
  }
  override async onStop() {}
  override ding(data?: string) {
    this.emit('dong', { data: data ?? '' })
  }

  override async refreshQRCode() {
    this.emit('scan', { qrcode: 'https://login.example/2', status: PUPPET.types.ScanStatus.Waiting })
  }
  override async contactList() {
    return [SPEAKER, NEWCOMER]
  }
  override async contactRawPayload(id: string) {
    const name = this.names.get(id)
    if (name === undefined) throw new Error(`no contact ${id}`)
    return { id, name }
  }
  override async contactRawPayloadParser({ id, name }: { id: string; name: string }) {
    const isSelf = id === SELF
    const { Corporation, Individual } = PUPPET.types.Contact
    return {
      id,
      name,
      avatar: '',
      gender: PUPPET.types.ContactGender.Unknown,
      type: isSelf ? Corporation : Individual,
      friend: !isSelf,
      handle: isSelf ? 'xiaobei' : `wm-${id}`,
      phone: [],
    }
  }

  override async roomList() {
    return [ROOM]
  }
  override async roomRawPayload(id: string) {
    if (id !== ROOM) throw new Error(`no room ${id}`)
    return { id }
  }
  override async roomRawPayloadParser({ id }: { id: string }) {
    return {
      id,
      topic: this.topic,
      ownerId: SPEAKER,
      adminIdList: [],
      memberIdList: this.members,
      external: true,
      handle: 'wr-1',
    }
  }
  override async roomMemberList() {
    return this.members
  }
  override async roomMemberRawPayload(_room: string, id: string) {
    return { id }
  }
  override async roomMemberRawPayloadParser({ id }: { id: string }) {
    return { id, name: this.names.get(id) ?? '', avatar: '', roomAlias: id === SPEAKER ? '群主' : '' }
  }
  override async roomAdd(roomId: string, contactId: string | string[]) {
    const invitees = [contactId].flat()
    if (!invitees.every(id => this.names.has(id))) throw new Error(`no contact ${invitees}`)
    this.members = [...this.members, ...invitees]
    this.emit('room-join', { roomId, inviterId: '', inviteeIdList: invitees, timestamp: 0 })
  }
}
const SmallPuppetInFact = SmallPuppet as unknown as new () => SmallPuppet

let puppet: SmallPuppet
let server: PuppetServer
let endpoint: string
let noted: NotedRoster
let bot: HostedBot

beforeEach(async () => {
  puppet = new SmallPuppetInFact()
  endpoint = `127.0.0.1:${await freePort()}`
  server = await serve()
  noted = openNotedRoster(endpoint)
})
afterEach(async () => {
  await noted.roster.stop()
  await server.stop()
  await puppet.stop()
})

const hosted = async (): Promise<HostedBot> => {
  bot = noted.roster.add(claimed(botRow(endpoint, TOKEN)))
  await hears(noted, 'login')
  return bot
}

test('BOT-80 the stock server refuses a token that is not its own', async () => {
  bot = noted.roster.add(claimed(botRow(endpoint, 'insecure_another-token')))
  await becomes(bot, 'offline')
  expect(bot.session).toMatchObject({ reason: 'the puppet refused the token' })
})

test('BOT-81 our driver starts the stock server’s puppet and is told of its login', async () => {
  await hosted()
  expect(bot.account).toEqual({
    wxid: SELF,
    userId: 'xiaobei',
    nickName: '小北',
    avatarUrl: '',
    kind: 'wecom',
  })
  expect(noted.heard).toEqual(['login'])
})

test('BOT-82 our driver lists rooms, reads members, adds a member and hears the join', async () => {
  await hosted()
  expect(await bot.listRooms()).toEqual([ROOM])
  expect(await bot.readRoom(asRoom('R:404'))).toBeNull()
  const room = await bot.readRoom(asRoom(ROOM), { fresh: true })
  expect(room).toMatchObject({ topic: '大街小巷', ownerId: SPEAKER, external: true, wecomChatId: 'wr-1' })
  expect(room?.members).toMatchObject([
    { contact: { wxid: SPEAKER, name: '张三', isFriend: true, type: 1 }, roomAlias: '群主' },
    { contact: { wxid: SELF, name: '小北', coworker: true, type: 3 }, roomAlias: null },
  ])

  await bot.addMember(asRoom(ROOM), ContactWxid.parse(NEWCOMER), 'pull')
  await hears(noted, `join ${ROOM}`)
  const after = await bot.readRoom(asRoom(ROOM), { fresh: true })
  expect(after?.members.map(({ contact }) => contact.name)).toEqual(['张三', '小北', '李四\uFFFD'])
})

test('BOT-83 what the stock server answers with its stack is refused in our words', async () => {
  await hosted()
  const adding = bot.addMember(asRoom(ROOM), ContactWxid.parse('404'), 'pull')
  await expect(adding).rejects.toMatchObject({
    name: 'PuppetRefused',
    message: expect.not.stringContaining('404'),
  })
  const { cause } = await adding.catch(failure => failure)
  expect(cause.message).not.toMatch(/\n|\.js:/)
})

test('BOT-84 one contact that the puppet does not know does not cost the others', async () => {
  await hosted()
  const contacts = await bot.readContacts([SPEAKER, '404', NEWCOMER].map(id => ContactWxid.parse(id)))
  expect(contacts.map(({ wxid }) => wxid).toSorted()).toEqual([SPEAKER, NEWCOMER])
})

test('BOT-218 a room that has its name and nobody in it yet cannot be loaded, and can when it has filled', async () => {
  await hosted()
  const members = puppet.members
  puppet.members = []
  expect(await bot.readRoom(asRoom(ROOM), { fresh: true })).toBeNull()
  puppet.members = members
  expect((await bot.readRoom(asRoom(ROOM), { fresh: true }))?.members).toHaveLength(members.length)
})

test('BOT-255 what changes in a room after a request has read it is read afresh, also where the hints wait for something else', async () => {
  await noted.roster.stop()
  const gate = Promise.withResolvers<void>()
  const topics: (string | undefined)[] = []
  noted = openNotedRoster(endpoint, {
    handlers: {
      async onHint(hinted, hint) {
        if (hint.kind !== 'room-changed') return
        if (hint.roomWxid !== ROOM) return gate.promise
        topics.push((await hinted.readRoom(hint.roomWxid, { fresh: true, isKept: true }))?.topic)
      },
    },
  })
  await hosted()
  const tell = (roomId: string) =>
    puppet.emit('room-topic', { roomId, changerId: SPEAKER, newTopic: '', oldTopic: '', timestamp: 0 })
  tell('R:other')
  await hears(noted, 'topic R:other')
  await bot.readRoom(asRoom(ROOM), { fresh: true })
  await eventually('the echo of the reading', () => bot.hasHintOf(asRoom(ROOM)))
  puppet.topic = '改了名'
  tell(ROOM)
  // By its answer the event has been heard, as a rule; and a hint of its own would read afresh anyway.
  await bot.readContact(ContactWxid.parse(SPEAKER))
  gate.resolve()
  await eventually('the room to be read as it is', () => topics.at(-1) === '改了名')
})

test('BOT-85 reading a room afresh for every event comes to an end, although the server echoes each', async () => {
  await noted.roster.stop()
  const read: (RoomWxid | undefined)[] = []
  noted = openNotedRoster(endpoint, {
    handlers: {
      async onHint(hinted, hint) {
        if (hint.kind !== 'room-changed') return
        await hinted.readRoom(hint.roomWxid, { fresh: true })
        read.push(hint.roomWxid)
      },
    },
  })
  await hosted()
  puppet.emit('room-topic', { roomId: ROOM, changerId: SPEAKER, newTopic: '', oldTopic: '', timestamp: 0 })
  await hears(noted, `topic ${ROOM}`)
  await hears(noted, `dirty ${ROOM}`)
  // Two dings later whatever was echoed has been heard, and what it led to as well.
  for (const note of ['first', 'second']) {
    puppet.emit('room-topic', {
      roomId: `R:${note}`,
      changerId: SPEAKER,
      newTopic: '',
      oldTopic: '',
      timestamp: 0,
    })
    await hears(noted, `topic R:${note}`)
  }
  await eventually('all hints to be followed', () => read.length === noted.heard.length - 1)
  expect(noted.heard.filter(heard => heard === `dirty ${ROOM}`).length).toBeLessThanOrEqual(2)
})

test('BOT-86 the stock server has one stream: the second client is occupied until the first detaches', async () => {
  await hosted()
  const second = openNotedRoster(endpoint)
  const late = second.roster.add(claimed(botRow(endpoint, TOKEN)))
  await becomes(late, 'occupied')
  await second.roster.stop()

  await noted.roster.stop()
  expect(puppet.isLoggedIn).toBe(true)
  noted = openNotedRoster(endpoint)
  await hosted()
  expect(noted.sessions.map(({ state }) => state)).toEqual(['connecting', 'online'])
})

test('BOT-87 a restart of the stock server is noticed at once and followed by a resync', async () => {
  await hosted()
  await server.stop()
  await becomes(bot, 'reconnecting')
  server = await serve()
  await hears(noted, 'resync reconnected')
})

test('BOT-88 a logout of the stock server’s puppet is heard', async () => {
  await hosted()
  await puppet.logout('在手机上退出')
  await becomes(bot, 'logged-out')
  expect(bot.session).toMatchObject({ reason: '在手机上退出' })
})

test('BOT-282 a logout that names another account changes nothing, also when this one took its place', async () => {
  await hosted()
  const other = '1688000000000009'
  puppet.names.set(other, '小南')
  const tellLogout = async (contactId: string) => {
    puppet.emit('logout', { contactId, data: '在手机上退出' })
    // The stream keeps its order: what is heard over it now came after the logout.
    const before = noted.heard.length
    puppet.emit('dirty', { payloadType: PUPPET.types.Payload.Room, payloadId: ROOM })
    await eventually('the event behind it', () => noted.heard.length > before)
  }
  await tellLogout(other)
  expect(bot.session).toMatchObject({ state: 'online', account: { wxid: SELF } })

  Object.assign(puppet, { __currentUserId: other })
  puppet.emit('login', { contactId: other })
  await eventually('the other one', () => bot.account?.wxid === other)
  await hears(noted, 'login', 2)
  await tellLogout(SELF)
  expect(bot.session).toMatchObject({ state: 'online', account: { wxid: other } })
  expect(noted.sessions.map(({ state }) => state)).toEqual(['connecting', 'online', 'online'])
})

describe('BOT-283 a login of another account, told of while one is logged in', () => {
  const other = '1688000000000009'
  /** Whom the puppet says when it is asked; it refuses while it is nobody. */
  const says = (wxid: string | undefined) => Object.assign(puppet, { __currentUserId: wxid })
  const untilAsked = async (what: () => void) => {
    const before = asked
    what()
    await eventually('the puppet is asked', () => asked > before)
    await bot.listRooms()
  }
  const tellLogin = (contactId: string) => untilAsked(() => puppet.emit('login', { contactId }))
  const tellLogout = (contactId: string) =>
    untilAsked(() => puppet.emit('logout', { contactId, data: '在手机上退出' }))
  const hostedByHand = async (): Promise<ManualClock> => {
    await noted.roster.stop()
    const clock = new ManualClock()
    noted = openNotedRoster(endpoint, { clock })
    await hosted()
    return clock
  }
  let asked: number
  let answers: boolean
  beforeEach(() => {
    asked = 0
    answers = true
    puppet.names.set(other, '小南')
    const asItIs = Object.getPrototypeOf(puppet) as object
    Object.defineProperty(puppet, 'currentUserId', {
      get() {
        asked += 1
        if (!answers) throw Object.assign(new Error('still thinking'), { code: DEADLINE_EXCEEDED })
        return Reflect.get(asItIs, 'currentUserId', puppet)
      },
    })
  })

  // It asks itself when it stops.
  afterEach(() => {
    answers = true
  })

  test('BOT-283 where the puppet still says the former one it was late, however often it is told', async () => {
    await hosted()
    for (let time = 0; time < 3; time += 1) await tellLogin(other)
    expect(bot.session).toMatchObject({ state: 'online', account: { wxid: SELF } })
    expect(noted.sessions.map(({ state }) => state)).toEqual(['connecting', 'online'])
    expect(noted.heard).toEqual(['login'])
  })

  test('BOT-283 where the puppet says so too it is taken', async () => {
    await hosted()
    says(other)
    await tellLogin(other)
    await hears(noted, 'login', 2)
    expect(bot.session).toMatchObject({ state: 'online', account: { wxid: other } })
  })

  test.each([other, undefined])(
    'BOT-283 a puppet that understands it later is asked again after 10 s, and says %s',
    async wxid => {
      const clock = await hostedByHand()
      await tellLogin(other)
      says(wxid)
      clock.advance(10_000)
      await hears(noted, 'login', 2)
      expect(bot.session).toMatchObject({ state: 'online', account: { wxid: other } })
    },
  )

  test('BOT-282 BOT-283 a logout that is denied while the login is asked about again adds to it, and is given its own 10 s', async () => {
    const clock = await hostedByHand()
    await tellLogin(other)
    clock.advance(5000)
    await tellLogout(SELF)
    const before = asked
    clock.advance(5000)
    await bot.listRooms()
    expect(asked).toBe(before)
    says(undefined)
    clock.advance(5000)
    await hears(noted, 'login', 2)
    expect(bot.session).toMatchObject({ state: 'online', account: { wxid: other } })
  })

  test('BOT-283 its own logout, told while it is asked about again, is not taken for late: nobody is logged in', async () => {
    const clock = await hostedByHand()
    await tellLogin(other)
    await tellLogout(other)
    says(undefined)
    clock.advance(10_000)
    await becomes(bot, 'logged-out')
    expect(noted.heard).toEqual(['login'])
  })

  test.each(['login', 'logout'] as const)(
    'BOT-282 BOT-283 a puppet that denied a %s and then falls silent is asked three times before it is believed',
    async told => {
      const clock = await hostedByHand()
      await (told === 'login' ? tellLogin(other) : tellLogout(SELF))
      answers = false
      for (let time = 0; time < 2; time += 1) await untilAsked(() => clock.advance(10_000))
      expect(bot.session).toMatchObject({ state: 'online', account: { wxid: SELF } })
      clock.advance(10_000)
      if (told === 'login') await hears(noted, 'login', 2)
      else await becomes(bot, 'logged-out')
      const believed =
        told === 'login' ? { state: 'online', account: { wxid: other } } : { state: 'logged-out' }
      expect(bot.session).toMatchObject(believed)
    },
  )

  test('BOT-283 of one that was believed, and cannot be read, the puppet is asked again whether it is somebody else', async () => {
    const clock = await hostedByHand()
    puppet.names.delete(other)
    answers = false
    await tellLogin(other)
    answers = true
    await eventually('it stays who it was', () => {
      clock.advance(1000)
      return noted.heard.includes('resync reconnected')
    })
    await tellLogout(SELF)
    says(undefined)
    await eventually('its logout counts', () => {
      clock.advance(1000)
      return bot.session.state === 'logged-out'
    })
  })

  test('BOT-283 where the puppet says nobody it is believed', async () => {
    await hosted()
    says(undefined)
    await tellLogin(other)
    await hears(noted, 'login', 2)
    expect(bot.session).toMatchObject({ state: 'online', account: { wxid: other } })
  })

  test('BOT-283 its own logout, told right after it, is not taken for late: nobody is logged in', async () => {
    await hosted()
    says(undefined)
    puppet.emit('login', { contactId: other })
    puppet.emit('logout', { contactId: other, data: '在手机上退出' })
    await becomes(bot, 'logged-out')
    expect(bot.session).toMatchObject({ reason: '在手机上退出' })
    expect(noted.heard).toEqual(['login'])
  })

  test('BOT-283 while the one that came before it is still being read, neither counts until the puppet has said which', async () => {
    await noted.roster.stop()
    const kept: string[] = []
    const firstKept = Promise.withResolvers<void>()
    noted = openNotedRoster(endpoint, {
      handlers: {
        async onAccount(_bot, { wxid }) {
          kept.push(wxid)
          if (kept.length === 1) await firstKept.promise
          return true
        },
      },
    })
    bot = noted.roster.add(claimed(botRow(endpoint, TOKEN)))
    await eventually('it is about to be present', () => kept.length === 1)
    puppet.emit('login', { contactId: other })
    await hears(noted, 'login')
    firstKept.resolve()
    await bot.listRooms()
    expect(kept).toEqual([SELF, SELF])
    expect(bot.session).toMatchObject({ state: 'online', account: { wxid: SELF } })
    expect(noted.sessions.map(({ state }) => state)).toEqual(['connecting', 'online'])
  })
})

test('BOT-167 ready, however often and even before the login, begins nothing: the login does, and once', async () => {
  puppet.logsInLater = true
  const listenersBefore = puppet.listenerCount('ready')
  bot = noted.roster.add(claimed(botRow(endpoint, TOKEN)))
  await eventually('the stream', () => puppet.listenerCount('ready') > listenersBefore)
  for (let time = 0; time < 2; time += 1) puppet.emit('ready', { data: 'ready' })
  puppet.login(SELF)
  await becomes(bot, 'online')
  for (let time = 0; time < 2; time += 1) puppet.emit('ready', { data: 'ready' })
  puppet.emit('login', { contactId: SELF })
  puppet.emit('dirty', { payloadType: PUPPET.types.Payload.Room, payloadId: ROOM })
  await hears(noted, `dirty ${ROOM}`)
  expect(noted.heard).toEqual(['login', `dirty ${ROOM}`])
  expect(noted.sessions.map(({ state }) => state)).toEqual(['connecting', 'online'])
})

test('BOT-89 a login that was told to nobody is asked for', async () => {
  await noted.roster.stop()
  const clock = new ManualClock()
  noted = openNotedRoster(endpoint, { clock })
  puppet.logsInUnheard = true
  bot = noted.roster.add(claimed(botRow(endpoint, TOKEN)))
  await eventually('the login wait', () => clock.nextIn() === 10_000 && puppet.isLoggedIn)
  await eventually('the login', () => {
    clock.advance(1000)
    return bot.session.state === 'online'
  })
})

test('BOT-90 a puppet that does not say in time who is logged in is asked again, and nobody is logged out meanwhile', async () => {
  await noted.roster.stop()
  const clock = new ManualClock()
  noted = openNotedRoster(endpoint, { clock })
  puppet.logsInUnheard = true
  bot = noted.roster.add(claimed(botRow(endpoint, TOKEN)))
  await eventually('the login wait', () => clock.nextIn() === 10_000 && puppet.isLoggedIn)
  const asked = vi.spyOn(puppet, 'currentUserId', 'get').mockImplementationOnce(() => {
    throw Object.assign(new Error('still thinking'), { code: DEADLINE_EXCEEDED })
  })
  await eventually('the login', () => {
    clock.advance(1000)
    return bot.session.state === 'online'
  })
  expect(asked.mock.calls.length).toBeGreaterThanOrEqual(2)
  expect(noted.sessions.map(session => session.state)).not.toContain('logged-out')
})

test('BOT-120 the stock server’s puppet shows codes, tells of scans, and is logged out when an operator says so', async () => {
  await hosted()
  await noted.roster.logOut(bot)
  expect(puppet.isLoggedIn).toBe(false)
  expect(bot.session).toMatchObject({ state: 'logged-out', reason: 'an operator logged it out' })

  const { ScanStatus } = PUPPET.types
  const steps = [
    [{ qrcode: 'https://login.example/1', status: ScanStatus.Waiting }, 'waiting'],
    [{ qrcode: 'https://login.example/1', status: ScanStatus.Timeout }, 'timed-out'],
    [{ qrcode: 'https://login.example/2', status: ScanStatus.Waiting }, 'waiting'],
    [{ qrcode: '', status: ScanStatus.Scanned }, 'scanned'],
    [{ qrcode: '', status: ScanStatus.Confirmed }, 'confirmed'],
  ] as const
  for (const [payload, scan] of steps) {
    puppet.emit('scan', payload)
    await eventually(scan, () => bot.session.state === 'awaiting-scan' && bot.session.scan === scan)
  }
  expect(bot.session).toMatchObject({ qrcode: 'https://login.example/2' })
  await puppet.login(SELF)
  await hears(noted, 'login', 2)
})

test('BOT-113 the stock server’s puppet, which runs already, shows another code when the one before has timed out', async () => {
  await hosted()
  await puppet.logout('在手机上退出')
  await becomes(bot, 'logged-out')
  const { ScanStatus } = PUPPET.types
  puppet.emit('scan', { qrcode: 'https://login.example/1', status: ScanStatus.Timeout })
  await becomes(bot, 'awaiting-scan')
  noted.roster.askForLogin(bot)
  await eventually('another code', () => 'scan' in bot.session && bot.session.scan === 'waiting')
  expect(bot.session).toMatchObject({ qrcode: 'https://login.example/2' })
})

test('BOT-123 a puppet that logs in long after its restart was logged out meanwhile, and only what changed is told', async () => {
  await noted.roster.stop()
  const clock = new ManualClock()
  noted = openNotedRoster(endpoint, { clock })
  await hosted()
  await server.stop()
  await puppet.stop()
  puppet.logsInLater = true
  server = await serve()
  await eventually('nobody to be logged in', () => {
    clock.advance(1000)
    return bot.session.state === 'logged-out'
  })
  const begun = noted.heard.length
  puppet.login(SELF)
  await hears(noted, 'resync reconnected')
  expect(noted.heard.slice(begun)).toEqual(['resync reconnected'])
})

test.each(['awaiting-scan', 'logged-out'] as const)(
  'BOT-121 a bot that was %s and logged in while nobody listened is found to be online',
  async before => {
    await noted.roster.stop()
    const clock = new ManualClock()
    noted = openNotedRoster(endpoint, { clock })
    await hosted()
    await puppet.logout('在手机上退出')
    await becomes(bot, 'logged-out')
    if (before === 'awaiting-scan')
      puppet.emit('scan', { qrcode: 'https://login.example/1', status: PUPPET.types.ScanStatus.Waiting })
    await becomes(bot, before)
    await server.stop()
    await puppet.stop()
    // From its next start on, which is when our stream is open again, it is logged in, and has told nobody.
    puppet.logsInUnheard = true
    server = await serve()
    await eventually('the login', () => {
      clock.advance(1000)
      return bot.session.state === 'online'
    })
  },
)

async function serve(): Promise<PuppetServer> {
  const stock = new PuppetServer({ endpoint, puppet, token: TOKEN, tls: { disable: true } })
  await stock.start()
  return stock
}

/** The stock server does not say which port it got, so it must be told one. */
async function freePort(): Promise<number> {
  const door = createServer()
  await new Promise<void>(resolve => door.listen(0, '127.0.0.1', resolve))
  const address = door.address()
  await new Promise(resolve => door.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}
