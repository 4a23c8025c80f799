import { z } from 'zod'
import { callbacks } from '../contract.ts'
import { WorkspaceId } from '../model/ids.ts'
import { typedAs } from './field-form.ts'
import { areCredentialsClear, HeaderName, HeaderValue } from './receiver-header.ts'
import { anyId, instant, verb, wholeNumber, workspaceChoice, workspaceRefusals } from './verb.ts'

const URL_LENGTH_MAX = 2048
const CALLBACKS_PER_REQUEST_MAX = 1000
const CALLBACKS_PER_PAGE_DEFAULT = 50
const CALLBACKS_PER_PAGE_MAX = 500

const CallbackUrl = z
  .url({ protocol: /^https?$/, error: 'http:// 或 https:// 的 URL / an http:// or https:// URL' })
  .max(URL_LENGTH_MAX)
  // A URL parser encodes them without a word, and then the address that is shown is not the one that is called.
  .regex(/^[^\s\p{Cc}]+$/u, {
    error: '不含空格与控制字符的 URL / a URL without spaces and control characters',
  })
  .refine(hasNoFragment, {
    error: '不含 # 的 URL, 需要时写作 %23 / a URL without a fragment: write # as %23',
  })
  .refine(areCredentialsClear, {
    error:
      '用户名与口令经百分号编码的 URL: @ 写作 %40, : 写作 %3A, 斜杠写作 %2F, % 写作 %25 / a URL whose user and password are percent-encoded: @ as %40, : as %3A, / as %2F, % as %25',
  })

/** What is no URL at all has been complained about already, but zod asks the later checks all the same. */
function hasNoFragment(url: string): boolean {
  return !URL.canParse(url) || !url.includes('#')
}

const kinds = callbacks.map(callback => callback.kind)
const CallbackKindName = z.enum(kinds)
const ends = ['delivered', 'parked', 'quarantined'] as const
const states = ['due', ...ends] as const
const CallbackStateName = z.enum(states)
const CallbackEndName = z.enum(ends)

const OVERLAP_HOURS_DEFAULT = 24
const OVERLAP_HOURS_MAX = 30 * 24

/** Each is a signature in the header of every callback. */
export const SIGNING_SECRETS_MAX = 5

/** A signing secret that ended before the moment that was promised. */
const EndedSecret = z.object({
  secret: z.string().meta({ description: '密钥的开头 / how it begins' }),
  promisedUntil: instant().meta({ description: '原定用到何时 / until when it was to sign' }),
})

/** Callbacks of a workspace are numbered in the order of their commits. */
const callbackId = () => wholeNumber(1, Number.MAX_SAFE_INTEGER).register(typedAs, { value: 'id' })
/** What receivers see of a callback: its number is told to nobody but operators. */
export const WEBHOOK_ID = /^msg_[\w-]{24}$/
const CALLBACK_NAME =
  '编号, 或接收方看到的 webhook-id / its number, or the webhook-id that its receiver has seen'

const STATE = {
  description:
    '状态: delivered 已投递, parked 已停放, quarantined 已隔离, due 待投递 / state: delivered, parked, quarantined, or due, which waits for its turn',
}
const KIND = { description: '回调的种类, 如 chatroom/joined / kind, such as chatroom/joined' }
const ROOM = { description: '群的 wxid / wxid of the room' }

/** Which callbacks are meant. */
const filter = {
  state: CallbackStateName.optional().meta(STATE),
  kind: CallbackKindName.optional().meta(KIND),
  room: anyId().optional().meta(ROOM),
}

const owedRange = {
  from: instant()
    .optional()
    .meta({ description: '产生于此时或之后 (HTTP 中为毫秒) / owed at or after (over HTTP in milliseconds)' }),
  until: instant()
    .optional()
    .meta({ description: '产生于此时之前 (HTTP 中为毫秒) / owed before (over HTTP in milliseconds)' }),
}

export const ReplayRecord = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'paused', 'done', 'cancelled']),
    replayed: z.int().nonnegative().meta({ description: '已重新投递的条数 / made due again so far' }),
    createdAt: instant(),
    endedAt: instant().nullable(),
  })
  .meta({ id: 'ReplayRecord' })

export type ReplayRecord = z.infer<typeof ReplayRecord>

export const AddressRecord = z
  .object({
    workspaceId: WorkspaceId,
    url: z.string(),
    header: z.string().nullable().meta({
      description:
        '接收方请求头的名称 (值不显示) / name of the header that the receiver is sent; its value is never told',
    }),
    breaker: z
      .enum(['closed', 'open', 'half-open'])
      .meta({ description: '熔断: closed 正常, open 暂停, half-open 试探 / the breaker (CB-7)' }),
    openUntil: instant().nullable().meta({ description: '何时试探 / when a probe is sent' }),
    inFlightMax: z.int().nonnegative().meta({ description: '当前并发上限 / in flight at most, now' }),
    waiting: z.int().nonnegative().meta({ description: '待投递条数 / callbacks that wait' }),
    waitingBytes: z.int().nonnegative(),
    oldestOwedAt: instant().nullable().meta({ description: '最早待投递的产生时间 / the oldest that waits' }),
  })
  .meta({ id: 'AddressRecord' })

export type AddressRecord = z.infer<typeof AddressRecord>

export const CallbackRecord = z
  .object({
    id: callbackId(),
    webhookId: z.string(),
    // A newer Qunhub may have written kinds that this one does not know.
    kind: z.string(),
    room: z.string(),
    state: CallbackStateName,
    attempts: z.int().nonnegative().meta({ description: '本轮已尝试次数 / attempts made in this round' }),
    owedAt: instant(),
    dueAt: instant().nullable().meta({ description: '下次尝试的时间 / when it is tried next' }),
    settledAt: instant()
      .nullable()
      .meta({ description: '投递成功或停放的时间 / when it was delivered or parked' }),
    lastStatus: z.int().nullable().meta({ description: '最近一次的 HTTP 状态 / status of the last attempt' }),
    lastError: z.string().nullable().meta({ description: '最近一次为何没有应答 / why there was no answer' }),
  })
  .meta({ id: 'CallbackRecord' })

export const AttemptRecord = z
  .object({
    n: z.int().positive(),
    startedAt: instant(),
    ms: z.int().nonnegative(),
    outcome: z.string(),
    status: z.int().nullable(),
    errorClass: z.string().nullable(),
    snippet: z.string().nullable(),
    reason: z.string().nullable().meta({
      description:
        '没有应答的原因, 如证书不受信任 / why there was no answer, such as an untrusted certificate',
    }),
  })
  .meta({ id: 'AttemptRecord' })

export type CallbackRecord = z.infer<typeof CallbackRecord>
export type AttemptRecord = z.infer<typeof AttemptRecord>

const urlUnset = {
  'callback-url-unset':
    '该工作区还没有回调地址, 先运行 qunhub callback set-url <url> / the workspace has no callback base; first run: qunhub callback set-url <url>',
} as const

const callbackRefusals = {
  ...workspaceRefusals,
  'callback-unknown':
    '该工作区没有这个回调, 用 qunhub callback list 查看 / the workspace has no such callback; see: qunhub callback list',
} as const

export const callbackVerbs = {
  'set-callback-url': verb({
    summary:
      '设置回调地址; 其中的用户名和口令成为请求头, 不再显示 / Set the callback base; a user and a password in it become a header and are not shown again',
    role: 'owner',
    byToken: true,
    command: 'callback set-url [url]',
    examples: [
      ['设置回调地址 / set the callback base', 'qunhub callback set-url https://crm.example.com/qunhub'],
      [
        '地址里有口令: 从文件读取 / there is a password in it: read it from a file',
        'qunhub callback set-url --url-file callback-url.txt',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      url: CallbackUrl.meta({ description: '回调地址 / the callback base' }),
    }),
    output: z.object({
      workspaceId: WorkspaceId,
      url: z.string(),
      secret: z.string().nullable().meta({
        description: '签名密钥, 仅新建时返回 / the signing secret, when it is new',
      }),
      header: z.string().optional().meta({
        description: '随回调发送的请求头名称 / name of the header that the receiver is sent (CB-13)',
      }),
      formerHeader: z.string().optional().meta({
        description:
          '因换了主机而不再发送的请求头 / name of a header that was for another host and is not sent any more',
      }),
    }),
    refusals: {
      ...workspaceRefusals,
      'callback-url-refused':
        '回调地址在内网或保留地址段, 网关不会访问; 确有需要时由运维设置 QUNHUB_CALLBACK_ALLOW_CIDRS / the callback base is at a private or reserved address; whoever runs the gateway may allow it with QUNHUB_CALLBACK_ALLOW_CIDRS',
    },
  }),
  'clear-callback-url': verb({
    summary:
      '清除回调地址: 不再产生新的回调, 已产生的等到再设地址 / Clear the callback base: nothing new is owed, and what is owed waits for another one',
    role: 'owner',
    byToken: true,
    command: 'callback clear-url',
    examples: [['不再产生回调 / owe nothing any more', 'qunhub callback clear-url']],
    input: z.object(workspaceChoice),
    output: z.object({ workspaceId: WorkspaceId, cleared: z.boolean() }),
    refusals: workspaceRefusals,
  }),
  'set-callback-header': verb({
    summary:
      '设置随回调发送的一个请求头, 值加密保存, 不再显示 / Set the one header that the receiver is sent; its value is sealed and not shown again',
    role: 'owner',
    byToken: true,
    command: 'callback set-header <header>',
    examples: [
      [
        '值从标准输入读取 / its value from stdin',
        `printf 'Bearer %s' "$KEY" | qunhub callback set-header Authorization`,
      ],
      [
        '值从文件读取 / its value from a file',
        'qunhub callback set-header X-Api-Key --value-file api-key.txt',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      header: HeaderName.meta({ description: '请求头的名称 / name of the header' }),
      value: HeaderValue.meta({ description: '请求头的值, 加密保存 / its value, which is kept sealed' }),
    }),
    output: z.object({ workspaceId: WorkspaceId, header: z.string() }),
    refusals: { ...workspaceRefusals, ...urlUnset },
  }),
  'clear-callback-header': verb({
    summary: '不再随回调发送该请求头 / Send the receiver no header any more',
    role: 'owner',
    byToken: true,
    command: 'callback clear-header',
    examples: [['不再发送 / send it no more', 'qunhub callback clear-header']],
    input: z.object(workspaceChoice),
    output: z.object({ workspaceId: WorkspaceId, cleared: z.boolean() }),
    refusals: { ...workspaceRefusals, ...urlUnset },
  }),
  'show-callback-secret': verb({
    summary: '显示回调签名密钥 / Show the signing secret of callbacks',
    role: 'owner',
    byToken: true,
    command: 'callback secret',
    examples: [['再看一次签名密钥 / look at the signing secret once more', 'qunhub callback secret']],
    input: z.object(workspaceChoice),
    output: z.object({ workspaceId: WorkspaceId, url: z.string(), secret: z.string() }),
    refusals: {
      ...workspaceRefusals,
      ...urlUnset,
    },
  }),
  'rotate-callback-secret': verb({
    summary:
      '更换签名密钥, 旧密钥在重叠期内同时签名 / Replace the signing secret; the former signs too for a while',
    role: 'owner',
    byToken: true,
    command: 'callback rotate-secret',
    examples: [
      [
        '换密钥, 新旧并用两天 / a new secret; for two days both sign',
        'qunhub callback rotate-secret --overlap-hours 48',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      overlapHours: wholeNumber(0, OVERLAP_HOURS_MAX)
        .register(typedAs, { value: 'hours' })
        .default(OVERLAP_HOURS_DEFAULT)
        .meta({ description: '新旧密钥并用的小时数 / both sign for so many hours' }),
    }),
    output: z.object({
      workspaceId: WorkspaceId,
      secret: z.string(),
      formerUntil: instant().meta({
        description:
          '旧密钥最迟用到此时, endedEarly 里的除外 / the former ones sign until then, but for those of endedEarly',
      }),
      endedEarly: z.array(EndedSecret).meta({
        description: `最多同时保留 ${SIGNING_SECRETS_MAX} 个; 换得更快时最旧的提前失效 / ${SIGNING_SECRETS_MAX} are kept at most: of more in a row the oldest ends before its time`,
      }),
    }),
    refusals: { ...workspaceRefusals, ...urlUnset },
  }),
  'show-callback-address': verb({
    summary: '查看回调地址的状态 / Show how the callback base is doing',
    role: 'viewer',
    byToken: true,
    command: 'callback address',
    examples: [['是否熔断, 有多少待投递 / its breaker, and how much waits', 'qunhub callback address']],
    input: z.object(workspaceChoice),
    output: AddressRecord,
    refusals: { ...workspaceRefusals, ...urlUnset },
  }),
  'resume-callbacks': verb({
    summary: '立即恢复被熔断的地址 / Resume an address whose breaker is open, now',
    role: 'operator',
    byToken: true,
    command: 'callback resume',
    examples: [['接收方已恢复, 立即投递 / the receiver is back: deliver at once', 'qunhub callback resume']],
    input: z.object(workspaceChoice),
    output: z.object({ workspaceId: WorkspaceId, resumed: z.boolean() }),
    refusals: { ...workspaceRefusals, ...urlUnset },
  }),
  'list-callbacks': verb({
    summary: '列出回调, 新的在前 / List callbacks, newest first',
    role: 'viewer',
    byToken: true,
    command: 'callback list',
    examples: [
      ['停放的回调 / callbacks that are parked', 'qunhub callback list --state parked'],
      [
        '某个群某天以来的 / those of one room since a day',
        'qunhub callback list --room R:888888 --from 2026-11-24 --limit 200',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      ...filter,
      ...owedRange,
      limit: wholeNumber(1, CALLBACKS_PER_PAGE_MAX)
        .default(CALLBACKS_PER_PAGE_DEFAULT)
        .meta({ description: '一页最多几个 / so many on a page at most' }),
      before: callbackId().optional().meta({ description: '上一页最后一个 id / last id of the page before' }),
    }),
    output: z.object({
      callbacks: z.array(CallbackRecord),
      next: callbackId()
        .nullable()
        .meta({ description: '下一页的 before; 没有更多时为 null / null at the end' }),
    }),
    refusals: workspaceRefusals,
  }),
  'show-callback': verb({
    summary: '查看回调及其每次尝试 / Show a callback and its attempts',
    role: 'viewer',
    byToken: true,
    command: 'callback show <id>',
    examples: [
      ['每次尝试与请求体 / each attempt, and the body', 'qunhub callback show 42'],
      [
        '由接收方看到的 webhook-id / by the webhook-id that the receiver saw',
        'qunhub callback show msg_YELuWBIAZGgSvsHAea1GySJB',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      id: z
        .union([callbackId(), z.string().regex(WEBHOOK_ID, { error: CALLBACK_NAME })], {
          error: CALLBACK_NAME,
        })
        .meta({
          description: CALLBACK_NAME,
        }),
    }),
    output: CallbackRecord.extend({
      history: z.array(AttemptRecord),
      body: z.string().meta({ description: '原样的请求体 / the body as it is sent' }),
    }),
    refusals: callbackRefusals,
  }),
  'replay-callbacks': verb({
    summary: '重放回调, webhook-id 不变 / Send callbacks again under the same webhook-id',
    role: 'operator',
    byToken: true,
    command: 'callback replay [ids...]',
    examples: [
      ['重放这两个 / send these two again', 'qunhub callback replay 42 43'],
      [
        '重放全部停放的; 按时间、先数一数: replay-range / all that are parked; by time, and counted first: replay-range',
        'qunhub callback replay --state parked',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      ids: z
        .array(callbackId())
        .max(CALLBACKS_PER_REQUEST_MAX)
        .default([])
        .meta({ description: '回调的编号 / numbers of callbacks' }),
      state: z
        .literal('parked')
        .optional()
        .meta({ description: 'parked: 全部停放的 / parked: all that are parked' }),
      kind: CallbackKindName.optional().meta(KIND),
      room: anyId().optional().meta(ROOM),
    }),
    output: z.object({
      replayed: z.array(callbackId()),
      pending: z
        .array(callbackId())
        .meta({ description: '本就在等待投递 / were waiting for their turn anyway' }),
    }),
    refusals: {
      ...callbackRefusals,
      'callbacks-too-many':
        '停放的回调太多, 不能一次全部重放, 请按范围分批重放: qunhub callback replay-range --state parked, 可加 --from、--until; 一次最多 / too many parked callbacks to send at once; replay them step by step: qunhub callback replay-range --state parked, with --from and --until if you like; at once at most',
      'callbacks-unclear':
        '请给出回调 id, 或用 --state parked 选全部停放的回调, 二者取一 / give callback ids, or --state parked for all parked ones: one of the two',
    },
  }),
  'start-replay': verb({
    summary: '按条件重放, 可暂停, 旧的在前 / Replay what fits, oldest first; it can be paused',
    role: 'operator',
    byToken: true,
    command: 'callback replay-range',
    examples: [
      [
        '先数一数 / count first',
        'qunhub callback replay-range --from 2026-11-23 --until 2026-11-24 --dry-run',
      ],
      [
        '重放一天里停放的 / replay what was parked that day',
        'qunhub callback replay-range --state parked --from 2026-11-23 --until 2026-11-24',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      state: CallbackEndName.optional().meta(STATE),
      kind: CallbackKindName.optional().meta(KIND),
      room: anyId().optional().meta(ROOM),
      ...owedRange,
      dryRun: z.boolean().default(false).meta({ description: '只计数, 不重放 / count only, replay nothing' }),
    }),
    output: z.object({
      matching: z.int().nonnegative(),
      replay: ReplayRecord.nullable().meta({ description: '试运行时为 null / null on a dry run' }),
    }),
    refusals: {
      ...workspaceRefusals,
      'replays-too-many':
        '未结束的重放太多, 请等它们结束或取消, 用 qunhub callback replays 查看 / too many replays have not ended: wait or cancel some; see: qunhub callback replays; at most',
      'replay-unclear':
        '请至少给出一个条件: --state、--kind、--room、--from、--until / say at least one of --state, --kind, --room, --from, --until',
    },
  }),
  'list-replays': verb({
    summary: '列出重放, 新的在前 / List replays, newest first',
    role: 'viewer',
    byToken: true,
    command: 'callback replays',
    examples: [['各次重放的进度 / how far replays have come', 'qunhub callback replays']],
    input: z.object(workspaceChoice),
    output: z.object({ replays: z.array(ReplayRecord) }),
    refusals: workspaceRefusals,
  }),
  'steer-replay': verb({
    summary: '暂停、继续或取消重放 / Pause, continue or cancel a replay',
    role: 'operator',
    byToken: true,
    command: 'callback steer-replay <id> <to>',
    examples: [
      ['暂停一次重放 / pause a replay', 'qunhub callback steer-replay 5dbe8287184b7cb41f526751 pause'],
    ],
    input: z.object({
      ...workspaceChoice,
      id: anyId().meta({ description: '重放的 id / id of the replay' }),
      to: z
        .enum(['pause', 'continue', 'cancel'])
        .meta({ description: 'pause 暂停, continue 继续, cancel 取消 / what becomes of it' }),
    }),
    output: ReplayRecord,
    refusals: {
      ...workspaceRefusals,
      'replay-unknown':
        '该工作区没有这个重放, 或已结束, 用 qunhub callback replays 查看 / the workspace has no such replay, or it has ended; see: qunhub callback replays',
    },
  }),
} as const
