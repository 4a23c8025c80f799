import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { log, types } from '@juzi/wechaty-puppet'
import type { PuppetService } from '@juzi/wechaty-puppet-service'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openSimulator, type Simulator } from '../src/index.ts'
import { eventually } from './eventually.ts'

// The stock client keeps a store under the home directory, which it looks up when it is made.
const { ScanStatus } = types
const home = mkdtempSync(join(tmpdir(), 'qunhub-stock-'))
const homeBefore = process.env['HOME']
let simulator: Simulator
let client: PuppetService
// The store stays locked for as long as the process lives, so every test has its own seed and thereby its own token.
let seed = 90

beforeAll(() => {
  process.env['HOME'] = home
  log.level('silent')
})

afterEach(async () => {
  await client.stop()
  await simulator.stop()
})

afterAll(async () => {
  process.env['HOME'] = homeBefore
  // A stopped client may still be writing its store, and a directory that is written to cannot be removed at once.
  await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
})

async function connect(): Promise<void> {
  await open()
  await client.start()
  await eventually(() => client.isLoggedIn)
}

async function open(): Promise<{ botWxid: string }> {
  simulator = await openSimulator({ scene: 'demo', seed: seed++ })
  const [bot] = simulator.world.bots.values()
  const { PuppetService } = await import('@juzi/wechaty-puppet-service')
  client = new PuppetService({ token: bot!.token, endpoint: simulator.endpoint, tls: { disable: true } })
  client.on('error', () => {})
  return { botWxid: bot!.wxid }
}

test('SIM-90 the stock client is refused what WeCom refuses, and hears the reason', async () => {
  await connect()
  const own = simulator.world
    .roomsOf(client.currentUserId)
    .find(room => room.ownerId === client.currentUserId)
  await expect(client.roomQuit(own!.wxid)).rejects.toThrow('群主不能退出群聊')
  await expect(client.roomRawPayload('R:1')).rejects.toThrow('群聊不存在')
})

test('SIM-91 the stock client logs in, and reads rooms, contacts and members as the world has them', async () => {
  await connect()
  const { world } = simulator
  expect(world.bot(client.currentUserId).userId).toBe('xiaobei')

  const rooms = await client.roomList()
  expect(rooms).toEqual(world.roomsOf(client.currentUserId).map(room => room.wxid))
  const room = world.room(rooms[0]!)
  expect(await client.roomPayload(room.wxid)).toMatchObject({
    id: room.wxid,
    topic: room.topic,
    ownerId: room.ownerId,
    handle: room.wecomChatId,
    external: true,
    memberIdList: [...room.members.keys()],
  })

  expect(await client.roomMemberList(room.wxid)).toEqual([...room.members.keys()])
  const members = await client.batchRoomMemberPayload(room.wxid, [...room.members.keys()])
  expect(members.size).toBe(room.members.size)

  const contacts = await client.contactList()
  const payloads = await client.batchContactPayload(contacts)
  expect([...payloads.values()].every(payload => payload.friend || payload.coworker)).toBe(true)
  expect((await client.contactPayload(client.currentUserId)).handle).toBe('xiaobei')
})

test('SIM-92 the stock client adds a member and hears that it joined', async () => {
  await connect()
  const { world } = simulator
  const room = world.roomsOf(client.currentUserId)[0]!
  const newcomer = world.addContact({ friendOf: [client.currentUserId] })
  const joined: { inviteeIdList: string[]; roomId: string; inviterId: string }[] = []
  client.on('room-join', payload => {
    joined.push(payload)
  })

  await client.roomAdd(room.wxid, newcomer.wxid, false, [])
  expect(await eventually(() => joined[0])).toMatchObject({
    inviteeIdList: [newcomer.wxid],
    roomId: room.wxid,
    inviterId: client.currentUserId,
  })
  expect(room.members.has(newcomer.wxid)).toBe(true)
})

test('SIM-93 the stock client creates a room, speaks into it, and is answered a ding', async () => {
  await connect()
  const { world } = simulator
  const friends = [...world.contacts.values()]
    .filter(contact => world.areFriends(client.currentUserId, contact.wxid))
    .slice(0, 2)
  const roomId = await client.roomCreate(
    friends.map(friend => friend.wxid),
    '新群',
  )
  await client.messageSendText(roomId, '大家好')
  expect(world.snapshot().messages).toMatchObject([
    { roomWxid: roomId, from: client.currentUserId, text: '大家好' },
  ])

  const dongs: (string | undefined)[] = []
  client.on('dong', ({ data }) => {
    dongs.push(data)
  })
  client.ding('here')
  expect(await eventually(() => dongs[0])).toBe('here')
})

test('SIM-122 the stock client is shown codes, hears of scans, and logs in when one is confirmed', async () => {
  // Its first login: at a second one it opens its store again, and throws where nobody can catch it if it has not yet
  // closed what the first one opened.
  const { botWxid } = await open()
  const { world } = simulator
  const scans: { qrcode?: string; status: number }[] = []
  client.on('scan', ({ qrcode, status }) => {
    scans.push({ ...(qrcode === undefined ? {} : { qrcode }), status })
  })
  world.setBotState(botWxid, 'awaiting-scan')
  await client.start()
  await eventually(() => scans.length === 1)
  for (const step of ['expired', 'scanned', 'confirmed'] as const) world.takeScanStep(botWxid, step)
  await eventually(() => scans.length === 5 && client.isLoggedIn)
  const { Waiting, Timeout, Scanned, Confirmed } = ScanStatus
  // This client does not keep the order of events.
  const statuses = scans.map(({ status }) => status).toSorted()
  expect(statuses).toEqual([Waiting, Waiting, Scanned, Confirmed, Timeout])
  expect(new Set(scans.map(({ qrcode }) => qrcode)).size).toBe(2)
})

test('SIM-94 stopping the stock client logs the account out, as with the real service', async () => {
  await connect()
  const { world } = simulator
  const botWxid = client.currentUserId
  await client.stop()
  expect(world.bot(botWxid).state).toBe('logged-out')
})
