import { z } from 'zod'
import { endpoints } from '../../contract.ts'
import { text } from '../../model/text.ts'
import { IDEMPOTENCY_KEY } from '../../room/create.ts'
import { verb, wholeNumber, workspaceChoice, workspaceRefusals } from '../door/verb.ts'

const BODY_CHARACTERS_MAX = 65_536
const ENDPOINT_NAMES = endpoints.map(({ name }) => name) as unknown as readonly [
  (typeof endpoints)[number]['name'],
]

/** The console waits no longer for a verb. */
const TRY_WAIT_S_MAX = 25

export const tryRequestVerbs = {
  'try-request': verb({
    summary:
      '真的调用一次群聊接口, 算一次请求 / Call an endpoint of the API for real; it counts as a request',
    role: 'operator',
    byToken: false,
    command: 'request try <endpoint>',
    examples: [
      ['有哪些机器人 / which bots there are', 'qunhub request try botList'],
      [
        '拉人入群 / add a contact to a room',
        `qunhub request try addMember --body '{"botUserId":"xiaobei","contactWxid":"7881300000000001","roomWxid":"R:1"}'`,
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      endpoint: z.enum(ENDPOINT_NAMES).meta({ description: '接口的名字 / name of the endpoint' }),
      body: text(BODY_CHARACTERS_MAX).default('{}').meta({
        description:
          '请求的字段, JSON 对象, 不含 token / the fields of the request as a JSON object, without a token',
      }),
      idempotencyKey: z
        .string()
        .regex(IDEMPOTENCY_KEY, {
          error: '1 到 255 个可见 ASCII 字符 / 1 to 255 visible ASCII characters',
        })
        .optional()
        .meta({
          description:
            '建群时: 同一个键只建一个群 (CR-25); 其他接口不看它 / of create: one key makes one room (CR-25); others take no notice of it',
        }),
      waitSeconds: wholeNumber(1, TRY_WAIT_S_MAX)
        .default(TRY_WAIT_S_MAX)
        .meta({ description: '最多等几秒 / wait so many seconds at most' }),
    }),
    output: z.object({
      status: z.int().meta({ description: 'HTTP' }),
      code: z.int().nullable().meta({
        description: '应答中的 code 或 errcode / the code or errcode of the answer',
      }),
      ms: z.int().nonnegative(),
      requestId: z.string().nullable().meta({ description: '请求号, 同日志 / as in the log' }),
      answer: z.string().meta({ description: '应答的正文 / the body of the answer' }),
      isWhole: z.boolean().meta({ description: '太长的只给出开头 / of what is too long only its beginning' }),
    }),
    refusals: {
      ...workspaceRefusals,
      'body-malformed': '请求体不是 JSON 对象 / the body is no JSON object',
      'try-unanswered':
        '没有等到应答, 它可能仍在进行: 看请求记录里的结果 / there was no answer in time, and it may still be under way: see what the list of requests says',
      'gateway-not-running':
        '调用由网关进行, 而它没有运行: 先运行 qunhub serve / the gateway is called, and none runs; first run: qunhub serve',
    },
  }),
} as const
