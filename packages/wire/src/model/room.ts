import { z } from 'zod'
import { BotInfo } from './bot-info.ts'
import { ChatId, ContactWxid, RoomWxid, TagId } from './ids.ts'
import { Member } from './member.ts'

/** What list rows and callback bodies share, in the order of the page. */
export const roomHead = {
  chatId: ChatId,
  botInfo: BotInfo,
  wxid: RoomWxid,
  topic: z.string().meta({ description: '群名称 / topic of the room' }),
  avatarUrl: z.string().meta({ description: '群头像 / picture of the room' }),
  ownerId: z
    .union([ContactWxid, z.literal('')])
    .meta({ description: '群主 wxid; 未知时为空字符串 / wxid of the owner; empty while unknown' }),
}

export const Label = z
  .object({ id: TagId, name: z.string() })
  .meta({ id: 'Label', description: '秒回标签 / a tag' })

/** One room as one bot sees it. The keys stand in the order in which they travel (RW). */
export const RoomRow = z
  .object({
    ...roomHead,
    members: z.array(Member),
    labels: z.array(Label),
    wecomChatId: z.string().optional().meta({
      description:
        "企业微信群官方 id; 工作区开启后才返回 / WeCom's own id of the room; where the workspace has it switched on",
    }),
    external: z
      .boolean()
      .meta({ description: 'true 外部群, false 内部群 / true: an external room, false: an internal one' }),
    memberCount: z.int().nonnegative(),
  })
  .meta({ id: 'RoomRow' })

/** A room without its members; `deleted`: the bot is in it no more. The keys stand in the order in which they travel (NB-2). */
export const SimpleRoomRow = RoomRow.omit({ members: true })
  .extend({ deleted: z.boolean().meta({ description: '账号已不在群内 / the bot has left' }) })
  .meta({ id: 'SimpleRoomRow' })

export type SimpleRoomRow = z.infer<typeof SimpleRoomRow>
export type Label = z.infer<typeof Label>
export type RoomRow = z.infer<typeof RoomRow>
