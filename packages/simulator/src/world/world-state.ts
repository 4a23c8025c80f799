/** The nouns of the simulated world. All times are milliseconds. */

export type Wxid = string

export interface Corp {
  readonly id: string
  name: string
}

export const BOT_KINDS = ['wecom', 'wechat'] as const
export type BotKind = (typeof BOT_KINDS)[number]

export const BOT_STATES = ['online', 'offline', 'logged-out', 'awaiting-scan'] as const
export type BotState = (typeof BOT_STATES)[number]

/** A hosted account. Its token opens the puppet server to exactly this account. */
export interface Bot {
  readonly wxid: Wxid
  readonly userId: string
  readonly kind: BotKind
  /** Null for a personal WeChat account, which belongs to no corp. */
  readonly corpId: string | null
  readonly token: string
  readonly gender: Gender
  nickName: string
  state: BotState
}

/** As the puppet protocol counts: unknown, male, female. */
export type Gender = 0 | 1 | 2

export const EXTERNAL_KINDS = ['wechat', 'wecom'] as const
export type ExternalKind = (typeof EXTERNAL_KINDS)[number]

export interface Coworker {
  readonly kind: 'coworker'
  readonly wxid: Wxid
  readonly userId: string
  readonly corpId: string
  readonly gender: Gender
  name: string
}

/** A customer: on personal WeChat, or on the WeCom of another company. */
export interface ExternalContact {
  readonly kind: ExternalKind
  readonly wxid: Wxid
  readonly externalUserId: string
  readonly unionId: string | null
  readonly corporation: string | null
  readonly gender: Gender
  name: string
}

export type Contact = Coworker | ExternalContact
export type ContactKind = Contact['kind']

export type JoinScene = 'pulled' | 'card' | 'qrcode'

export interface Member {
  readonly wxid: Wxid
  readonly joinedAt: number
  /** Null when nobody invited: the founder of a room. Of a QR code it is whoever showed it. */
  readonly inviterId: Wxid | null
  readonly scene: JoinScene
  alias: string
}

export interface Room {
  readonly wxid: Wxid
  readonly wecomChatId: string
  readonly external: boolean
  readonly createdAt: number
  /** In joining order, which a Map keeps. */
  readonly members: Map<Wxid, Member>
  topic: string
  ownerId: Wxid
  announcement: string
}

export type InvitationState = 'pending' | 'accepted' | 'declined'

/** A card that a bot sent because it could not pull the contact in. */
export interface Invitation {
  readonly id: string
  readonly roomWxid: Wxid
  readonly contactWxid: Wxid
  readonly botWxid: Wxid
  readonly sentAt: number
  state: InvitationState
}

export interface Message {
  readonly id: string
  /** The room it was sent into, or the contact it was sent to. */
  readonly roomWxid: Wxid
  readonly from: Wxid
  readonly text: string
  readonly at: number
}
