import { createHash } from 'node:crypto'
import type { ChatId, ContactType, ContactWxid, WorkspaceId } from '@qunhub/wire'

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

/** The id of the chat of an account with one contact: like those of rooms (`chatIdOf`), and never one of theirs. */
export const contactChatIdOf = (workspaceId: WorkspaceId, botWxid: ContactWxid, wxid: ContactWxid): ChatId =>
  createHash('sha256')
    .update(`contact\n${workspaceId}\n${botWxid}\n${wxid}`)
    .digest('hex')
    .slice(0, 24) as ChatId
