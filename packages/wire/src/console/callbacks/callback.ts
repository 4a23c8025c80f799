import { z } from 'zod'
import { callbacks } from '../../contract.ts'
import { botNamed, botRefusals } from '../bots/bot.ts'
import { Counted } from '../counted.ts'
import { typedAs } from '../door/field-form.ts'
import { anyId, instant, verb, wholeNumber, workspaceChoice, workspaceRefusals } from '../door/verb.ts'

const CALLBACKS_PER_REQUEST_MAX = 1000
const CALLBACKS_PER_PAGE_DEFAULT = 50
const CALLBACKS_PER_PAGE_MAX = 500

const kinds = callbacks.map(callback => callback.kind)
export const CallbackKindName = z.enum(kinds)
const ends = ['delivered', 'parked', 'quarantined'] as const
const states = ['due', ...ends] as const
const CallbackStateName = z.enum(states)
export const CallbackEndName = z.enum(ends)

/** Callbacks of a workspace are numbered in the order of their commits. */
export const callbackId = () => wholeNumber(1, Number.MAX_SAFE_INTEGER).register(typedAs, { value: 'id' })
/** What receivers see of a callback: its number is told to nobody but operators. */
export const WEBHOOK_ID = /^msg_[\w-]{24}$/
const WEBHOOK_ID_SHAPE = 'msg_ 加 24 个字符 / msg_ and 24 characters'
export const CALLBACK_NAME =
  '编号, 或接收方看到的 webhook-id / its number, or the webhook-id that its receiver has seen'

export const STATE = {
  description:
    '状态: delivered 已投递, parked 已停放, quarantined 已隔离, due 待投递 / state: delivered, parked, quarantined, or due, which waits for its turn',
}
export const KIND = { description: '回调的种类, 如 chatroom/joined / kind, such as chatroom/joined' }
export const ROOM = { description: '群的 wxid 或群名 / wxid or topic of the room' }
export const STATUS_CLASS = {
  description:
    '最近一次的 HTTP 状态类; none: 没有应答 / class of the status of the last attempt; none: no answer came',
}
export const StatusClassName = z.enum(['2xx', '3xx', '4xx', '5xx', 'none'])
/** A callback knows its room; which bots are in it, the chats say. */
export const ofBot = () =>
  botNamed().optional().meta({
    description:
      '机器人所在群的回调: botId、userId 或名字 / of the rooms that the bot is in: bot id, userId or name',
  })
export const roomAmbiguous = {
  'room-ambiguous': '多个群同名, 请用群的 wxid / several rooms have this topic; give the wxid of one',
} as const

/** Which callbacks are meant, whatever their state. */
const conditions = {
  kind: CallbackKindName.optional().meta(KIND),
  room: anyId().optional().meta(ROOM),
  bot: ofBot(),
  status: StatusClassName.optional().meta(STATUS_CLASS),
}

/** Which callbacks are meant. */
const filter = { state: CallbackStateName.optional().meta(STATE), ...conditions }

export const owedRange = {
  from: instant()
    .optional()
    .meta({ description: '产生于此时或之后 (HTTP 中为毫秒) / owed at or after (over HTTP in milliseconds)' }),
  until: instant()
    .optional()
    .meta({ description: '产生于此时之前 (HTTP 中为毫秒) / owed before (over HTTP in milliseconds)' }),
}

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

export const callbackRefusals = {
  ...workspaceRefusals,
  'callback-unknown':
    '该工作区没有这个回调, 用 qunhub callback list 查看 / the workspace has no such callback; see: qunhub callback list',
} as const

export const callbackVerbs = {
  'list-callbacks': verb({
    summary: '列出回调, 新的在前 / List callbacks, newest first',
    role: 'viewer',
    byToken: true,
    command: 'callback list',
    examples: [
      ['停放的回调 / callbacks that are parked', 'qunhub callback list --state parked'],
      [
        '某个群某天以来的 / those of one room since a day',
        'qunhub callback list --room 大街小巷 --from 2026-11-24 --limit 200',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      ...filter,
      ...owedRange,
      webhookId: z
        .string()
        .regex(WEBHOOK_ID, { error: WEBHOOK_ID_SHAPE })
        .optional()
        .meta({ description: '接收方看到的 webhook-id / the webhook-id that its receiver has seen' }),
      limit: wholeNumber(1, CALLBACKS_PER_PAGE_MAX)
        .default(CALLBACKS_PER_PAGE_DEFAULT)
        .meta({ description: '一页最多几个 / so many on a page at most' }),
      before: callbackId().optional().meta({ description: '上一页最后一个 id / last id of the page before' }),
    }),
    output: z.object({
      callbacks: z.array(CallbackRecord),
      next: callbackId().nullable().meta({
        description:
          '下一页的 before; 没有更多时为 null。不满一页也可能不为 null: 只看到了这里 / null at the end; of a page that is not full: so far it was looked, and there may be more',
      }),
    }),
    refusals: { ...workspaceRefusals, ...roomAmbiguous, ...botRefusals },
  }),
  'show-callback-counts': verb({
    summary: '按状态数回调 / Count callbacks by their state',
    role: 'viewer',
    byToken: true,
    command: 'callback count',
    examples: [
      ['各状态有多少 / how many in each state', 'qunhub callback count'],
      [
        '某个机器人的、被 5xx 拒绝的 / of one bot, answered 5xx',
        'qunhub callback count --bot xiaobei --status 5xx',
      ],
    ],
    input: z.object({ ...workspaceChoice, ...conditions, ...owedRange }),
    output: z.object({ due: Counted, delivered: Counted, parked: Counted, quarantined: Counted }).meta({
      id: 'CallbackCounts',
      description:
        '不加条件时数到 10000; 有条件时每个状态看最近 5000 条 / up to 10,000; with conditions, of the latest 5,000 in each state',
    }),
    refusals: { ...workspaceRefusals, ...roomAmbiguous, ...botRefusals },
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
      ...roomAmbiguous,
      'callbacks-too-many':
        '停放的回调太多, 不能一次全部重放, 请按范围分批重放: qunhub callback replay-range --state parked, 可加 --from、--until; 一次最多 / too many parked callbacks to send at once; replay them step by step: qunhub callback replay-range --state parked, with --from and --until if you like; at once at most',
      'callbacks-unclear':
        '请给出回调 id, 或用 --state parked 选全部停放的回调, 二者取一 / give callback ids, or --state parked for all parked ones: one of the two',
    },
  }),
} as const
