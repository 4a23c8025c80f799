import { z } from 'zod'
import { ContactWxid } from './ids.ts'

/** The bot whose view of the room this is. `weixin` is its userId in WeCom. */
export const BotInfo = z
  .object({
    wxid: ContactWxid,
    weixin: z.string().meta({
      description: '所属微信的 userId,与企业微信 API 的 userId 一一对应 / userId of the account in WeCom',
    }),
    nickName: z.string(),
  })
  .meta({ id: 'BotInfo', description: '所属托管账号 / the account whose view it is' })

export type BotInfo = z.infer<typeof BotInfo>
