import { ROOM_MEMBERS_DIRECT_INVITE_MAX, ROOM_MEMBERS_MAX } from './platform-limits.ts'
import { WeComRefused } from './refused.ts'
import { sendInvitation } from './invitations.ts'
import type { World } from './world.ts'
import type { Bot, JoinScene, Room, Wxid } from './world-state.ts'

export type Added = 'joined' | 'invited'

/** Somebody joins: pulled in by the member `by`, or by scanning the room's QR code. */
export function joinRoom(world: World, roomWxid: Wxid, wxid: Wxid, by?: Wxid): void {
  const room = world.room(roomWxid)
  if (by !== undefined) world.memberOf(room, by)
  enterRoom(world, room, wxid, by === undefined ? { inviterId: null, scene: 'qrcode' } : { inviterId: by, scene: 'pulled' })
}

/**
 * The puppet's roomAdd for one contact. WeCom pulls a contact into a small room and sends a card for a large one;
 * the caller of the puppet is told "done" either way, which is why gateways have to look twice.
 */
export function addToRoomAsBot(world: World, bot: Bot, roomWxid: Wxid, wxid: Wxid, inviteOnly: boolean): Added {
  const room = world.roomSeenBy(bot, roomWxid)
  world.person(wxid)
  if (room.members.has(wxid)) throw new WeComRefused('already-member', wxid)
  if (!world.canInvite(bot, wxid)) throw new WeComRefused('not-friend', wxid)
  refuseUnfit(world, room, wxid)

  if (inviteOnly || room.members.size >= ROOM_MEMBERS_DIRECT_INVITE_MAX) {
    sendInvitation(world, bot, room, wxid)
    return 'invited'
  }
  enterRoom(world, room, wxid, { inviterId: bot.wxid, scene: 'pulled' })
  return 'joined'
}

/** The one door into a room; every rule about who fits inside is checked here. */
export function enterRoom(world: World, room: Room, wxid: Wxid, how: { inviterId: Wxid | null; scene: JoinScene }): void {
  world.person(wxid)
  if (room.members.has(wxid)) throw new WeComRefused('already-member', wxid)
  refuseUnfit(world, room, wxid)

  const now = world.clock.now()
  room.members.set(wxid, { wxid, joinedAt: now, alias: '', ...how })
  world.tell({ type: 'room-join', roomWxid: room.wxid, joined: [wxid], inviterId: how.inviterId, at: now })
}

function refuseUnfit(world: World, room: Room, wxid: Wxid): void {
  const isOutsider = !world.areCoworkers(room.ownerId, wxid)
  if (!room.external && isOutsider) throw new WeComRefused('external-in-internal-room', wxid)
  if (room.members.size >= ROOM_MEMBERS_MAX) throw new WeComRefused('room-full')
}
