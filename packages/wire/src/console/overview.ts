import { z } from 'zod'
import { BotRecord } from './bots/bot-record.ts'
import { AddressRecord } from './callbacks/callback-address.ts'
import { Counted } from './counted.ts'
import { instant, verb, workspaceChoice, workspaceRefusals } from './door/verb.ts'

const BOTS_SHOWN_MAX = 8
/** What is to be done first; more than these nobody reads. */
const BOTS_UNWELL_MAX = 5

const count = () => z.int().nonnegative()

export const overviewVerbs = {
  'show-overview': verb({
    summary:
      '看一眼工作区: 机器人、回调与回调地址怎样 / Show at a glance how bots, callbacks and the address are',
    role: 'viewer',
    byToken: false,
    command: 'workspace overview',
    examples: [['有什么要处理 / what is to be done', 'qunhub workspace overview']],
    input: z.object(workspaceChoice),
    output: z.object({
      live: z.boolean().meta({
        description:
          '为 false 时网关未运行, 状态是上次记录的 / false: no gateway runs, and states are the last recorded',
      }),
      bots: z.object({
        all: count(),
        online: count().meta({ description: '在线且收得到事件 / online, and events come' }),
        deaf: count().meta({ description: '在线却收不到事件 / online, and no events come' }),
        awaitingScan: count(),
        away: count().meta({ description: '其余的 / all others' }),
        unwell: z
          .array(BotRecord)
          .max(BOTS_UNWELL_MAX)
          .meta({ description: '需要人处理的, 最急的在前 / that need somebody, the most urgent first' }),
        first: z.array(BotRecord).max(BOTS_SHOWN_MAX).meta({ description: '最早的几个 / the oldest few' }),
      }),
      callbacks: z.object({
        waiting: Counted,
        oldestOwedAt: instant()
          .nullable()
          .meta({ description: '最早待投递的产生时间 / the oldest that waits' }),
        parked: Counted,
        quarantined: Counted,
        everDelivered: z
          .boolean()
          .meta({ description: '曾有一条送达 / one has been delivered, at some time' }),
        lastHour: z
          .object({ delivered: count(), retried: count(), parked: count(), quarantined: count() })
          .meta({ description: '最近一小时的结果 / what became of them within the last hour' }),
      }),
      address: AddressRecord.pick({ url: true, breaker: true, openUntil: true })
        .nullable()
        .meta({ id: 'AddressGlance', description: '回调地址; 未设置为 null / null where none is set' }),
    }),
    refusals: workspaceRefusals,
  }),
} as const

export const OVERVIEW_BOTS = { shown: BOTS_SHOWN_MAX, unwell: BOTS_UNWELL_MAX } as const
