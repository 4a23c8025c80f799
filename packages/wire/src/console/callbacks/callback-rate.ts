import { z } from 'zod'
import { instant, verb, workspaceChoice, workspaceRefusals } from '../door/verb.ts'

const count = () => z.int().nonnegative()

export const callbackRateVerbs = {
  'show-callback-rate': verb({
    summary: '每分钟投递了多少回调, 结果如何 / Show how many callbacks a minute, by what became of them',
    role: 'viewer',
    byToken: true,
    command: 'callback rate',
    examples: [
      ['最近一小时 / the last hour', 'qunhub callback rate'],
      ['某一天 / one day', 'qunhub callback rate --from 2026-11-24 --until 2026-11-25'],
    ],
    input: z.object({
      ...workspaceChoice,
      from: instant().optional().meta({
        description: '起始时间, 默认为结束前一小时 / its begin; by default an hour before its end',
      }),
      until: instant().optional().meta({ description: '结束时间, 默认为现在 / its end; by default now' }),
    }),
    output: z.object({
      from: instant(),
      until: instant(),
      /** 1 for up to twelve hours, more for longer ranges, so that there are at most 720 steps. */
      stepMinutes: z.int().positive(),
      steps: z
        .array(
          z.object({
            at: instant().meta({ description: '起始时间 / its begin' }),
            delivered: count(),
            retried: count().meta({ description: '失败, 稍后再试 / failed, and tried again later' }),
            parked: count(),
            quarantined: count(),
          }),
        )
        .meta({
          description: '旧的在前; 没有回调的不列出 / oldest first; those without callbacks are left out',
        }),
    }),
    refusals: workspaceRefusals,
  }),
} as const
