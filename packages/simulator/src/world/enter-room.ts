import { ROOM_MEMBERS_MAX } from './platform-limits.ts'
import { WeComRefused } from './refused.ts'
import type { World } from './world.ts'
import type { JoinScene, Room, Wxid } from './world-state.ts'

/**
 * Somebody joins: pulled in by the member `by`, or by scanning the room's QR code. WeCom names whose code that was, and
 * here it is the owner's: stock programs cannot bear a join without anybody who invited.
 */
export function joinRoom(world: World, roomWxid: Wxid, wxid: Wxid, by?: Wxid): void {
  const room = world.room(roomWxid)
  if (by !== undefined) world.memberOf(room, by)
  enterRoom(
    world,
    room,
    wxid,
    by === undefined ? { inviterId: room.ownerId, scene: 'qrcode' } : { inviterId: by, scene: 'pulled' },
  )
}

/** The one door into a room; every rule about who fits inside is checked here. */
export function enterRoom(
  world: World,
  room: Room,
  wxid: Wxid,
  how: { inviterId: Wxid | null; scene: JoinScene },
): void {
  world.person(wxid)
  if (room.members.has(wxid)) throw new WeComRefused('already-member', wxid)
  refuseUnfit(world, room, wxid)

  const now = world.clock.now()
  room.members.set(wxid, { wxid, joinedAt: now, alias: '', ...how })
  world.tell({ type: 'room-join', roomWxid: room.wxid, joined: [wxid], inviterId: how.inviterId, at: now })
}

/** Whether the room has room for this person at all, however it would come in. */
export function refuseUnfit(world: World, room: Room, wxid: Wxid): void {
  const isOutsider = !world.areCoworkers(room.ownerId, wxid)
  if (!room.external && isOutsider) throw new WeComRefused('external-in-internal-room', wxid)
  if (room.members.size >= ROOM_MEMBERS_MAX) throw new WeComRefused('room-full')
}
