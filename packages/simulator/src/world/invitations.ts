import { enterRoom } from './enter-room.ts'
import { mintInvitationId } from './mint-ids.ts'
import { INVITATIONS_MAX } from './platform-limits.ts'
import { WeComRefused } from './refused.ts'
import type { World } from './world.ts'
import type { Bot, Invitation, Room, Wxid } from './world-state.ts'

/** Asking twice sends two cards, exactly so that a gateway that asks twice is found out. */
export function sendInvitation(world: World, bot: Bot, room: Room, contactWxid: Wxid): Invitation {
  const invitation: Invitation = {
    id: mintInvitationId(world.chance),
    roomWxid: room.wxid,
    contactWxid,
    botWxid: bot.wxid,
    sentAt: world.clock.now(),
    state: 'pending',
  }
  world.invitations.set(invitation.id, invitation)
  forgetOldest(world)
  world.tell({ type: 'room-invite', invitationId: invitation.id, contactWxid })
  return invitation
}

/** The contact taps the card. Whether there is still room inside is decided now, not when the card was sent. */
export function acceptInvitation(world: World, id: string): void {
  const invitation = pending(world, id)
  enterRoom(world, world.room(invitation.roomWxid), invitation.contactWxid, {
    inviterId: invitation.botWxid,
    scene: 'card',
  })
  invitation.state = 'accepted'
  world.changed()
}

export function declineInvitation(world: World, id: string): void {
  pending(world, id).state = 'declined'
  world.changed()
}

function pending(world: World, id: string): Invitation {
  const invitation = world.invitation(id)
  if (invitation.state !== 'pending') throw new WeComRefused('invitation-settled', id)
  return invitation
}

function forgetOldest(world: World): void {
  if (world.invitations.size <= INVITATIONS_MAX) return
  const oldest = world.invitations.values().find(invitation => invitation.state !== 'pending')
  if (oldest) world.invitations.delete(oldest.id)
}
