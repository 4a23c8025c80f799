import type { BotInfo, RoomEventMember, RoomJoinedBody, RoomLeftBody, RoomTopicBody } from '@qunhub/wire'
import { type Chat, type Room, type RoomMember, toCallbackMember } from './room.ts'

/** What the newer callbacks show of a chat besides members. */
export type ChatHead = Pick<Chat, 'chatId' | 'workspaceId' | 'bot'> & {
  readonly room: Pick<Room, 'wxid' | 'topic' | 'avatarUrl' | 'ownerId'>
}

/** The body of `room/joined`, keys in their order (NB-6). `at` in milliseconds. */
export const toRoomJoinedBody = (
  chat: ChatHead,
  joined: readonly RoomEventMember[],
  at: number,
): RoomJoinedBody => ({ ...headOf(chat), joinedMembers: [...joined], ...footOf(chat, at) })

/** The body of `room/left`, likewise. */
export const toRoomLeftBody = (
  chat: ChatHead,
  left: readonly RoomEventMember[],
  at: number,
): RoomLeftBody => ({
  ...headOf(chat),
  leftMembers: [...left],
  ...footOf(chat, at),
})

/** The body of `room/topic`, likewise; the topic is the new one. */
export const toRoomTopicBody = (chat: ChatHead, at: number): RoomTopicBody => ({
  ...headOf(chat),
  ...footOf(chat, at),
})

/** A member as the newer callbacks carry it: one who is not the bot itself. */
export function toEventMember(member: RoomMember): RoomEventMember {
  const { wxid, ...facts } = toCallbackMember(member)
  return { imContactId: wxid, ...facts, isSelf: false }
}

/** The bot itself as a member of its room. */
export function toSelf(bot: BotInfo, members: readonly RoomMember[]): RoomEventMember {
  const self = members.find(({ contact }) => contact.wxid === bot.wxid)
  if (self) return { ...toEventMember(self), isSelf: true }
  // A puppet may list a room without showing the bot in it; then the account is all that is known.
  const { wxid: imContactId, nickName } = bot
  const unknown = {
    avatarUrl: '',
    roomAlias: null,
    isFriend: false,
    contactType: 0,
    coworker: false,
  } as const
  return { imContactId, nickName, ...unknown, isSelf: true }
}

const headOf = ({ chatId, bot, room }: ChatHead) => ({
  chatId,
  botInfo: { imBotId: bot.wxid, wecomUserId: bot.weixin, nickName: bot.nickName },
  imRoomId: room.wxid,
  topic: room.topic,
  avatarUrl: room.avatarUrl,
  ownerImContactId: room.ownerId,
})

const footOf = ({ workspaceId }: ChatHead, at: number) => ({ groupId: workspaceId, timestamp: String(at) })
