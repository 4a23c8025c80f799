import { roomTopic } from './chinese-names.ts'
import { mintRoomWxid, mintWecomChatId } from './mint-ids.ts'
import { ROOM_INVITEES_MIN, ROOM_MEMBERS_MAX } from './platform-limits.ts'
import { WeComRefused } from './refused.ts'
import type { World } from './world.ts'
import type { Bot, Member, Room, Wxid } from './world-state.ts'

export interface NewRoom {
  topic?: string
  ownerId: Wxid
  members?: readonly Wxid[]
  /** Left out: external as soon as somebody in it is not a coworker of the owner. */
  external?: boolean
  wxid?: Wxid
}

/** A room made by a person in WeCom itself. Bots among its members are told that they were pulled in. */
export function addRoom(world: World, asked: NewRoom): Room {
  const invitees = others(asked.ownerId, asked.members ?? [])
  for (const wxid of [asked.ownerId, ...invitees]) world.person(wxid)
  if (invitees.length + 1 > ROOM_MEMBERS_MAX) throw new WeComRefused('room-full')
  if (asked.wxid !== undefined && world.rooms.has(asked.wxid)) throw new WeComRefused('id-taken', asked.wxid)

  const stranger = invitees.find(wxid => !world.areCoworkers(asked.ownerId, wxid))
  const external = asked.external ?? stranger !== undefined
  if (!external && stranger !== undefined) throw new WeComRefused('external-in-internal-room', stranger)

  return openRoom(world, { ...asked, topic: asked.topic ?? roomTopic(world.chance), external, invitees })
}

/** The puppet's roomCreate: the bot owns the new room and may bring only friends and coworkers. */
export function createRoomAsBot(world: World, bot: Bot, contactIds: readonly Wxid[], topic: string): Room {
  const invitees = others(bot.wxid, contactIds)
  for (const wxid of invitees) world.person(wxid)
  if (invitees.length < ROOM_INVITEES_MIN) throw new WeComRefused('too-few-members')
  if (invitees.length + 1 > ROOM_MEMBERS_MAX) throw new WeComRefused('room-full')

  const stranger = invitees.find(wxid => !world.canInvite(bot, wxid))
  if (stranger !== undefined) throw new WeComRefused('not-friend', stranger)

  const external = invitees.some(wxid => !world.areCoworkers(bot.wxid, wxid))
  return openRoom(world, { ownerId: bot.wxid, topic, external, invitees })
}

interface Opening {
  ownerId: Wxid
  topic: string
  external: boolean
  invitees: Wxid[]
  wxid?: Wxid
}

function openRoom(world: World, { ownerId, topic, external, invitees, wxid }: Opening): Room {
  const now = world.clock.now()
  const enter = (memberWxid: Wxid, inviterId: Wxid | null): [Wxid, Member] => [
    memberWxid,
    { wxid: memberWxid, joinedAt: now, inviterId, scene: 'pulled', alias: '' },
  ]
  const room: Room = {
    wxid: wxid ?? freshRoomWxid(world, ownerId),
    wecomChatId: world.bots.get(ownerId)?.kind === 'wechat' ? '' : mintWecomChatId(world.chance),
    external,
    createdAt: now,
    members: new Map([enter(ownerId, null), ...invitees.map(invitee => enter(invitee, ownerId))]),
    topic,
    ownerId,
    announcement: '',
  }
  world.rooms.set(room.wxid, room)
  if (invitees.length === 0) world.changed()
  else world.tell({ type: 'room-join', roomWxid: room.wxid, joined: invitees, inviterId: ownerId, at: now })
  return room
}

function freshRoomWxid(world: World, ownerId: Wxid): Wxid {
  const ownerKind = world.bots.get(ownerId)?.kind ?? 'wecom'
  let wxid = mintRoomWxid(world.chance, ownerKind)
  while (world.rooms.has(wxid)) wxid = mintRoomWxid(world.chance, ownerKind)
  return wxid
}

function others(ownerId: Wxid, members: readonly Wxid[]): Wxid[] {
  return [...new Set(members)].filter(wxid => wxid !== ownerId)
}
