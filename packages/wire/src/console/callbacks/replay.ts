import { z } from 'zod'
import { BotId } from '../../model/ids.ts'
import { botRefusals } from '../bots/bot.ts'
import { anyId, instant, verb, workspaceChoice, workspaceRefusals } from '../door/verb.ts'
import {
  CallbackEndName,
  CallbackKindName,
  KIND,
  ofBot,
  owedRange,
  ROOM,
  roomAmbiguous,
  STATE,
  STATUS_CLASS,
  StatusClassName,
} from './callback.ts'

/** Which callbacks a replay takes, each condition with each. */
const conditions = {
  state: CallbackEndName.optional().meta(STATE),
  kind: CallbackKindName.optional().meta(KIND),
  room: anyId().optional().meta(ROOM),
  bot: ofBot(),
  status: StatusClassName.optional().meta(STATUS_CLASS),
  ...owedRange,
}

export const ReplayRecord = z
  .object({
    id: z.string(),
    state: z.enum(['running', 'paused', 'done', 'cancelled']),
    filter: z
      .object({
        state: CallbackEndName.optional(),
        kind: z.string().optional(),
        room: z.string().optional().meta({ description: '群的 wxid / wxid of the room' }),
        bot: BotId.optional(),
        status: StatusClassName.optional(),
        from: instant().optional(),
        until: instant().optional(),
      })
      .meta({ description: '哪些回调; 没有写的不限 / which callbacks; what is not said does not matter' }),
    replayed: z.int().nonnegative().meta({ description: '已重新投递的条数 / made due again so far' }),
    createdAt: instant(),
    endedAt: instant().nullable(),
  })
  .meta({ id: 'ReplayRecord' })

export type ReplayRecord = z.infer<typeof ReplayRecord>

export const replayVerbs = {
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
      ...conditions,
      dryRun: z.boolean().default(false).meta({ description: '只计数, 不重放 / count only, replay nothing' }),
    }),
    output: z.object({
      matching: z.int().nonnegative().meta({ description: '符合的条数 / how many fit' }),
      atLeast: z.boolean().meta({
        description:
          '为 true 时至少这么多, 没有数完 / true: so many or more; they were not counted to the end',
      }),
      replay: ReplayRecord.nullable().meta({ description: '试运行时为 null / null on a dry run' }),
    }),
    refusals: {
      ...workspaceRefusals,
      ...roomAmbiguous,
      ...botRefusals,
      'replays-too-many':
        '未结束的重放太多, 请等它们结束或取消, 用 qunhub callback replays 查看 / too many replays have not ended: wait or cancel some; see: qunhub callback replays; at most',
      'replay-unclear':
        '请至少给出一个条件: --state、--kind、--room、--bot、--status、--from、--until / say at least one of --state, --kind, --room, --bot, --status, --from, --until',
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
    examples: [['暂停一次重放 / pause a replay', 'qunhub callback steer-replay 5dbe82 pause']],
    input: z.object({
      ...workspaceChoice,
      id: anyId().meta({ description: '重放的 id, 或其开头 / id of the replay, or how it begins' }),
      to: z
        .enum(['pause', 'continue', 'cancel'])
        .meta({ description: 'pause 暂停, continue 继续, cancel 取消 / what becomes of it' }),
    }),
    output: ReplayRecord,
    refusals: {
      ...workspaceRefusals,
      'replay-ambiguous':
        '多个重放的 id 这样开头, 请多写几位 / several replays begin like this; give more of the id',
      'replay-unknown':
        '该工作区没有这个重放, 或已结束, 用 qunhub callback replays 查看 / the workspace has no such replay, or it has ended; see: qunhub callback replays',
    },
  }),
} as const
