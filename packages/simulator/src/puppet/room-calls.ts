import { puppet } from '@juzi/wechaty-grpc'
import { createRoomAsBot } from '../world/add-room.ts'
import { leaveRoom } from '../world/leave-room.ts'
import { WeComRefused } from '../world/refused.ts'
import { roomPayload } from './payloads.ts'
import { whenLoggedIn } from './puppet-call.ts'

/** The calls about a room as a whole; those about its members are in `room-member-calls.ts`. */
export const roomCalls = {
  roomList: whenLoggedIn((_request, { world, bot }) => {
    const response = new puppet.RoomListResponse()
    response.setIdsList(world.roomsOf(bot.wxid).map(room => room.wxid))
    return response
  }),

  roomPayload: whenLoggedIn((request: puppet.RoomPayloadRequest, { kept, readRoom }) =>
    kept.room(request.getId(), () => roomPayload(readRoom(request.getId()))),
  ),

  roomCreate: whenLoggedIn((request: puppet.RoomCreateRequest, { world, bot }) => {
    const room = createRoomAsBot(world, bot, request.getContactIdsList(), request.getTopic())
    const response = new puppet.RoomCreateResponse()
    response.setId(room.wxid)
    return response
  }),

  roomQuit: whenLoggedIn((request: puppet.RoomQuitRequest, { world, bot }) => {
    const room = world.roomSeenBy(bot, request.getId())
    leaveRoom(world, room.wxid, bot.wxid)
    return new puppet.RoomQuitResponse()
  }),

  roomTopic: whenLoggedIn((request: puppet.RoomTopicRequest, { world, bot }) => {
    const room = world.roomSeenBy(bot, request.getId())
    if (request.hasTopic()) world.setTopic(room.wxid, request.getTopic(), bot.wxid)

    const response = new puppet.RoomTopicResponse()
    response.setTopic(room.topic)
    return response
  }),

  roomAnnounce: whenLoggedIn((request: puppet.RoomAnnounceRequest, { world, bot }) => {
    const room = world.roomSeenBy(bot, request.getId())
    if (request.hasText()) {
      if (room.ownerId !== bot.wxid) throw new WeComRefused('not-owner')
      world.setAnnouncement(room.wxid, request.getText())
    }
    const response = new puppet.RoomAnnounceResponse()
    response.setText(room.announcement)
    return response
  }),

  roomOwnerTransfer: whenLoggedIn((request: puppet.RoomOwnerTransferRequest, { world, bot }) => {
    const room = world.roomSeenBy(bot, request.getId())
    if (room.ownerId !== bot.wxid) throw new WeComRefused('not-owner')
    world.setOwner(room.wxid, request.getContactId())
    return new puppet.RoomOwnerTransferResponse()
  }),
}
