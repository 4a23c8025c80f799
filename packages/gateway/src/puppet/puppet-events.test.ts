import { puppet } from '@juzi/wechaty-grpc'
import { describe, expect, test } from 'vitest'
import { isGarbled, readEvent } from './puppet-events.ts'

const { EventType } = puppet
const ROOM = 3
const ROOM_MEMBER = 4
const CONTACT = 2
const MESSAGE = 1

type Type = keyof typeof EventType

const eventOf = (type: Type, payload: unknown): puppet.EventResponse => {
  const event = new puppet.EventResponse()
  event.setType(EventType[type])
  event.setPayload(typeof payload === 'string' ? payload : JSON.stringify(payload))
  return event
}
const read = (type: Type, payload: unknown) => readEvent(eventOf(type, payload))

describe('events that say too much', () => {
  test('BOT-230 of why an account was logged out 200 code points are kept, and none is cut in two', () => {
    const news = read('EVENT_TYPE_LOGOUT', { data: `x${'𠮷'.repeat(300)}` })
    expect(news).toEqual({ kind: 'logout', wxid: null, reason: `x${'𠮷'.repeat(199)}` })
  })

  test('BOT-230 who is said to have joined under what cannot be an id is nobody', () => {
    const inviteeIdList = ['788', 'w'.repeat(129), '', ...Array.from({ length: 600 }, (_, n) => `7${n}`)]
    const news = read('EVENT_TYPE_ROOM_JOIN', { roomId: 'R:1', inviteeIdList })
    expect(news).toMatchObject({ hint: { joined: ['788', ...inviteeIdList.slice(3, 502)] } })
  })

  test('BOT-231 a payload of more than a million characters is garbled and no news', () => {
    const event = eventOf('EVENT_TYPE_ROOM_TOPIC', { roomId: 'R:1', newTopic: '群'.repeat(1_048_576) })
    expect(readEvent(event)).toBeNull()
    expect(isGarbled(event)).toBe(true)
  })
})

describe('events that mean nothing to us', () => {
  test.each(['', 'no json', '{"roomId":', '[', 'null', '17', '"R:1"', '\0'])(
    'BOT-50 a payload of %j is garbled and no news',
    payload => {
      const event = eventOf('EVENT_TYPE_ROOM_JOIN', payload)
      expect(readEvent(event)).toBeNull()
      expect(isGarbled(event)).toBe(true)
    },
  )

  test.each<[Type, unknown]>([
    ['EVENT_TYPE_ROOM_JOIN', {}],
    ['EVENT_TYPE_ROOM_JOIN', { roomId: '' }],
    ['EVENT_TYPE_ROOM_JOIN', { roomId: 17 }],
    ['EVENT_TYPE_ROOM_JOIN', { roomId: ['R:1'] }],
    ['EVENT_TYPE_ROOM_JOIN', []],
    ['EVENT_TYPE_ROOM_LEAVE', { roomId: 'R:\0' }],
    ['EVENT_TYPE_ROOM_TOPIC', '{"roomId":"R:\\ud800"}'],
    ['EVENT_TYPE_ROOM_TOPIC', { roomId: 'R:'.padEnd(200, '1') }],
    ['EVENT_TYPE_ROOM_INVITE', { roomInvitationId: '' }],
    ['EVENT_TYPE_LOGIN', { contactId: '' }],
    ['EVENT_TYPE_LOGIN', { contactId: { $gt: '' } }],
    ['EVENT_TYPE_SCAN', { qrcode: '' }],
    ['EVENT_TYPE_DIRTY', { payloadType: ROOM, payloadId: '' }],
    ['EVENT_TYPE_DIRTY', { payloadType: MESSAGE, payloadId: '1' }],
    ['EVENT_TYPE_DIRTY', { payloadId: 'R:1' }],
  ])('BOT-51 %s %j names nothing that could be looked at', (type, payload) => {
    expect(read(type, payload)).toBeNull()
  })

  test.each<Type>([
    'EVENT_TYPE_HEARTBEAT',
    'EVENT_TYPE_DONG',
    'EVENT_TYPE_MESSAGE',
    'EVENT_TYPE_UNSPECIFIED',
  ])('BOT-52 %s is no news', type => {
    expect(read(type, { data: 'x', contactId: '168', roomId: 'R:1' })).toBeNull()
  })

  test.each<[Type, unknown, object]>([
    ['EVENT_TYPE_SCAN', { qrcode: 'https://x', type: 2 }, { by: 'scan', text: 'https://x' }],
    ['EVENT_TYPE_SCAN', { status: 2, type: 2 }, { by: 'scan', text: '' }],
    ['EVENT_TYPE_SCAN', { status: 4, type: 2 }, { by: 'scan', progress: 'confirmed' }],
    [
      'EVENT_TYPE_VERIFY_CODE',
      { id: 'v1', scene: 1, status: 1, message: '短信\0' },
      { by: 'code', id: 'v1' },
    ],
    [
      'EVENT_TYPE_VERIFY_CODE',
      { id: 'v1', status: 1, qrcode: 'https://x' },
      { by: 'code', text: 'https://x' },
    ],
    ['EVENT_TYPE_VERIFY_CODE', { id: 'v1', status: 3 }, { by: 'code', progress: 'wrong-code' }],
    [
      'EVENT_TYPE_VERIFY_SLIDE',
      { status: 2, sliderExeUrl: 'https://y' },
      { by: 'slide', progress: 'timed-out' },
    ],
    ['EVENT_TYPE_VERIFY_SLIDE', { status: 1, sliderExeUrl: 'https://y' }, { by: 'slide', text: 'https://y' }],
  ])('BOT-53 BOT-264 a %s that proves something about an account is no login: %j', (type, payload, asked) => {
    expect(read(type, payload)).toMatchObject({
      kind: 'verification',
      asked: { progress: 'waiting', ...asked },
    })
  })

  test('BOT-264 what is too long to be shown, or to name a verification, is none', () => {
    const long = 'x'.repeat(2049)
    expect(read('EVENT_TYPE_SCAN', { qrcode: long, type: 2 })).toBeNull()
    expect(read('EVENT_TYPE_VERIFY_CODE', { id: long, status: 1 })).toBeNull()
    expect(read('EVENT_TYPE_VERIFY_SLIDE', { sliderExeUrl: long })).toBeNull()
  })

  test('BOT-251 that a puppet is ready names nobody', () => {
    expect(read('EVENT_TYPE_READY', { data: 'x', contactId: '168', roomId: 'R:1' })).toEqual({
      kind: 'ready',
    })
  })

  test.each([
    ['no code to wait for', { status: 2 }],
    ['no code and no status', {}],
    ['a code longer than any QR code', { qrcode: 'x'.repeat(2049), status: 2 }],
  ])('BOT-110 a scan with %s shows nothing', (_what, payload) => {
    expect(read('EVENT_TYPE_SCAN', payload)).toBeNull()
  })

  test.each([
    [1, 'cancelled'],
    [2, 'waiting'],
    [3, 'scanned'],
    [4, 'confirmed'],
    [5, 'timed-out'],
    [0, 'waiting'],
    [undefined, 'waiting'],
    ['7', 'waiting'],
  ])('BOT-110 a scan of status %s is %s', (status, progress) => {
    expect(read('EVENT_TYPE_SCAN', { qrcode: 'https://x', status })).toEqual({
      kind: 'scan',
      qrcode: 'https://x',
      progress,
    })
  })

  test('BOT-110 how somebody gets on with a code may come without the code', () => {
    expect(read('EVENT_TYPE_SCAN', { status: 3 })).toEqual({ kind: 'scan', qrcode: '', progress: 'scanned' })
  })
})

describe('events that say where to look', () => {
  test.each<[Type, unknown, string]>([
    ['EVENT_TYPE_ROOM_JOIN', { roomId: 'R:1', inviteeIdList: [], inviterId: '' }, 'join'],
    ['EVENT_TYPE_ROOM_LEAVE', { roomId: 'R:1' }, 'leave'],
    ['EVENT_TYPE_ROOM_TOPIC', { roomId: 'R:1' }, 'topic'],
  ])('BOT-54 %s %j points at its room', (type, payload, why) => {
    expect(read(type, payload)).toEqual({
      kind: 'hint',
      hint: { kind: 'room-changed', roomWxid: 'R:1', why },
    })
  })

  test.each([
    ['room', { payloadType: ROOM, payloadId: 'R:1' }],
    ['members', { payloadType: ROOM_MEMBER, payloadId: 'R:1' }],
    ['members', { payloadType: ROOM_MEMBER, payloadId: 'R:1\u001F788' }],
  ])('BOT-54 that its %s became stale points at the room: %j', (what, payload) => {
    expect(read('EVENT_TYPE_DIRTY', payload)).toEqual({
      kind: 'hint',
      hint: { kind: 'room-changed', roomWxid: 'R:1', why: 'dirty' },
      stale: { what, wxid: 'R:1' },
    })
  })

  test('BOT-216 who is said to have joined is told, names and all, as long as it is text', () => {
    expect(read('EVENT_TYPE_ROOM_JOIN', { roomId: 'R:1', inviteeIdList: ['788', 7, '张三'] })).toEqual({
      kind: 'hint',
      hint: { kind: 'room-changed', roomWxid: 'R:1', why: 'join', joined: ['788', '张三'] },
    })
  })

  test('BOT-216 who is said to have left likewise', () => {
    expect(read('EVENT_TYPE_ROOM_LEAVE', { roomId: 'R:1', removeeIdList: ['788', 7, '张三'] })).toEqual({
      kind: 'hint',
      hint: { kind: 'room-changed', roomWxid: 'R:1', why: 'leave', left: ['788', '张三'] },
    })
  })

  test('BOT-55 a stale contact and a card point at themselves', () => {
    expect(read('EVENT_TYPE_DIRTY', { payloadType: CONTACT, payloadId: '788' })).toEqual({
      kind: 'hint',
      hint: { kind: 'contact-changed', contactWxid: '788' },
      stale: { what: 'contact', wxid: '788' },
    })
    expect(read('EVENT_TYPE_ROOM_INVITE', { roomInvitationId: 'card' })).toEqual({
      kind: 'hint',
      hint: { kind: 'room-invite', invitationId: 'card' },
    })
  })

  test('BOT-56 login, logout and scan tell about the account, in clean text of bounded length', () => {
    expect(read('EVENT_TYPE_LOGIN', { contactId: '168' })).toEqual({ kind: 'login', wxid: '168' })
    const logout = { kind: 'logout', reason: 'logged out' }
    expect(read('EVENT_TYPE_LOGOUT', {})).toEqual({ ...logout, wxid: null })
    expect(read('EVENT_TYPE_LOGOUT', { contactId: '168' })).toEqual({ ...logout, wxid: '168' })
    expect(read('EVENT_TYPE_LOGOUT', { data: `被挤下线\0${'长'.repeat(1000)}` })).toMatchObject({
      reason: `被挤下线\uFFFD${'长'.repeat(195)}`,
    })
    expect(read('EVENT_TYPE_SCAN', { qrcode: 'https://x', status: 2 })).toEqual({
      kind: 'scan',
      qrcode: 'https://x',
      progress: 'waiting',
    })
  })
})
