import { z } from 'zod'
import { ChatId, ContactWxid, RoomWxid, WorkspaceId } from '../model/ids.ts'
import { CallbackMember } from '../model/member.ts'

/** The same facts as in the callbacks of the page, under the names that the newer ones have for them (NB-6). */
export const RoomEventBot = z
  .object({
    imBotId: ContactWxid.meta({ description: '托管账号 wxid / wxid of the account' }),
    wecomUserId: z
      .string()
      .meta({ description: '托管账号的企业成员 userId / userId of the account in WeCom' }),
    nickName: z.string(),
  })
  .meta({ id: 'RoomEventBot', description: '所属托管账号 / the account whose view it is' })

const { wxid: imContactId, ...facts } = CallbackMember.shape

export const RoomEventMember = z
  .object({
    imContactId,
    ...facts,
    isSelf: z.boolean().meta({ description: '是否为所属账号本身 / the account itself' }),
  })
  .meta({ id: 'RoomEventMember' })

/** How each of the three bodies begins, in the order in which the keys travel. */
export const roomEventHead = {
  chatId: ChatId,
  botInfo: RoomEventBot,
  imRoomId: RoomWxid,
  topic: z.string().meta({ description: '群名称 / topic of the room' }),
  avatarUrl: z.string().meta({ description: '群头像 / picture of the room' }),
  ownerImContactId: z
    .union([ContactWxid, z.literal('')])
    .meta({ description: '群主 wxid; 未知时为空字符串 / wxid of the owner; empty while unknown' }),
}

/** And how it ends. */
export const roomEventFoot = {
  groupId: WorkspaceId.meta({ description: '群聊所属小组 id / id of the workspace' }),
  timestamp: z
    .string()
    .regex(/^\d+$/)
    .meta({
      description: 'bot 获知事件的时间, 毫秒, 字符串 / when the bot learned of it, milliseconds as text',
      examples: ['1795000000000'],
    }),
}

export type RoomEventBot = z.infer<typeof RoomEventBot>
export type RoomEventMember = z.infer<typeof RoomEventMember>
