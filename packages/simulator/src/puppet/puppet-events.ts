import { puppet } from '@juzi/wechaty-grpc'
import { hears } from '../world/say.ts'
import { qrcodeOf, type Scan } from '../world/scans.ts'
import { type AccountVerification, verificationText } from '../world/verifications.ts'
import type { World } from '../world/world.ts'
import type { WorldEvent } from '../world/world-events.ts'
import type { Bot, Wxid } from '../world/world-state.ts'

const { EventType, PayloadType } = puppet
const MS_PER_SECOND = 1_000

/** As `@juzi/wechaty-puppet` counts them. */
const SCAN_STATUS = { cancelled: 1, waiting: 2, scanned: 3, confirmed: 4, expired: 5 } as const
const SCAN_TYPE_LOGIN = 1
const SCAN_TYPE_VERIFY = 2
const VERIFY_CODE_STATUS: Readonly<Record<string, number>> = { waiting: 1, expired: 2, 'wrong-code': 3 }
const VERIFY_SCENE_LOGIN = 1

export type PuppetEventType = puppet.EventTypeMap[keyof puppet.EventTypeMap]

/** One event for one bot, before faults and the stream have had their say. */
export interface PuppetEvent {
  type: PuppetEventType
  payload: Record<string, unknown>
}

/** Translates what happened in the world into what one bot hears of it. */
export function puppetEventsFor(world: World, bot: Bot, event: WorldEvent): PuppetEvent[] {
  if (event.type === 'friendship') return friendshipEvents(world, bot, event)
  const told = puppetEventFor(world, bot, event)
  return told ? [told] : []
}

/** The contact is another one now; and that it has become a friend is news of its own. */
function friendshipEvents(
  world: World,
  bot: Bot,
  { botWxid, contactWxid }: Extract<WorldEvent, { type: 'friendship' }>,
): PuppetEvent[] {
  if (botWxid !== bot.wxid) return []
  const changed = dirty(PayloadType.PAYLOAD_TYPE_CONTACT, contactWxid)
  if (!world.areFriends(bot.wxid, contactWxid)) return [changed]
  const friendshipId = `${FRIENDSHIP_PREFIX}${contactWxid}`
  return [changed, { type: EventType.EVENT_TYPE_FRIENDSHIP, payload: { friendshipId } }]
}

const FRIENDSHIP_PREFIX = 'friendship-'

export const contactOfFriendship = (id: string): Wxid => id.slice(FRIENDSHIP_PREFIX.length)

function puppetEventFor(
  world: World,
  bot: Bot,
  event: Exclude<WorldEvent, { type: 'friendship' }>,
): PuppetEvent | null {
  switch (event.type) {
    case 'room-join':
      return isInside(world, bot, event.roomWxid)
        ? {
            type: EventType.EVENT_TYPE_ROOM_JOIN,
            payload: {
              inviteeIdList: event.joined,
              inviterId: event.inviterId ?? '',
              roomId: event.roomWxid,
              timestamp: seconds(event.at),
            },
          }
        : null
    case 'room-leave':
      // Whoever was removed hears of it too, although it is no longer inside.
      return isInside(world, bot, event.roomWxid) || event.left.includes(bot.wxid)
        ? {
            type: EventType.EVENT_TYPE_ROOM_LEAVE,
            payload: {
              removeeIdList: event.left,
              removerId: event.removerId,
              roomId: event.roomWxid,
              timestamp: seconds(event.at),
            },
          }
        : null
    case 'room-topic':
      return isInside(world, bot, event.roomWxid)
        ? {
            type: EventType.EVENT_TYPE_ROOM_TOPIC,
            payload: {
              changerId: event.changerId,
              newTopic: event.newTopic,
              oldTopic: event.oldTopic,
              roomId: event.roomWxid,
              timestamp: seconds(event.at),
            },
          }
        : null
    case 'room-owner':
      return isInside(world, bot, event.roomWxid)
        ? dirty(PayloadType.PAYLOAD_TYPE_ROOM, event.roomWxid)
        : null
    case 'member-alias':
      // The protocol has no id for a member: the room's id makes clients forget all members of that room.
      return isInside(world, bot, event.roomWxid)
        ? dirty(PayloadType.PAYLOAD_TYPE_ROOM_MEMBER, event.roomWxid)
        : null
    case 'contact-changed':
      return isAcquainted(world, bot, event.wxid) ? dirty(PayloadType.PAYLOAD_TYPE_CONTACT, event.wxid) : null
    case 'message':
      // Of what it says itself an account hears nothing: it knows.
      return event.message.from !== bot.wxid && hears(world, bot.wxid, event.message)
        ? { type: EventType.EVENT_TYPE_MESSAGE, payload: { messageId: event.message.id } }
        : null
    case 'room-invite':
      return event.contactWxid === bot.wxid
        ? { type: EventType.EVENT_TYPE_ROOM_INVITE, payload: { roomInvitationId: event.invitationId } }
        : null
    case 'scan':
    case 'verification':
    case 'bot-state':
      // Not an event of the room: the session speaks for itself, see `bot-sessions.ts`.
      return null
    default:
      return event satisfies never
  }
}

export const heartbeat = (): PuppetEvent => ({
  type: EventType.EVENT_TYPE_HEARTBEAT,
  payload: { data: 'qunhub simulator' },
})

export const login = (bot: Bot): PuppetEvent => ({
  type: EventType.EVENT_TYPE_LOGIN,
  payload: { contactId: bot.wxid },
})

export const logout = (bot: Bot): PuppetEvent => ({
  type: EventType.EVENT_TYPE_LOGOUT,
  payload: { contactId: bot.wxid, data: '账号已退出登录' },
})

export const ready = (): PuppetEvent => ({ type: EventType.EVENT_TYPE_READY, payload: { data: 'ready' } })

export const dong = (data: string): PuppetEvent => ({ type: EventType.EVENT_TYPE_DONG, payload: { data } })

export const scan = (bot: Bot, shown: Scan, now: number): PuppetEvent => ({
  type: EventType.EVENT_TYPE_SCAN,
  payload: {
    qrcode: qrcodeOf(bot.wxid, shown),
    status: SCAN_STATUS[shown.status],
    type: SCAN_TYPE_LOGIN,
    timestamp: seconds(now),
  },
})

/** Null where the protocol has no word for it: that a code was right is told by what comes of it. */
export function verification(bot: Bot, wanted: AccountVerification, now: number): PuppetEvent | null {
  const text = verificationText(bot.wxid, wanted)
  if (wanted.by === 'scan') {
    const { status } = wanted
    return {
      type: EventType.EVENT_TYPE_SCAN,
      payload: {
        qrcode: text,
        status: status === 'wrong-code' ? SCAN_STATUS.waiting : SCAN_STATUS[status],
        type: SCAN_TYPE_VERIFY,
        timestamp: seconds(now),
      },
    }
  }
  const status = VERIFY_CODE_STATUS[wanted.status]
  if (status === undefined) return null
  return {
    type: EventType.EVENT_TYPE_VERIFY_CODE,
    payload: { id: text, scene: VERIFY_SCENE_LOGIN, status, message: '验证码已发送到账号的手机' },
  }
}

export function dirty(payloadType: number, payloadId: string): PuppetEvent {
  return { type: EventType.EVENT_TYPE_DIRTY, payload: { payloadType, payloadId } }
}

const isInside = (world: World, bot: Bot, roomWxid: Wxid) =>
  world.rooms.get(roomWxid)?.members.has(bot.wxid) ?? false

const isAcquainted = (world: World, bot: Bot, wxid: Wxid) =>
  bot.wxid === wxid ||
  world.canInvite(bot, wxid) ||
  world.rooms.values().some(room => room.members.has(bot.wxid) && room.members.has(wxid))

const seconds = (ms: number) => Math.floor(ms / MS_PER_SECOND)
