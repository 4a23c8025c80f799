import { z } from 'zod'
import { ContactWxid } from './ids.ts'

/** 0 unknown, 1 WeChat, 2 official account, 3 WeCom. */
export const ContactType = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]).meta({
  description:
    '联系人类型: 0 未知, 1 微信, 2 公众号, 3 企业微信 / 0 unknown, 1 WeChat, 2 official account, 3 WeCom',
})

/** A member as callbacks carry it: without `corporation`. */
export const CallbackMember = z
  .object({
    wxid: ContactWxid,
    nickName: z.string(),
    avatarUrl: z.string(),
    roomAlias: z.string().nullable().meta({ description: '群成员在群中的昵称 / name in this room' }),
    isFriend: z.boolean().meta({ description: '是否为所属账号的好友 / a friend of the account' }),
    contactType: ContactType,
    coworker: z.boolean().meta({ description: '是否为所属账号的同事 / a coworker of the account' }),
  })
  .meta({ id: 'CallbackMember' })

/** A member as list rows carry it. `corporation` is present only when known (RW-4). */
export const Member = CallbackMember.extend({
  corporation: z
    .string()
    .optional()
    .meta({ description: '该客户所属企业名 / name of the corp, where it is known' }),
}).meta({ id: 'Member' })

export type ContactType = z.infer<typeof ContactType>
export type CallbackMember = z.infer<typeof CallbackMember>
export type Member = z.infer<typeof Member>
