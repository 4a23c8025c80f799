import { z } from 'zod'
import { verb, workspaceChoice, workspaceRefusals } from '../door/verb.ts'
import { StepRecord } from '../step-record.ts'
import { CallbackUrl, urlUnset } from './callback-address.ts'

export const receiverExaminationVerbs = {
  'examine-receiver': verb({
    summary:
      '检查接收方: 域名、连接、证书、验签、应答时间、重复、次序; 发的是测试, 不是事件 / Examine a receiver: name, connection, certificate, verifying, time to answer, duplicates, order; what is sent are tests and no events',
    role: 'owner',
    byToken: false,
    command: 'callback examine',
    examples: [
      ['现在的回调地址 / the callback base as it is', 'qunhub callback examine'],
      [
        '换地址之前, 从文件读取 / another one before it is set, read from a file',
        'qunhub callback examine --url-file callback-url.txt',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      url: CallbackUrl.optional().meta({
        description: '要检查的地址; 省略则是现在的 / the address to examine; left away, the present one',
      }),
    }),
    output: z.object({
      isWell: z.boolean().meta({ description: '没有不通的步骤 / no step failed' }),
      steps: z.array(StepRecord).meta({
        description: '按次序, 到做不下去的为止 / in order, up to where it could not go on',
      }),
    }),
    refusals: {
      ...workspaceRefusals,
      ...urlUnset,
      'test-under-way':
        '上一次检查还没有结束, 稍后再试 / an examination is under way already; try again soon',
    },
  }),
} as const
