import { WeComRefused } from './refused.ts'
import type { World } from './world.ts'
import type { Bot, Wxid } from './world-state.ts'

/** Somebody leaves by itself, or is removed by the member `by`. The owner can do neither to itself. */
export function leaveRoom(world: World, roomWxid: Wxid, wxid: Wxid, by: Wxid = wxid): void {
  const room = world.room(roomWxid)
  world.memberOf(room, wxid)
  if (by !== wxid) world.memberOf(room, by)
  if (room.ownerId === wxid) throw new WeComRefused('owner-cannot-leave')

  room.members.delete(wxid)
  world.tell({ type: 'room-leave', roomWxid, left: [wxid], removerId: by, at: world.clock.now() })
}

/** The puppet's roomDel: only the owner removes others. */
export function removeAsBot(world: World, bot: Bot, roomWxid: Wxid, wxid: Wxid): void {
  const room = world.roomSeenBy(bot, roomWxid)
  if (room.ownerId !== bot.wxid) throw new WeComRefused('not-owner')
  leaveRoom(world, roomWxid, wxid, bot.wxid)
}
