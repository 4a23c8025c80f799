import { z } from 'zod'
import { verb, workspaceChoice, workspaceRefusals } from '../door/verb.ts'
import { StepRecord } from '../step-record.ts'
import {
  addressRefusals,
  botNamed,
  botRefusals,
  PUPPET_TOKEN,
  PuppetToken,
  puppetChoice,
  TLS,
} from './bot.ts'
import { BotAccountRecord } from './bot-record.ts'

export const puppetTryVerbs = {
  'try-puppet': verb({
    summary:
      '试连接 puppet: 域名、连接、证书、token、登录的是谁; 什么都不保存, 也不占用它的事件流 / Try a puppet: name, connection, certificate, token, who is logged in; nothing is kept, and its event stream is left alone',
    role: 'owner',
    byToken: false,
    command: 'bot try',
    examples: [
      [
        '添加之前 / before it is added',
        'qunhub bot try --endpoint 10.0.0.8:18788 --token-file puppet-token.txt',
      ],
      [
        '已有的机器人, 换地址之前 / a bot there is, before its address changes',
        'qunhub bot try --bot xiaobei --endpoint 10.0.0.9:18788',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      bot: botNamed().optional(),
      ...puppetChoice,
      token: PuppetToken.optional().meta(PUPPET_TOKEN),
      tls: z.boolean().optional().meta(TLS),
    }),
    output: z.object({
      reached: z.boolean().meta({ description: 'puppet 有应答 / the puppet answered' }),
      steps: z.array(StepRecord).meta({
        description: '按次序, 到第一个不通的为止 / in order, up to the first that failed',
      }),
      account: BotAccountRecord.nullable().meta({
        description:
          '登录的账号; 没有或看不到则为 null / who is logged in; null where nobody is, or cannot be seen',
      }),
    }),
    refusals: {
      ...workspaceRefusals,
      ...botRefusals,
      ...addressRefusals,
      'token-missing': '请给出 puppet token / give the puppet token',
      'try-under-way': '上一次试连接还没有结束, 稍后再试 / a try is under way already; try again soon',
    },
  }),
} as const
