import { puppet } from '@juzi/wechaty-grpc'
import { ContactWxid, cleanText, RoomWxid } from '@qunhub/wire'
import type { ScanProgress } from '../model/bot.ts'
import type { VerificationProgress } from '../model/verification.ts'
import type { KeptThing } from './forgetting.ts'
import type { WhyLater } from './later-looks.ts'
import type { AskedVerification } from './login/verifications.ts'
import { idOrNull, shownText } from './puppet-text.ts'

/** Something may have changed. Events come late, twice, out of order and incomplete, so a hint only says where to look. */
export type BotHint =
  | {
      kind: 'room-changed'
      roomWxid: RoomWxid
      /** `late`: no event; the room could not be seen whole a while ago. `asked`: none either; a request has found it otherwise. */
      why: 'join' | 'leave' | 'topic' | 'dirty' | WhyLater
      /** Who is said to have joined; puppets leave people out, and put names for ids. */
      joined?: readonly string[]
      /** Who is said to have left, likewise. */
      left?: readonly string[]
    }
  | { kind: 'contact-changed'; contactWxid: ContactWxid }
  /** A card was sent to the bot itself. */
  | { kind: 'room-invite'; invitationId: string }

/** What an event means to us. */
export type PuppetNews =
  | { kind: 'login'; wxid: ContactWxid }
  /** Whose it is; null where the puppet does not say. */
  | { kind: 'logout'; wxid: ContactWxid | null; reason: string }
  /** The code is empty where it is the one that is shown already. */
  | { kind: 'scan'; qrcode: string; progress: ScanProgress }
  | { kind: 'verification'; asked: AskedVerification }
  /** `stale`: what the puppet says that it keeps nothing old of. */
  | { kind: 'hint'; hint: BotHint; stale?: KeptThing }
  /** The puppet has loaded what it has; told twice, or thrice, or before the login, or never. */
  | { kind: 'ready' }

/** A scan of this type proves something about an account; it is no login. */
const SCAN_TYPE_VERIFY = 2
/** `ScanStatus` as `@juzi/wechaty-puppet` counts it. */
const SCAN_PROGRESS: ReadonlyMap<unknown, ScanProgress> = new Map([
  [1, 'cancelled'],
  [2, 'waiting'],
  [3, 'scanned'],
  [4, 'confirmed'],
  [5, 'timed-out'],
])
/** `VerifyCodeStatus` as `@juzi/wechaty-puppet` counts it, and the beginning of `VerifySlideStatus`. */
const VERIFY_PROGRESS: ReadonlyMap<unknown, VerificationProgress> = new Map([
  [1, 'waiting'],
  [2, 'timed-out'],
  [3, 'wrong-code'],
])
/** No QR code holds more, and no login link is nearly as long. */
const QRCODE_CHARACTERS_MAX = 2_048
/** Between a room and its member, in the id of a stale member. */
const STRING_SPLITTER = '\u001F'
/** More do not fit into a room. */
const NAMED_MAX = 500
const REASON_CODE_POINTS_MAX = 200
const INVITATION_ID_CHARACTERS_MAX = 4096
const VERIFICATION_ID_CHARACTERS_MAX = 1024
/** An event that names 500 people who joined has some 30,000. */
const PAYLOAD_CHARACTERS_MAX = 1_048_576

/** Reads one event. Null: it is none of our business, or it cannot be understood. */
export const readEvent = (event: puppet.EventResponse): PuppetNews | null => {
  const payload = readPayload(event.getPayload())
  if (!payload) return null

  switch (event.getType()) {
    case puppet.EventType.EVENT_TYPE_LOGIN: {
      const wxid = ContactWxid.safeParse(payload['contactId'])
      return wxid.success ? { kind: 'login', wxid: wxid.data } : null
    }
    case puppet.EventType.EVENT_TYPE_LOGOUT:
      return {
        kind: 'logout',
        wxid: ContactWxid.safeParse(payload['contactId']).data ?? null,
        reason: shownText(textOf(payload['data']), REASON_CODE_POINTS_MAX) || 'logged out',
      }
    case puppet.EventType.EVENT_TYPE_SCAN:
      return readScan(payload)
    case puppet.EventType.EVENT_TYPE_VERIFY_CODE:
      return asksToVerify('code', payload, payload['qrcode'])
    case puppet.EventType.EVENT_TYPE_VERIFY_SLIDE:
      return asksToVerify('slide', payload, payload['sliderExeUrl'])
    case puppet.EventType.EVENT_TYPE_ROOM_JOIN:
      return withNamed(roomChanged(payload['roomId'], 'join'), 'joined', payload['inviteeIdList'])
    case puppet.EventType.EVENT_TYPE_ROOM_LEAVE:
      return withNamed(roomChanged(payload['roomId'], 'leave'), 'left', payload['removeeIdList'])
    case puppet.EventType.EVENT_TYPE_ROOM_TOPIC:
      return roomChanged(payload['roomId'], 'topic')
    case puppet.EventType.EVENT_TYPE_ROOM_INVITE: {
      const said = textOf(payload['roomInvitationId'])
      if (said === '' || said.length > INVITATION_ID_CHARACTERS_MAX) return null
      return { kind: 'hint', hint: { kind: 'room-invite', invitationId: cleanText(said) } }
    }
    case puppet.EventType.EVENT_TYPE_DIRTY:
      return readDirty(payload)
    case puppet.EventType.EVENT_TYPE_READY:
      return { kind: 'ready' }
    default:
      return null
  }
}

/**
 * Whether it proves that what happens to the account comes through. Not the heartbeat, which is made where the stream is
 * served, nor what every new stream is greeted with.
 */
export function provesHearing(event: puppet.EventResponse): boolean {
  switch (event.getType()) {
    case puppet.EventType.EVENT_TYPE_UNSPECIFIED:
    case puppet.EventType.EVENT_TYPE_HEARTBEAT:
    case puppet.EventType.EVENT_TYPE_LOGIN:
    case puppet.EventType.EVENT_TYPE_READY:
    case puppet.EventType.EVENT_TYPE_RESET:
    case puppet.EventType.EVENT_TYPE_ERROR:
      return false
    default:
      return true
  }
}

export const isDong = (event: puppet.EventResponse): boolean =>
  event.getType() === puppet.EventType.EVENT_TYPE_DONG

/** Whether the payload is none that the protocol knows, or far too long for one, which is worth a line in the log. */
export const isGarbled = (event: puppet.EventResponse): boolean => readPayload(event.getPayload()) === null

const readScan = (payload: Record<string, unknown>): PuppetNews | null => {
  const qrcode = codeIn(payload['qrcode'])
  if (qrcode === null) return null
  // A status that we do not know, or none at all, comes with a code that wants to be scanned.
  const progress = SCAN_PROGRESS.get(payload['status']) ?? 'waiting'
  // What is to be confirmed on the phone may come without anything to scan.
  if (payload['type'] === SCAN_TYPE_VERIFY)
    return { kind: 'verification', asked: { by: 'scan', text: qrcode, id: '', message: '', progress } }
  return qrcode || progress !== 'waiting' ? { kind: 'scan', qrcode, progress } : null
}

const asksToVerify = (
  by: 'code' | 'slide',
  payload: Record<string, unknown>,
  shown: unknown,
): PuppetNews | null => {
  const text = codeIn(shown)
  const id = cleanText(textOf(payload['id']))
  if (text === null || id.length > VERIFICATION_ID_CHARACTERS_MAX) return null
  const progress = VERIFY_PROGRESS.get(payload['status']) ?? 'waiting'
  const message = shownText(textOf(payload['message']), REASON_CODE_POINTS_MAX)
  return { kind: 'verification', asked: { by, text, id, message, progress } }
}

/** Null: it is too long to be one. */
const codeIn = (said: unknown): string | null => {
  const text = textOf(said)
  return text.length > QRCODE_CHARACTERS_MAX ? null : cleanText(text)
}

const readDirty = (payload: Record<string, unknown>): PuppetNews | null => {
  const id = payload['payloadId']
  switch (payload['payloadType']) {
    case puppet.PayloadType.PAYLOAD_TYPE_ROOM:
      return staleRoom('room', id)
    case puppet.PayloadType.PAYLOAD_TYPE_ROOM_MEMBER:
      return staleRoom('members', textOf(id).split(STRING_SPLITTER, 1)[0])
    case puppet.PayloadType.PAYLOAD_TYPE_CONTACT: {
      const wxid = ContactWxid.safeParse(id).data
      if (!wxid) return null
      const hint = { kind: 'contact-changed', contactWxid: wxid } as const
      return { kind: 'hint', hint, stale: { what: 'contact', wxid } }
    }
    default:
      return null
  }
}

const staleRoom = (what: 'room' | 'members', id: unknown): PuppetNews | null => {
  const news = roomChanged(id, 'dirty')
  return news && { ...news, stale: { what, wxid: news.hint.roomWxid } }
}

type RoomNews = { kind: 'hint'; hint: Extract<BotHint, { kind: 'room-changed' }> }

const roomChanged = (id: unknown, why: 'join' | 'leave' | 'topic' | 'dirty'): RoomNews | null => {
  const wxid = RoomWxid.safeParse(id)
  return wxid.success ? { kind: 'hint', hint: { kind: 'room-changed', roomWxid: wxid.data, why } } : null
}

const withNamed = (news: RoomNews | null, what: 'joined' | 'left', ids: unknown): PuppetNews | null => {
  if (!news || !Array.isArray(ids)) return news
  const named = ids.flatMap(id => (typeof id === 'string' ? (idOrNull(id) ?? []) : [])).slice(0, NAMED_MAX)
  return named.length > 0 ? { ...news, hint: { ...news.hint, [what]: named } } : news
}

const readPayload = (json: string): Record<string, unknown> | null => {
  if (json.length > PAYLOAD_CHARACTERS_MAX) return null
  try {
    const payload: unknown = JSON.parse(json)
    return typeof payload === 'object' && payload !== null ? { ...payload } : null
  } catch {
    return null
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
