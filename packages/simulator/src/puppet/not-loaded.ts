import { puppet } from '@juzi/wechaty-grpc'
import type { PuppetCallName } from '../puppet-call-names.ts'
import type { Bot } from '../world/world-state.ts'
import type { Coldness } from './account-starts.ts'

/** How a call is answered that asks for what is not loaded: with as good as nothing, with an error, or never. */
export type ColdAnswer = 'empty' | 'refuse' | 'hang'

/** What a cold account makes of a call; null: it is answered as ever. */
export function coldAnswer(
  name: PuppetCallName,
  request: never,
  bot: Bot,
  { rooms }: Coldness,
): ColdAnswer | null {
  switch (name) {
    case 'roomList':
    case 'contactList':
    case 'batchContactPayload':
      return 'empty'
    case 'contactPayload':
      // Itself it knows from the login.
      return (request as puppet.ContactPayloadRequest).getId() === bot.wxid ? null : 'refuse'
    case 'roomPayload':
    case 'roomMemberList':
    case 'batchRoomMemberPayload':
      return rooms
    case 'roomMemberPayload':
      return rooms === 'empty' ? 'refuse' : rooms
    default:
      return null
  }
}

/** Lists are empty; a room has its id and nothing else. */
export function answerWhileLoading(name: PuppetCallName, request: never): object {
  if (name === 'roomList') return new puppet.RoomListResponse()
  if (name === 'contactList') return new puppet.ContactListResponse()
  if (name === 'roomMemberList') return new puppet.RoomMemberListResponse()
  if (name === 'batchContactPayload') return new puppet.BatchContactPayloadResponse()
  if (name === 'batchRoomMemberPayload') return new puppet.BatchRoomMemberPayloadResponse()
  const room = new puppet.RoomPayloadResponse()
  room.setId((request as puppet.RoomPayloadRequest).getId())
  return room
}
