// Written from @qunhub/wire by `npm run generate -w @qunhub/client`, and held to it by a test: change wire, not this.
import type { Answer, CallOptions, Keyed, Waiting } from './calls/answer.ts'

/** Nothing can be asked for in particular. */
export type Nothing = Readonly<Record<string, never>>

/** 加入群聊 / Add a contact to a room (POST /room/addMember) */
export interface RoomAddMemberRequest {
  /** 执行添加的托管账号的 userId / userId of the account that adds */
  readonly botUserId: string
  /** 被添加的联系人的 wxid 或 externalUserId (wm…/wo…) / wxid or externalUserId of the contact who is added */
  readonly contactWxid: string
  /** 群 wxid / wxid of the room */
  readonly roomWxid: string
}

/** 创建群聊 / Create a room (POST /room/create) */
export interface RoomCreateRequest {
  /** 执行建群的托管账号的 userId / userId of the account that creates it */
  readonly botUserId: string
  /** 拉入的企业成员的 userId; 不计入 2~40 人 / userIds of coworkers; they do not count towards the 2 to 40 */
  readonly userIds?: readonly string[] | null | undefined
  /** 拉入的外部联系人的 unionId / unionIds of external contacts */
  readonly unionIds?: readonly string[] | null | undefined
  /** 新群的名字 / name of the new room */
  readonly name?: string | null | undefined
  /** 建群后的激活语 / first message in the new room */
  readonly greeting?: string | null | undefined
  /** 拉入的联系人的 wxid 或 externalUserId (wm…/wo…) / wxids or externalUserIds (wm…/wo…) of contacts */
  readonly wxids?: readonly string[] | null | undefined
}

/** 退出群聊 / Leave a room (POST /room/exit) */
export interface RoomExitRequest {
  /** 执行退群的托管账号的 userId / userId of the account that leaves */
  readonly wecomUserId: string
  /** 群 wxid / wxid of the room */
  readonly roomWxid: string
}

/** 通过秒回群聊标签查询群 / Rooms by tag (GET /room/listByMHTag) */
export interface RoomListByMHTagRequest {
  /** 秒回标签 id; 不传则返回全部群 / id of the tag; without it every room */
  readonly mhTagId?: string | null | undefined
  /** 当前页数 (从 1 开始) / page, from 1 */
  readonly current?: number | null | undefined
  /** 条数, 默认 20, 最大 100 / rows of a page, 20 by default, at most 100 */
  readonly pageSize?: number | null | undefined
}

/** 通过联系人 id 获取联系人所在群聊 / Rooms of a contact (GET /room/listByMember) */
export interface RoomListByMemberRequest {
  /** 联系人的 wxid 或 externalUserId (wm…/wo…) / wxid or externalUserId of the contact */
  readonly contactWxid: string
}

/** 群列表 / Rooms (GET /room/list) */
export interface RoomListRequest {
  /** 当前页数 (从 0 开始) / page, from 0 */
  readonly current?: number | null | undefined
  /** 条数, 默认 20, 最大 100 / rows of a page */
  readonly pageSize?: number | null | undefined
  /** 只查这个群 / this room only */
  readonly wxid?: string | null | undefined
}

/** 群列表 (不含成员) / Rooms without their members (GET /room/simpleList) */
export interface RoomSimpleListRequest {
  /** 当前页数 (从 0 开始) / page, from 0 */
  readonly current?: number | null | undefined
  /** 条数, 默认 20, 最大 100 / rows of a page */
  readonly pageSize?: number | null | undefined
  /** 只查这个群 / this room only */
  readonly wxid?: string | null | undefined
}

/** 托管账号列表 / Hosted accounts (GET /bot/list) */
export type BotListRequest = Nothing

/** 联系人列表 / Contacts (GET /contact/list) */
export interface ContactListRequest {
  /** 当前页数 (从 0 开始) / page, from 0 */
  readonly current?: number | null | undefined
  /** 条数, 默认 20, 最大 100 / rows of a page */
  readonly pageSize?: number | null | undefined
  /** 只查这个联系人 / this contact only */
  readonly wxid?: string | null | undefined
}

/** 秒回标签列表 / Tags (GET /tag/list) */
export type TagListRequest = Nothing

/** /room/addMember was carried out. */
export interface RoomAddMemberReply {
  /** 已确认成员在群内 (AM-25) / the member was seen in the room */
  readonly seen: boolean
}

/** /room/create was carried out. */
export interface RoomCreateReply {
  readonly data: {
    /** 群聊的对话 id / id of the chat: a room as one account sees it */
    readonly chatId: string
    /** 群 wxid / wxid of the room */
    readonly roomWxid: string
  }
}

export type RoomExitReply = object

/** /room/listByMHTag was carried out. */
export interface RoomListByMHTagReply {
  readonly data: readonly RoomRow[]
  readonly page: Page
}

/** /room/listByMember was carried out. */
export interface RoomListByMemberReply {
  readonly data: readonly RoomRow[]
}

/** /room/list was carried out. */
export interface RoomListReply {
  readonly data: readonly RoomRow[]
  readonly page: Page
}

/** /room/simpleList was carried out. */
export interface RoomSimpleListReply {
  readonly data: readonly SimpleRoomRow[]
  readonly page: Page
}

/** /bot/list was carried out. */
export interface BotListReply {
  readonly data: readonly BotRow[]
}

/** /contact/list was carried out. */
export interface ContactListReply {
  readonly data: readonly ContactRow[]
  readonly page: Page
}

/** /tag/list was carried out. */
export interface TagListReply {
  readonly data: readonly TagRecord[]
}

export type RoomAddMemberRefusal =
  | 'token-invalid'
  | 'bot-unknown'
  | 'bot-ambiguous'
  | 'not-wecom'
  | 'bot-offline'
  | 'room-load-failed'
  | 'bot-not-in-room'
  | 'room-internal'
  | 'already-member'
  | 'not-friend'
  | 'room-full'
  | 'add-failed'

export type RoomCreateRefusal =
  | 'token-invalid'
  | 'bot-unknown'
  | 'bot-ambiguous'
  | 'not-wecom'
  | 'bot-offline'
  | 'coworker-unknown'
  | 'contact-unknown'
  | 'contact-load-failed'
  | 'invitees-too-many'
  | 'invitees-too-few'
  | 'create-failed'

export type RoomExitRefusal =
  | 'token-invalid'
  | 'bot-unknown'
  | 'bot-ambiguous'
  | 'bot-not-logged-in'
  | 'not-wecom'
  | 'bot-offline'
  | 'room-unknown'
  | 'bot-not-in-room'
  | 'room-load-failed'
  | 'bot-owns-room'
  | 'exit-failed'

export type RoomListByMHTagRefusal =
  | 'token-invalid'

export type RoomListByMemberRefusal =
  | 'token-invalid'

export type RoomListRefusal =
  | 'token-invalid'

export type RoomSimpleListRefusal =
  | 'token-invalid'

export type BotListRefusal =
  | 'token-invalid'

export type ContactListRefusal =
  | 'token-invalid'

export type TagListRefusal =
  | 'token-invalid'

export interface RoomCalls {
  /** 加入群聊 / Add a contact to a room (POST /room/addMember) */
  addMember(
    ask: RoomAddMemberRequest,
    options?: CallOptions & Waiting,
  ): Promise<Answer<RoomAddMemberReply, RoomAddMemberRefusal>>
  /** 创建群聊 / Create a room (POST /room/create) */
  create(
    ask: RoomCreateRequest,
    options?: CallOptions & Keyed,
  ): Promise<Answer<RoomCreateReply, RoomCreateRefusal>>
  /** 退出群聊 / Leave a room (POST /room/exit) */
  exit(
    ask: RoomExitRequest,
    options?: CallOptions,
  ): Promise<Answer<RoomExitReply, RoomExitRefusal>>
  /** 通过秒回群聊标签查询群 / Rooms by tag (GET /room/listByMHTag) */
  listByMHTag(
    ask?: RoomListByMHTagRequest,
    options?: CallOptions,
  ): Promise<Answer<RoomListByMHTagReply, RoomListByMHTagRefusal>>
  /** 通过联系人 id 获取联系人所在群聊 / Rooms of a contact (GET /room/listByMember) */
  listByMember(
    ask: RoomListByMemberRequest,
    options?: CallOptions,
  ): Promise<Answer<RoomListByMemberReply, RoomListByMemberRefusal>>
  /** 群列表 / Rooms (GET /room/list) */
  list(
    ask?: RoomListRequest,
    options?: CallOptions,
  ): Promise<Answer<RoomListReply, RoomListRefusal>>
  /** 群列表 (不含成员) / Rooms without their members (GET /room/simpleList) */
  simpleList(
    ask?: RoomSimpleListRequest,
    options?: CallOptions,
  ): Promise<Answer<RoomSimpleListReply, RoomSimpleListRefusal>>
}

export interface BotCalls {
  /** 托管账号列表 / Hosted accounts (GET /bot/list) */
  list(
    ask?: BotListRequest,
    options?: CallOptions,
  ): Promise<Answer<BotListReply, BotListRefusal>>
}

export interface ContactCalls {
  /** 联系人列表 / Contacts (GET /contact/list) */
  list(
    ask?: ContactListRequest,
    options?: CallOptions,
  ): Promise<Answer<ContactListReply, ContactListRefusal>>
}

export interface TagCalls {
  /** 秒回标签列表 / Tags (GET /tag/list) */
  list(
    ask?: TagListRequest,
    options?: CallOptions,
  ): Promise<Answer<TagListReply, TagListRefusal>>
}

/** Whatever can be called, by the noun of its path. */
export interface Calls {
  readonly room: RoomCalls
  readonly bot: BotCalls
  readonly contact: ContactCalls
  readonly tag: TagCalls
}

/** The body of each kind of callback. */
export interface CallbackBodies {
  /** 加入群事件 / The bot entered a room */
  'chatroom/joined': ChatroomBody
  /** 同步到群事件 / A room was synced */
  'chatroom/loaded': ChatroomBody
  /** 成员入群事件 (工作区开启后) / Members joined (where switched on) */
  'room/joined': RoomJoinedBody
  /** 成员退群事件 (工作区开启后) / Members left (where switched on) */
  'room/left': RoomLeftBody
  /** 群名变更事件 (工作区开启后) / A room was renamed (where switched on) */
  'room/topic': RoomTopicBody
}

export interface RoomRow {
  /** 群聊的对话 id / id of the chat: a room as one account sees it */
  readonly chatId: string
  readonly botInfo: BotInfo
  /** 群 wxid / wxid of the room */
  readonly wxid: string
  /** 群名称 / topic of the room */
  readonly topic: string
  /** 群头像 / picture of the room */
  readonly avatarUrl: string
  /** 群主 wxid; 未知时为空字符串 / wxid of the owner; empty while unknown */
  readonly ownerId: string
  readonly members: readonly Member[]
  readonly labels: readonly Label[]
  /** 企业微信群官方 id; 工作区开启后才返回 / WeCom's own id of the room; where the workspace has it switched on */
  readonly wecomChatId?: string | undefined
  /** true 外部群, false 内部群 / true: an external room, false: an internal one */
  readonly external: boolean
  readonly memberCount: number
}

/** 所属托管账号 / the account whose view it is */
export interface BotInfo {
  /** 联系人 wxid / wxid of a contact */
  readonly wxid: string
  /** 所属微信的 userId,与企业微信 API 的 userId 一一对应 / userId of the account in WeCom */
  readonly weixin: string
  readonly nickName: string
}

export interface Member {
  /** 联系人 wxid / wxid of a contact */
  readonly wxid: string
  readonly nickName: string
  readonly avatarUrl: string
  /** 群成员在群中的昵称 / name in this room */
  readonly roomAlias: string | null
  /** 是否为所属账号的好友 / a friend of the account */
  readonly isFriend: boolean
  /** 联系人类型: 0 未知, 1 微信, 2 公众号, 3 企业微信 / 0 unknown, 1 WeChat, 2 official account, 3 WeCom */
  readonly contactType: 0 | 1 | 2 | 3
  /** 是否为所属账号的同事 / a coworker of the account */
  readonly coworker: boolean
  /** 该客户所属企业名 / name of the corp, where it is known */
  readonly corporation?: string | undefined
}

/** 秒回标签 / a tag */
export interface Label {
  /** 秒回标签 id / id of a tag */
  readonly id: string
  readonly name: string
}

/** total 为总行数 / total counts rows */
export interface Page {
  readonly current: number
  readonly total: number
}

export interface SimpleRoomRow {
  /** 群聊的对话 id / id of the chat: a room as one account sees it */
  readonly chatId: string
  readonly botInfo: BotInfo
  /** 群 wxid / wxid of the room */
  readonly wxid: string
  /** 群名称 / topic of the room */
  readonly topic: string
  /** 群头像 / picture of the room */
  readonly avatarUrl: string
  /** 群主 wxid; 未知时为空字符串 / wxid of the owner; empty while unknown */
  readonly ownerId: string
  readonly labels: readonly Label[]
  /** 企业微信群官方 id; 工作区开启后才返回 / WeCom's own id of the room; where the workspace has it switched on */
  readonly wecomChatId?: string | undefined
  /** true 外部群, false 内部群 / true: an external room, false: an internal one */
  readonly external: boolean
  readonly memberCount: number
  /** 账号已不在群内 / the bot has left */
  readonly deleted: boolean
}

/** 托管账号 / a hosted account */
export interface BotRow {
  readonly id: string
  /** 联系人 wxid / wxid of a contact */
  readonly wxid: string
  /** 同 wecomUserId / the same */
  readonly weixin: string
  /** 企业成员 userId / userId in WeCom */
  readonly wecomUserId: string
  readonly name: string
  readonly nickName: string
  readonly avatar: string
  /** 现在能否经它办事 / whether it can act now */
  readonly online: boolean
  /** 状态: online、offline、logged-out 等 / its state */
  readonly status: string
  /** puppet 协议不告知, 总是空 / never told by a puppet: empty */
  readonly corpId: string
  /** 企业名, 未知时为空 / empty while unknown */
  readonly corpName: string
}

/** 联系人 / a contact */
export interface ContactRow {
  /** 与该联系人单聊的对话 id / of the chat with this contact */
  readonly chatId: string
  readonly botInfo: BotInfo
  /** 联系人 wxid / wxid of a contact */
  readonly wxid: string
  /** 同事的 userId, 客户为空 / of a coworker, else empty */
  readonly weixin: string
  readonly nickName: string
  /** 备注名, 没有时为空 / remark, empty if none */
  readonly alias: string
  readonly avatarUrl: string
  /** 0 未知, 1 男, 2 女 / 0 unknown, 1 male, 2 female */
  readonly gender: 0 | 1 | 2
  /** 联系人类型: 0 未知, 1 微信, 2 公众号, 3 企业微信 / 0 unknown, 1 WeChat, 2 official account, 3 WeCom */
  readonly contactType: 0 | 1 | 2 | 3
  readonly coworker: boolean
  /** 该客户所属企业名 / name of the corp, where it is known */
  readonly corporation?: string | undefined
  readonly unionId?: string | undefined
  /** 外部联系人的 wm… / of an external contact */
  readonly externalUserId?: string | undefined
}

export interface TagRecord {
  /** 秒回标签 id / id of a tag */
  readonly id: string
  readonly name: string
  readonly roomCount: number
}

export interface ChatroomBody {
  /** 群聊的对话 id / id of the chat: a room as one account sees it */
  readonly chatId: string
  readonly botInfo: BotInfo
  /** 群 wxid / wxid of the room */
  readonly wxid: string
  /** 群名称 / topic of the room */
  readonly topic: string
  /** 群头像 / picture of the room */
  readonly avatarUrl: string
  /** 群主 wxid; 未知时为空字符串 / wxid of the owner; empty while unknown */
  readonly ownerId: string
  readonly members: readonly CallbackMember[]
  /** 群聊所属小组 id / id of the workspace */
  readonly group: string
  /** bot 获取到同步信息的时间, 毫秒 / when the bot learned of it, in milliseconds */
  readonly syncedTime: number
}

export interface CallbackMember {
  /** 联系人 wxid / wxid of a contact */
  readonly wxid: string
  readonly nickName: string
  readonly avatarUrl: string
  /** 群成员在群中的昵称 / name in this room */
  readonly roomAlias: string | null
  /** 是否为所属账号的好友 / a friend of the account */
  readonly isFriend: boolean
  /** 联系人类型: 0 未知, 1 微信, 2 公众号, 3 企业微信 / 0 unknown, 1 WeChat, 2 official account, 3 WeCom */
  readonly contactType: 0 | 1 | 2 | 3
  /** 是否为所属账号的同事 / a coworker of the account */
  readonly coworker: boolean
}

export interface RoomJoinedBody {
  /** 群聊的对话 id / id of the chat: a room as one account sees it */
  readonly chatId: string
  readonly botInfo: RoomEventBot
  /** 群 wxid / wxid of the room */
  readonly imRoomId: string
  /** 群名称 / topic of the room */
  readonly topic: string
  /** 群头像 / picture of the room */
  readonly avatarUrl: string
  /** 群主 wxid; 未知时为空字符串 / wxid of the owner; empty while unknown */
  readonly ownerImContactId: string
  readonly joinedMembers: readonly RoomEventMember[]
  /** 群聊所属小组 id / id of the workspace */
  readonly groupId: string
  /** bot 获知事件的时间, 毫秒, 字符串 / when the bot learned of it, milliseconds as text */
  readonly timestamp: string
}

/** 所属托管账号 / the account whose view it is */
export interface RoomEventBot {
  /** 托管账号 wxid / wxid of the account */
  readonly imBotId: string
  /** 托管账号的企业成员 userId / userId of the account in WeCom */
  readonly wecomUserId: string
  readonly nickName: string
}

export interface RoomEventMember {
  /** 联系人 wxid / wxid of a contact */
  readonly imContactId: string
  readonly nickName: string
  readonly avatarUrl: string
  /** 群成员在群中的昵称 / name in this room */
  readonly roomAlias: string | null
  /** 是否为所属账号的好友 / a friend of the account */
  readonly isFriend: boolean
  /** 联系人类型: 0 未知, 1 微信, 2 公众号, 3 企业微信 / 0 unknown, 1 WeChat, 2 official account, 3 WeCom */
  readonly contactType: 0 | 1 | 2 | 3
  /** 是否为所属账号的同事 / a coworker of the account */
  readonly coworker: boolean
  /** 是否为所属账号本身 / the account itself */
  readonly isSelf: boolean
}

export interface RoomLeftBody {
  /** 群聊的对话 id / id of the chat: a room as one account sees it */
  readonly chatId: string
  readonly botInfo: RoomEventBot
  /** 群 wxid / wxid of the room */
  readonly imRoomId: string
  /** 群名称 / topic of the room */
  readonly topic: string
  /** 群头像 / picture of the room */
  readonly avatarUrl: string
  /** 群主 wxid; 未知时为空字符串 / wxid of the owner; empty while unknown */
  readonly ownerImContactId: string
  readonly leftMembers: readonly RoomEventMember[]
  /** 群聊所属小组 id / id of the workspace */
  readonly groupId: string
  /** bot 获知事件的时间, 毫秒, 字符串 / when the bot learned of it, milliseconds as text */
  readonly timestamp: string
}

export interface RoomTopicBody {
  /** 群聊的对话 id / id of the chat: a room as one account sees it */
  readonly chatId: string
  readonly botInfo: RoomEventBot
  /** 群 wxid / wxid of the room */
  readonly imRoomId: string
  /** 群名称 / topic of the room */
  readonly topic: string
  /** 群头像 / picture of the room */
  readonly avatarUrl: string
  /** 群主 wxid; 未知时为空字符串 / wxid of the owner; empty while unknown */
  readonly ownerImContactId: string
  /** 群聊所属小组 id / id of the workspace */
  readonly groupId: string
  /** bot 获知事件的时间, 毫秒, 字符串 / when the bot learned of it, milliseconds as text */
  readonly timestamp: string
}

/** What a call has to know of its endpoint: the words of its refusals, and what of it may be asked twice. */
export const endpoints = {
  'room/addMember': {
    method: 'POST',
    waits: true,
    refusals: {
      'token-invalid': -1,
      'bot-unknown': -2,
      'bot-ambiguous': -3,
      'not-wecom': -4,
      'bot-offline': -5,
      'room-load-failed': -6,
      'bot-not-in-room': -11,
      'room-internal': -12,
      'already-member': -9,
      'not-friend': -8,
      'room-full': -10,
      'add-failed': -7,
    },
  },
  'room/create': {
    method: 'POST',
    keyed: true,
    refusals: {
      'token-invalid': -1,
      'bot-unknown': -2,
      'bot-ambiguous': -3,
      'not-wecom': -4,
      'bot-offline': -5,
      'coworker-unknown': -6,
      'contact-unknown': -7,
      'contact-load-failed': -8,
      'invitees-too-many': [-10, '创建群人数过多'],
      'invitees-too-few': [-10, '创建群人数不足'],
      'create-failed': -9,
    },
  },
  'room/exit': {
    method: 'POST',
    refusals: {
      'token-invalid': -1,
      'bot-unknown': -2,
      'bot-ambiguous': -3,
      'bot-not-logged-in': -4,
      'not-wecom': -5,
      'bot-offline': -6,
      'room-unknown': -8,
      'bot-not-in-room': -7,
      'room-load-failed': -9,
      'bot-owns-room': -11,
      'exit-failed': -10,
    },
  },
  'room/listByMHTag': {
    method: 'GET',
    refusals: {
      'token-invalid': -1,
    },
  },
  'room/listByMember': {
    method: 'GET',
    refusals: {
      'token-invalid': -1,
    },
  },
  'room/list': {
    method: 'GET',
    refusals: {
      'token-invalid': -1,
    },
  },
  'room/simpleList': {
    method: 'GET',
    refusals: {
      'token-invalid': -1,
    },
  },
  'bot/list': {
    method: 'GET',
    refusals: {
      'token-invalid': -1,
    },
  },
  'contact/list': {
    method: 'GET',
    refusals: {
      'token-invalid': -1,
    },
  },
  'tag/list': {
    method: 'GET',
    refusals: {
      'token-invalid': -1,
    },
  },
} as const
