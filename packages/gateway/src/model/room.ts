import { createHash } from 'node:crypto'
import type {
  BotInfo,
  CallbackMember,
  ChatId,
  ChatroomBody,
  ContactWxid,
  Label,
  Member,
  RoomRow,
  RoomWxid,
  WorkspaceId,
} from '@qunhub/wire'
import type { Contact } from './contact.ts'

export interface RoomMember {
  readonly contact: Contact
  readonly roomAlias: string | null
  /** The puppet could not load the contact, or was not asked: what stands here gives way to what is known. */
  readonly unread?: true
}

/** A room as one bot's puppet tells it, at one moment. Members stand in the order of joining (RW-1). */
export interface Room {
  readonly wxid: RoomWxid
  readonly topic: string
  readonly avatarUrl: string
  /** Empty while the puppet does not know the owner. */
  readonly ownerId: ContactWxid | ''
  readonly external: boolean
  /** `wr…`, where the puppet tells it. */
  readonly wecomChatId: string | null
  readonly members: readonly RoomMember[]
  /** Since when the bot is in it, in the puppet's seconds; null or absent where it does not say. It is not kept. */
  readonly joinedAt?: number | null
}

/** A room as one bot sees it, as the store keeps it: everything a row or a callback body is rendered from. */
export interface Chat {
  readonly chatId: ChatId
  readonly workspaceId: WorkspaceId
  readonly bot: BotInfo
  readonly room: Room
  /** In the order of tagging (RW-2). */
  readonly labels: readonly Label[]
  /** Whether the workspace has wecomChatId switched on (RW-4). */
  readonly showWecomChatId: boolean
}

export const hasMember = (room: Room, wxid: string): boolean =>
  room.members.some(member => member.contact.wxid === wxid)

/** The id a chat has had since before the store was built, and will have after it is rebuilt. */
export const chatIdOf = (workspaceId: WorkspaceId, botWxid: ContactWxid, roomWxid: RoomWxid): ChatId =>
  createHash('sha256')
    .update(`chat\n${workspaceId}\n${botWxid}\n${roomWxid}`)
    .digest('hex')
    .slice(0, 24) as ChatId

/** One row of a list, keys in the order of the page (RW). */
export const toRoomRow = (chat: Chat): RoomRow => ({
  ...roomHead(chat),
  members: chat.room.members.map(toRowMember),
  labels: chat.labels.map(({ id, name }) => ({ id, name })),
  ...(chat.showWecomChatId && chat.room.wecomChatId ? { wecomChatId: chat.room.wecomChatId } : {}),
  external: chat.room.external,
  memberCount: chat.room.members.length,
})

/** The body of `joined` and `loaded`, keys in the order of the page (CB). `syncedTime` in milliseconds. */
export const toChatroomBody = (chat: Chat, syncedTime: number): ChatroomBody => ({
  ...roomHead(chat),
  members: chat.room.members.map(toCallbackMember),
  group: chat.workspaceId,
  syncedTime,
})

const roomHead = ({ chatId, bot, room }: Chat) => ({
  chatId,
  botInfo: { wxid: bot.wxid, weixin: bot.weixin, nickName: bot.nickName },
  wxid: room.wxid,
  topic: room.topic,
  avatarUrl: room.avatarUrl,
  ownerId: room.ownerId,
})

export const toCallbackMember = ({ contact, roomAlias }: RoomMember): CallbackMember => ({
  wxid: contact.wxid,
  nickName: contact.name,
  avatarUrl: contact.avatarUrl,
  roomAlias,
  isFriend: contact.isFriend,
  contactType: contact.type,
  coworker: contact.coworker,
})

const toRowMember = (member: RoomMember): Member => ({
  ...toCallbackMember(member),
  ...(member.contact.corporation ? { corporation: member.contact.corporation } : {}),
})
