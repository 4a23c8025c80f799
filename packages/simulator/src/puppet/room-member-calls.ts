import { puppet } from '@juzi/wechaty-grpc'
import { addToRoomAsBot } from '../world/add-to-room.ts'
import { acceptInvitation } from '../world/invitations.ts'
import { removeAsBot } from '../world/leave-room.ts'
import { UnknownId, WeComRefused } from '../world/refused.ts'
import type { Member, Wxid } from '../world/world-state.ts'
import { roomMemberPayload, timestamp } from './payloads.ts'
import { type CallContext, whenLoggedIn } from './puppet-call.ts'

/** The calls about who is in a room, who comes, and who goes. */
export const roomMemberCalls = {
  roomMemberList: whenLoggedIn((request: puppet.RoomMemberListRequest, { readRoom }) => {
    const response = new puppet.RoomMemberListResponse()
    response.setMemberIdsList([...readRoom(request.getId()).members.keys()])
    return response
  }),

  roomMemberPayload: whenLoggedIn((request: puppet.RoomMemberPayloadRequest, { world, kept, readRoom }) =>
    kept.member(request.getId(), request.getMemberId(), () => {
      const member = readRoom(request.getId()).members.get(request.getMemberId())
      if (!member) throw new UnknownId('member', request.getMemberId())
      return roomMemberPayload(world, member)
    }),
  ),

  // Whoever left in the meantime is left out, as in batchContactPayload.
  batchRoomMemberPayload: whenLoggedIn(
    (request: puppet.BatchRoomMemberPayloadRequest, { world, readRoom }) => {
      const { members } = readRoom(request.getId())
      const present = request.getMemberIdsList().flatMap((wxid: string) => members.get(wxid) ?? [])
      const response = new puppet.BatchRoomMemberPayloadResponse()
      response.setMemberPayloadsList(present.map((member: Member) => roomMemberPayload(world, member)))
      return response
    },
  ),

  roomAdd: whenLoggedIn((request: puppet.RoomAddRequest, { world, bot }) => {
    const several = request.getContactIdsList()
    const wxids = several.length > 0 ? several : [request.getContactId()]
    for (const wxid of wxids) addToRoomAsBot(world, bot, request.getId(), wxid, request.getInviteOnly())
    return new puppet.RoomAddResponse()
  }),

  roomAddV2: whenLoggedIn((request: puppet.RoomAddV2Request, context) => {
    const { world, bot } = context
    world.roomSeenBy(bot, request.getId())
    const tried = oneByOne(request.getContactIdsList(), wxid =>
      addToRoomAsBot(world, bot, request.getId(), wxid, request.getInviteOnly()),
    )
    const response = new puppet.RoomAddV2Response()
    response.setSuccessIdsList(tried.succeeded)
    response.setFailedIdsList(tried.failed)
    response.setFailedReasonsList(tried.reasons)
    return response
  }),

  roomDel: whenLoggedIn((request: puppet.RoomDelRequest, { world, bot }) => {
    const several = request.getContactIdsList()
    const wxids = several.length > 0 ? several : [request.getContactId()]
    for (const wxid of wxids) removeAsBot(world, bot, request.getId(), wxid)
    return new puppet.RoomDelResponse()
  }),

  roomDelV2: whenLoggedIn((request: puppet.RoomDelV2Request, { world, bot }) => {
    world.roomSeenBy(bot, request.getId())
    const tried = oneByOne(request.getContactIdsList(), wxid =>
      removeAsBot(world, bot, request.getId(), wxid),
    )
    const response = new puppet.RoomDelV2Response()
    response.setSuccessIdsList(tried.succeeded)
    response.setFailedIdsList(tried.failed)
    response.setFailedReasonsList(tried.reasons)
    return response
  }),

  roomInvitationPayload: whenLoggedIn((request: puppet.RoomInvitationPayloadRequest, context) => {
    const invitation = invitationToBot(context, request.getId())
    const room = context.world.room(invitation.roomWxid)

    const response = new puppet.RoomInvitationPayloadResponse()
    response.setId(invitation.id)
    response.setInviterId(invitation.botWxid)
    response.setReceiverId(invitation.contactWxid)
    response.setTopic(room.topic)
    response.setMemberCount(room.members.size)
    response.setMemberIdsList([...room.members.keys()])
    response.setInvitation(`qunhub-simulator://invitation/${invitation.id}`)
    response.setReceiveTime(timestamp(invitation.sentAt))
    return response
  }),

  roomInvitationAccept: whenLoggedIn((request: puppet.RoomInvitationAcceptRequest, context) => {
    acceptInvitation(context.world, invitationToBot(context, request.getId()).id)
    return new puppet.RoomInvitationAcceptResponse()
  }),
}

function invitationToBot({ world, bot }: CallContext, id: string) {
  const invitation = world.invitation(id)
  if (invitation.contactWxid !== bot.wxid) throw new WeComRefused('not-invited')
  return invitation
}

/** The V2 calls carry on after a refusal and say afterwards whom it hit. */
function oneByOne(wxids: readonly Wxid[], attempt: (wxid: Wxid) => unknown) {
  const succeeded: Wxid[] = []
  const failed: Wxid[] = []
  const reasons: string[] = []
  for (const wxid of wxids) {
    try {
      attempt(wxid)
      succeeded.push(wxid)
    } catch (error) {
      if (!(error instanceof WeComRefused || error instanceof UnknownId)) throw error
      failed.push(wxid)
      reasons.push(error.message)
    }
  }
  return { succeeded, failed, reasons }
}
