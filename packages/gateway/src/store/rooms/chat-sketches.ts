import type { BotInfo, ChatId, ContactWxid, Label, RoomWxid, WorkspaceId } from '@qunhub/wire'
import type { Queryable } from '../database/database.ts'
import { toBotInfo, toLabel } from './read-chats.ts'

/** A chat without its members: as dear for a room of 500 as for one of three. */
export interface ChatSketch {
  readonly chatId: ChatId
  readonly bot: BotInfo
  readonly roomWxid: RoomWxid
  readonly topic: string
  readonly avatarUrl: string
  readonly ownerId: ContactWxid | ''
  readonly labels: readonly Label[]
  /** Null also where the workspace does not show it (RW-4). */
  readonly wecomChatId: string | null
  readonly external: boolean
  readonly memberCount: number
  readonly isLeft: boolean
}

/** In the order of `chats`; what the workspace does not know is left out. */
export async function readSketches(
  db: Queryable,
  workspaceId: WorkspaceId,
  chats: readonly { readonly chatId: ChatId }[],
): Promise<ChatSketch[]> {
  const chatIds = chats.map(({ chatId }) => chatId)
  const [rows, labels] = await Promise.all([
    db.all(db.hot.chatsWithBots(workspaceId, chatIds)),
    db.all(db.hot.labels(workspaceId, chatIds)),
  ])
  const rowOf = new Map(rows.map(row => [row.chat_id, row]))
  const labelsOf = Map.groupBy(labels, row => row.chat_id)
  return chatIds.flatMap((chatId): ChatSketch[] => {
    const row = rowOf.get(chatId)
    if (!row) return []
    return [
      {
        chatId,
        // A chat came from a bot that had logged in.
        bot: toBotInfo(row)!,
        roomWxid: row.room_wxid as RoomWxid,
        topic: row.topic,
        avatarUrl: row.avatar_url,
        ownerId: row.owner_id as ContactWxid | '',
        labels: (labelsOf.get(chatId) ?? []).map(toLabel),
        wecomChatId: row.show_wecom_chat_id === 1 ? row.wecom_chat_id : null,
        external: row.external === 1,
        memberCount: row.member_count,
        isLeft: row.left_at !== null,
      },
    ]
  })
}
