import { z } from 'zod'
import { WorkspaceId } from '../../model/ids.ts'
import { instant, verb, workspaceChoice, workspaceRefusals } from '../door/verb.ts'
import { urlUnset } from './callback-address.ts'

/** What was sent, and what came of it. */
const TestRecord = z
  .object({
    workspaceId: WorkspaceId,
    taken: z.boolean().meta({ description: '是否答了 2xx / whether it answered 2xx' }),
    url: z.string(),
    status: z.int().nullable().meta({ description: 'HTTP 状态, 没有应答时为 null / null without an answer' }),
    ms: z.int().nonnegative(),
    errorClass: z.string().nullable().meta({
      description: '为何没有应答: timeout, dns, connect, tls … / why there was no answer',
    }),
    reason: z.string().nullable().meta({
      description: '没有应答的原因, 如证书不受信任 / why, in words, such as an untrusted certificate',
    }),
    answer: z.string().nullable().meta({ description: '应答的开头 / how its answer begins' }),
    sentAt: instant(),
    signature: z
      .object({
        'webhook-id': z.string(),
        'webhook-timestamp': z.string(),
        'webhook-signature': z.string(),
      })
      .meta({ description: '签名的请求头 / the headers that it was signed with' }),
    header: z.string().nullable().meta({
      description: '随之发送的请求头的名称 / name of the header that the receiver wants (CB-13)',
    }),
    advice: z.string().nullable().meta({
      description: '没有收下时怎么办 / what to do where it was not taken',
    }),
  })
  .meta({ id: 'TestRecord' })

export const callbackTestVerbs = {
  'test-callback': verb({
    summary:
      '向回调地址发一条签名的测试, 并显示它怎样回答; 不是事件, 不进投递队列 / Post one signed test to the callback base and show what it answers; it is no event and is never owed',
    role: 'operator',
    byToken: true,
    command: 'callback test',
    examples: [
      [
        '接收方收得到、验签也对吗 / does the receiver hear us, and verify the signature',
        'qunhub callback test',
      ],
    ],
    input: z.object(workspaceChoice),
    output: TestRecord,
    refusals: {
      ...workspaceRefusals,
      ...urlUnset,
      'test-under-way':
        '上一条测试还没有答完, 最多等 5 秒后再试 / a test is under way already: try again in 5 s at most',
    },
  }),
} as const
