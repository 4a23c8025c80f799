import { z } from 'zod'
import { text } from './text.ts'

const ID_LENGTH_MAX = 128
const id = () => text(ID_LENGTH_MAX).min(1)
const hex24 = () =>
  z.string().regex(/^[0-9a-f]{24}$/, { error: '24 位小写十六进制 / 24 lower-case hex digits' })

/** The secret a customer calls with. Only an HMAC of it is stored. */
export const Token = text(256).brand<'Token'>().meta({ description: '调用接口凭证 / API token' })
/** One 小组; `group` on the wire. */
export const WorkspaceId = hex24().brand<'WorkspaceId'>()
/** A room as one bot sees it; derived from (workspace, bot, room), so it survives a rebuild of the store. */
export const ChatId = hex24()
  .brand<'ChatId'>()
  .meta({
    description: '群聊的对话 id / id of the chat: a room as one account sees it',
    examples: ['5dbe8287184b7cb41f52674e'],
  })
export const TagId = hex24()
  .brand<'TagId'>()
  .meta({ description: '秒回标签 id / id of a tag', examples: ['5eda03260e21f35ca20f9eb4'] })
export const BotId = hex24().brand<'BotId'>()
/** `R:` and digits; `…@chatroom` in the personal-WeChat era. */
export const RoomWxid = id()
  .brand<'RoomWxid'>()
  .meta({ description: '群 wxid / wxid of the room', examples: ['R:888888'] })
/** External contacts 788…, coworkers and bots 1688…; sixteen digits. */
export const ContactWxid = id()
  .brand<'ContactWxid'>()
  .meta({ description: '联系人 wxid / wxid of a contact', examples: ['7881300000000001'] })
/** A member's userId inside its WeCom corp: free text, unique per corp only. */
export const UserId = id()
  .brand<'UserId'>()
  .meta({ description: '企业成员 userId / userId in WeCom', examples: ['testUserId'] })
export const UnionId = id()
  .brand<'UnionId'>()
  .meta({ examples: ['ozynqsulJFCZ2z1aYeS8h-nuasdAAA'] })
/** `wm…` or `wo…`: the external contact as WeCom's own API names it. */
export const ExternalUserId = id().brand<'ExternalUserId'>()

export type Token = z.infer<typeof Token>
export type WorkspaceId = z.infer<typeof WorkspaceId>
export type ChatId = z.infer<typeof ChatId>
export type TagId = z.infer<typeof TagId>
export type BotId = z.infer<typeof BotId>
export type RoomWxid = z.infer<typeof RoomWxid>
export type ContactWxid = z.infer<typeof ContactWxid>
export type UserId = z.infer<typeof UserId>
export type UnionId = z.infer<typeof UnionId>
export type ExternalUserId = z.infer<typeof ExternalUserId>
