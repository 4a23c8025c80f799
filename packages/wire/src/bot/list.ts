import { z } from 'zod'
import { endpoint } from '../model/endpoint.ts'
import { BotId, ContactWxid, Token } from '../model/ids.ts'
import { tokenInvalid } from '../model/refusal.ts'

/** A hosted account, as a customer's program tells it apart. */
export const BotRow = z
  .object({
    id: BotId,
    wxid: ContactWxid,
    weixin: z.string().meta({ description: '同 wecomUserId / the same' }),
    wecomUserId: z.string().meta({ description: '企业成员 userId / userId in WeCom' }),
    name: z.string(),
    nickName: z.string(),
    avatar: z.string(),
    online: z.boolean().meta({ description: '现在能否经它办事 / whether it can act now' }),
    status: z
      .string()
      .meta({ description: '状态: online、offline、logged-out 等 / its state', examples: ['online'] }),
    corpId: z.string().meta({ description: 'puppet 协议不告知, 总是空 / never told by a puppet: empty' }),
    corpName: z.string().meta({ description: '企业名, 未知时为空 / empty while unknown' }),
  })
  .meta({ id: 'BotRow', description: '托管账号 / a hosted account' })
export type BotRow = z.infer<typeof BotRow>

/** GET /bot/list: the accounts of the workspace that have logged in, oldest first. Rule NB-3. */
export const botList = endpoint({
  name: 'botList',
  method: 'GET',
  path: '/bot/list',
  summary: '托管账号列表 / Hosted accounts',
  envelope: 'list',
  request: z.object({ token: Token }),
  example: { token: 'your-token' },
  reply: z.object({ code: z.int(), data: z.array(BotRow) }),
  refusals: { 'token-invalid': tokenInvalid },
})
