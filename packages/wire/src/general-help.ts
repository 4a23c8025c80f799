/** What any endpoint may answer besides its own refusals: there the HTTP status and the code are one number (G-5, G-6). */
import type { BothLanguages } from './complaint.ts'
import { HTTP_BAD_REQUEST } from './model/refusal.ts'
import type { RefusalHelp } from './refusal-help.ts'

export interface GeneralAnswer {
  readonly code: number
  /** As a refusal has one. */
  readonly word: string
  readonly message: BothLanguages
  readonly help: RefusalHelp
}

export const generalAnswers: readonly GeneralAnswer[] = [
  {
    code: HTTP_BAD_REQUEST,
    word: 'malformed',
    message: { chinese: '请求不符合要求', english: 'malformed request' },
    help: {
      means: {
        chinese: '字段缺失、类型或长度不对, 不是有效的 JSON, 或请求体超过 256 KiB; 没有做任何事。',
        english:
          'A field is missing, or of another type or length; or it is no JSON, or a body of more than 256 KiB. Nothing was done.',
      },
      check: {
        chinese: '错误信息里是哪个字段、应为什么、给出的是什么; 各字段见 /docs。',
        english: 'The message names the field, what is expected, and what was given; /docs lists all fields.',
      },
      next: {
        chinese: '改正请求; 原样重试没有用。',
        english: 'Mend the request; trying it again as it is does not help.',
      },
    },
  },
  {
    code: 405,
    word: 'method',
    message: { chinese: '请求方法不对', english: 'method not allowed' },
    help: {
      means: {
        chinese: '这个路径要用另一种方法: 查询用 GET, 其余用 POST。',
        english: 'The path takes another method: lists take GET, the others POST.',
      },
      check: {
        chinese: '错误信息与响应头 Allow 里是可用的方法。',
        english: 'The message, and the header Allow, say which.',
      },
      next: {
        chinese: '换成那个方法; 代理把 POST 重定向成 GET 时, 直接用最终的地址。',
        english: 'Use that one; where a proxy turns a POST into a GET by a redirect, call the final address.',
      },
    },
  },
  {
    code: 429,
    word: 'too-many-requests',
    message: { chinese: '请求过于频繁', english: 'too many requests' },
    help: {
      means: {
        chinese: '这个 token 在 30 秒内已有 500 次请求, 所有接口一起算。应答是纯文本, 不是 JSON。',
        english:
          'The token has had its 500 requests of these 30 s, over all endpoints. The answer is plain text, no JSON.',
      },
      check: {
        chinese: '响应头 Retry-After 与 RateLimit-*。',
        english: 'The headers Retry-After and RateLimit-*.',
      },
      next: {
        chinese: '按 Retry-After 等待后重试; 一页多取一些 (pageSize 最大 100), 少查重复的。',
        english:
          'Wait as Retry-After says and try again; take more rows of a page (pageSize up to 100), and ask less often for the same.',
      },
    },
  },
  {
    code: 500,
    word: 'gateway-failed',
    message: { chinese: '服务内部错误', english: 'internal error' },
    help: {
      means: {
        chinese: '网关自己出错, 或数据库连不上; 要求的事可能做了, 也可能没有做。',
        english:
          'The gateway itself failed, or its store cannot be reached; what was asked for may have been done or not.',
      },
      check: {
        chinese: '日志里按请求号 (错误信息与响应头 x-request-id) 查原因。',
        english:
          'The log has the reason under the request id, which the message and the header x-request-id tell.',
      },
      next: {
        chinese: '查询可以直接重试; create 带 Idempotency-Key 重试; addMember、exit 先查看结果再重试。',
        english:
          'Lists can be asked again; create with an Idempotency-Key; for addMember and exit look first what became of it.',
      },
    },
  },
  {
    code: 503,
    word: 'unavailable',
    message: { chinese: '暂时不可用', english: 'not available now' },
    help: {
      means: {
        chinese: '网关正在停止, 或同一工作区同时进行的列表太多 (16 个进行, 48 个等待)。',
        english:
          'The gateway is stopping, or the workspace has too many lists under way (16, and 48 that wait).',
      },
      check: {
        chinese: '错误信息说是哪一种; GET /ready 看网关是否就绪。',
        english: 'The message says which; GET /ready tells whether the gateway is ready.',
      },
      next: {
        chinese: '按 Retry-After 等待后重试; 错误信息说结果未知时, addMember、exit 先查看结果。',
        english:
          'Wait as Retry-After says and try again; where the message says that the outcome is not known, look first what became of addMember or exit.',
      },
    },
  },
]

/** What a code or status of any endpoint says; undefined where it belongs to an endpoint, or is none. */
export const generalAnswer = (code: number): GeneralAnswer | undefined =>
  generalAnswers.find(each => each.code === code)
