import { enterRoom, refuseUnfit } from './enter-room.ts'
import { sendInvitation } from './invitations.ts'
import { ROOM_MEMBERS_DIRECT_INVITE_MAX } from './platform-limits.ts'
import { WeComRefused } from './refused.ts'
import type { World } from './world.ts'
import type { Bot, Wxid } from './world-state.ts'

export type Added = 'joined' | 'invited'

/**
 * The puppet's roomAdd for one contact. WeCom pulls a contact into a small room and sends a card for a large one;
 * the caller of the puppet is told "done" either way, which is why gateways have to look twice.
 */
export function addToRoomAsBot(
  world: World,
  bot: Bot,
  roomWxid: Wxid,
  wxid: Wxid,
  inviteOnly: boolean,
): Added {
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
