import { z } from 'zod'
import { BotInfo } from '../model/bot-info.ts'
import { endpoint } from '../model/endpoint.ts'
import { ChatId, ContactWxid, Token } from '../model/ids.ts'
import { ContactType } from '../model/member.ts'
import { Page, pageNumber, pageSize } from '../model/page.ts'
import { tokenInvalid } from '../model/refusal.ts'

/** A friend or coworker of one bot: whoever two bots know has two rows. */
export const ContactRow = z
  .object({
    chatId: ChatId.meta({ description: '与该联系人单聊的对话 id / of the chat with this contact' }),
    botInfo: BotInfo,
    wxid: ContactWxid,
    weixin: z.string().meta({ description: '同事的 userId, 客户为空 / of a coworker, else empty' }),
    nickName: z.string(),
    alias: z.string().meta({ description: '备注名, 没有时为空 / remark, empty if none' }),
    avatarUrl: z.string(),
    gender: z
      .union([z.literal(0), z.literal(1), z.literal(2)])
      .meta({ description: '0 未知, 1 男, 2 女 / 0 unknown, 1 male, 2 female' }),
    contactType: ContactType,
    coworker: z.boolean(),
    corporation: z
      .string()
      .optional()
      .meta({ description: '该客户所属企业名 / name of the corp, where it is known' }),
    unionId: z.string().optional(),
    externalUserId: z.string().optional().meta({ description: '外部联系人的 wm… / of an external contact' }),
  })
  .meta({ id: 'ContactRow', description: '联系人 / a contact' })
export type ContactRow = z.infer<typeof ContactRow>

/** GET /contact/list: friends and coworkers of every bot, page by page, or one person's rows. Rule NB-4. */
export const contactList = endpoint({
  name: 'contactList',
  method: 'GET',
  path: '/contact/list',
  summary: '联系人列表 / Contacts',
  envelope: 'list',
  request: z.object({
    token: Token,
    current: pageNumber(0).meta({ description: '当前页数 (从 0 开始) / page, from 0', examples: ['0'] }),
    pageSize: pageSize.meta({ description: '条数, 默认 20, 最大 100 / rows of a page', examples: ['20'] }),
    wxid: z
      .union([ContactWxid, z.literal('')])
      .nullish()
      .meta({ description: '只查这个联系人 / this contact only' }),
  }),
  example: { token: 'your-token', current: '0', pageSize: '20' },
  reply: z.object({ code: z.int(), data: z.array(ContactRow), page: Page.optional() }),
  refusals: { 'token-invalid': tokenInvalid },
})
