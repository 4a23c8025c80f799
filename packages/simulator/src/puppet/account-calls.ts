import { puppet } from '@juzi/wechaty-grpc'
import { enterVerifyCode } from '../world/verifications.ts'
import { always, whenLoggedIn } from './puppet-call.ts'
import { dirty, dong } from './puppet-events.ts'

/** The calls about the hosted account itself. */
export const accountCalls = {
  start: always(() => new puppet.StartResponse()),

  // Stopping a real service logs the phone's account out; a client that only wants to leave cancels its stream.
  stop: always((_request, { world, bot }) => {
    world.setBotState(bot.wxid, 'logged-out')
    return new puppet.StopResponse()
  }),

  logout: whenLoggedIn((_request, { world, bot }) => {
    world.setBotState(bot.wxid, 'logged-out')
    return new puppet.LogoutResponse()
  }),

  enterVerifyCode: always((request: puppet.EnterVerifyCodeRequest, { world, bot }) => {
    enterVerifyCode(world, bot.wxid, request.getId(), request.getCode())
    return new puppet.EnterVerifyCodeResponse()
  }),

  ding: always((request: puppet.DingRequest, { tell }) => {
    tell(dong(request.getData()))
    return new puppet.DingResponse()
  }),

  version: always(() => {
    const response = new puppet.VersionResponse()
    response.setVersion('0.1.0')
    return response
  }),

  currentUser: whenLoggedIn((_request, { bot }) => {
    const response = new puppet.CurrentUserResponse()
    response.setUserId(bot.wxid)
    return response
  }),

  // Stock servers say `dirty` to whoever listens, also to the one that asked for it; and stock clients wait 5 s for it.
  dirtyPayload: always((request: puppet.DirtyPayloadRequest, { kept, tell }) => {
    kept.forget(request.getType(), request.getId())
    tell(dirty(request.getType(), request.getId()))
    return new puppet.DirtyPayloadResponse()
  }),

  contactSelfName: whenLoggedIn((request: puppet.ContactSelfNameRequest, { world, bot }) => {
    world.renameContact(bot.wxid, request.getName())
    return new puppet.ContactSelfNameResponse()
  }),

  contactSelfRoomAlias: whenLoggedIn((request: puppet.ContactSelfRoomAliasRequest, { world, bot }) => {
    const room = world.roomSeenBy(bot, request.getRoomId())
    world.setAlias(room.wxid, bot.wxid, request.getAlias())
    return new puppet.ContactSelfRoomAliasResponse()
  }),
}
