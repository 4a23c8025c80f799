import { z } from 'zod'
import { anyId, instant, verb, wholeNumber, workspaceChoice, workspaceRefusals } from '../door/verb.ts'

const REQUESTS_PER_PAGE_MAX = 500
const REQUESTS_PER_PAGE_DEFAULT = 50

export const RequestRecord = z
  .object({
    id: z.string(),
    at: instant().meta({ description: '应答的时间 / when it was answered' }),
    endpoint: z.string().meta({ description: '路径 / path' }),
    status: z.int(),
    code: z.int().nullable().meta({
      description: '应答中的 code; 没有则为 null / the code in the answer; null where there is none',
    }),
    tokenId: z.string(),
    tokenLabel: z.string().meta({ description: 'token 的备注 / label of the token' }),
    ms: z.int().nonnegative(),
    requestId: z.string().meta({
      description: '请求号, 同应答头 x-request-id 与日志 / as in the header x-request-id and in the log',
    }),
  })
  .meta({ id: 'RequestRecord' })

export type RequestRecord = z.infer<typeof RequestRecord>

export const requestVerbs = {
  'list-requests': verb({
    summary: '列出最近的群聊接口调用, 新的在前 / List the last calls of the API, newest first',
    role: 'viewer',
    byToken: false,
    command: 'request list',
    examples: [
      ['最近的 200 次调用 / the last 200 calls', 'qunhub request list --limit 200'],
      [
        '拉人没有成功的 / additions that were refused',
        'qunhub request list --endpoint /room/addMember --refused',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      endpoint: anyId()
        .optional()
        .meta({ description: '路径, 如 /room/addMember / path, such as /room/addMember' }),
      code: wholeNumber(-999, 999)
        .optional()
        .meta({ description: '只要应答了这个 code 的 / only those that were answered with this code' }),
      refused: z.boolean().optional().meta({
        description: '只要没有成功的: code 不是 0 / only those that did not succeed: their code is not 0',
      }),
      tokenId: anyId().optional().meta({
        description:
          'token 的 id, 见 token list; 不是 token 本身 / id of a token, as token list tells it; not the token',
      }),
      requestId: anyId().optional().meta({ description: '请求号 / request id' }),
      limit: wholeNumber(1, REQUESTS_PER_PAGE_MAX)
        .default(REQUESTS_PER_PAGE_DEFAULT)
        .meta({ description: '一页最多几条 / so many on a page at most' }),
      before: anyId().optional().meta({ description: '上一页最后一条的 id / last id of the page before' }),
    }),
    output: z.object({
      requests: z.array(RequestRecord),
      next: z
        .string()
        .nullable()
        .meta({ description: '下一页的 before; 没有更多时为 null / null at the end' }),
    }),
    refusals: workspaceRefusals,
  }),
} as const
