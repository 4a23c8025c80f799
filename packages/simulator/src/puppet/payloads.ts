import { createHash } from 'node:crypto'
import { puppet, Timestamp } from '@juzi/wechaty-grpc'
import { nameOf, type World } from '../world/world.ts'
import type { Bot, Contact, JoinScene, Member, Message, Room, Wxid } from '../world/world-state.ts'

const { ContactType, RoomMemberJoinSceneType } = puppet
const MS_PER_SECOND = 1_000

/**
 * As long as WeChat's own are, so that the body of a full room is as large as a real one (143 KB). `.invalid` can never be
 * resolved: whoever loads such a picture reaches nobody.
 */
const avatarOf = (id: string) =>
  `https://avatar.simulator.invalid/mmhead/ver_1/${createHash('sha512').update(id).digest('base64url')}/132`

/** A contact as one bot sees it: friend and coworker are facts about the two of them. */
export function contactPayload(world: World, bot: Bot, wxid: Wxid): puppet.ContactPayloadResponse {
  const person = world.person(wxid)
  const payload = new puppet.ContactPayloadResponse()
  payload.setId(person.wxid)
  payload.setName(nameOf(person))
  payload.setGender(person.gender)
  payload.setType(contactType(person))
  payload.setAvatar(avatarOf(person.wxid))
  payload.setAlias(world.remarks.get(bot.wxid)?.get(wxid) ?? '')
  payload.setFriend(world.areFriends(bot.wxid, wxid))
  payload.setCoworker(world.areCoworkers(bot.wxid, wxid))
  payload.setWeixin('userId' in person ? person.userId : person.externalUserId)
  payload.setCorporation(corporationOf(world, person))
  payload.setAdditionalInfo(
    'unionId' in person && person.unionId ? JSON.stringify({ unionId: person.unionId }) : '',
  )
  return payload
}

export function roomPayload(room: Room): puppet.RoomPayloadResponse {
  const payload = new puppet.RoomPayloadResponse()
  payload.setId(room.wxid)
  payload.setTopic(room.topic)
  payload.setAvatar(avatarOf(room.wxid))
  payload.setOwnerId(room.ownerId)
  payload.setAdminIdsList([])
  payload.setMemberIdsList([...room.members.keys()])
  payload.setHandle(room.wecomChatId)
  payload.setExternal(room.external)
  payload.setCreateTime(timestamp(room.createdAt))
  return payload
}

export function roomMemberPayload(world: World, member: Member): puppet.RoomMemberPayloadResponse {
  const payload = new puppet.RoomMemberPayloadResponse()
  payload.setId(member.wxid)
  payload.setName(world.nameOf(member.wxid))
  payload.setAvatar(avatarOf(member.wxid))
  payload.setRoomAlias(member.alias)
  payload.setInviterId(member.inviterId ?? '')
  payload.setJoinTime(Math.floor(member.joinedAt / MS_PER_SECOND))
  payload.setJoinScene(joinScene(member.scene))
  return payload
}

/** The listener is told of a talk between two; in a room everybody listens. */
export function messagePayload(world: World, message: Message): puppet.MessagePayloadResponse {
  const isInRoom = !world.knows(message.roomWxid)
  const payload = new puppet.MessagePayloadResponse()
  payload.setId(message.id)
  payload.setType(puppet.MessageType.MESSAGE_TYPE_TEXT)
  payload.setText(message.text)
  payload.setTalkerId(message.from)
  payload.setRoomId(isInRoom ? message.roomWxid : '')
  payload.setListenerId(isInRoom ? '' : message.roomWxid)
  payload.setReceiveTime(timestamp(message.at))
  return payload
}

export function friendshipPayload(id: string, contactWxid: Wxid): puppet.FriendshipPayloadResponse {
  const payload = new puppet.FriendshipPayloadResponse()
  payload.setId(id)
  payload.setContactId(contactWxid)
  payload.setType(puppet.FriendshipType.FRIENDSHIP_TYPE_CONFIRM)
  return payload
}

// The generated class comes without types (its package expects @types/google-protobuf, which nobody ships).
interface SettableTime {
  setSeconds(seconds: number): void
  setNanos(nanos: number): void
}

export function timestamp(ms: number): Timestamp {
  const moment = new Timestamp() as Timestamp & SettableTime
  moment.setSeconds(Math.floor(ms / MS_PER_SECOND))
  moment.setNanos((ms % MS_PER_SECOND) * 1_000_000)
  return moment
}

function contactType(person: Bot | Contact): puppet.ContactTypeMap[keyof puppet.ContactTypeMap] {
  return person.kind === 'wechat' ? ContactType.CONTACT_TYPE_PERSONAL : ContactType.CONTACT_TYPE_CORPORATION
}

function corporationOf(world: World, person: Bot | Contact): string {
  if ('corporation' in person) return person.corporation ?? ''
  return person.corpId === null ? '' : world.corp(person.corpId).name
}

function joinScene(
  scene: JoinScene,
): puppet.RoomMemberJoinSceneTypeMap[keyof puppet.RoomMemberJoinSceneTypeMap] {
  switch (scene) {
    case 'pulled':
      return RoomMemberJoinSceneType.ROOM_MEMBER_JOIN_SCENE_TYPE_ADD
    case 'card':
      return RoomMemberJoinSceneType.ROOM_MEMBER_JOIN_SCENE_TYPE_INVITE_LINK
    case 'qrcode':
      return RoomMemberJoinSceneType.ROOM_MEMBER_JOIN_SCENE_TYPE_QRCODE
    default:
      return scene satisfies never
  }
}
