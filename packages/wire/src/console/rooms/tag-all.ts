import { z } from 'zod'
import { TagId } from '../../model/ids.ts'
import { anyId, verb, workspaceRefusals } from '../door/verb.ts'
import { roomFilter, roomFilterRefusals } from './chat.ts'
import { tagRefusals } from './tag.ts'

const { tag: having, ...conditions } = roomFilter

const taggedAll = z.object({
  ...conditions,
  tag: anyId().meta({ description: '标签 id 或名称 / tag id or name' }),
  having: having.meta({
    description: '已有这个标签的群, id 或名称 / of those that have this tag: id or name',
  }),
  dryRun: z.boolean().default(false).meta({ description: '只计数, 不改动 / count only, change nothing' }),
})

const counted = z.object({
  tag: TagId,
  matching: z.int().nonnegative().meta({ description: '符合条件的群数 / chats that fit' }),
  atLeast: z.boolean().meta({
    description: '为 true 时至少这么多, 只在试运行时 / true: so many or more, on a dry run alone',
  }),
  changed: z.int().nonnegative().meta({
    description: '因此改变的群数; 试运行时为 0 / chats that changed by it; 0 on a dry run',
  }),
})

const refusals = {
  ...workspaceRefusals,
  ...tagRefusals,
  ...roomFilterRefusals,
  'chats-changed':
    '其间有群不见了, 已改动的有效, 请再试 / a chat disappeared meanwhile; what was done stays; try again',
} as const

export const tagAllVerbs = {
  'assign-tag-to-all': verb({
    summary:
      '给所有符合条件的群打标签; 不给条件就是全部 / Put a tag on all chats that fit; without a condition on every one',
    role: 'operator',
    byToken: false,
    command: 'tag assign-all <tag>',
    examples: [
      ['先数一数 / count first', 'qunhub tag assign-all VIP客户群 --search 答谢 --dry-run'],
      [
        '给一个机器人的外部群都打上 / on all external chats of a bot',
        'qunhub tag assign-all VIP客户群 --bot xiaobei --external yes',
      ],
    ],
    input: taggedAll,
    output: counted,
    refusals,
  }),
  'unassign-tag-from-all': verb({
    summary: '去掉所有符合条件的群的一个标签 / Take a tag off all chats that fit',
    role: 'operator',
    byToken: false,
    command: 'tag unassign-all <tag>',
    examples: [['从内部群去掉 / off the internal ones', 'qunhub tag unassign-all VIP客户群 --external no']],
    input: taggedAll,
    output: counted,
    refusals,
  }),
} as const
