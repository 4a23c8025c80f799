import type { ContactType, ContactWxid } from '@qunhub/wire'

/** A contact as one bot's puppet tells it, at one moment. Friendship and being coworkers are facts about that bot (RW-6). */
export interface Contact {
  readonly wxid: ContactWxid
  readonly name: string
  /** The bot's private remark for it. */
  readonly alias: string | null
  readonly avatarUrl: string
  /** 0 unknown, 1 male, 2 female. */
  readonly gender: 0 | 1 | 2
  readonly type: ContactType
  readonly isFriend: boolean
  readonly coworker: boolean
  readonly corporation: string | null
  /** A coworker's userId in WeCom; an external contact's externalUserId (`wm…`). */
  readonly handle: string | null
  readonly unionId: string | null
}
