import { z } from 'zod'
import { ChatId, TagId } from '../../model/ids.ts'
import { anyId, name, verb, workspaceChoice, workspaceRefusals } from '../door/verb.ts'
import { TagRecord } from './tag-record.ts'

const CHATS_PER_REQUEST_MAX = 1000

export const tagRefusals = {
  ...workspaceRefusals,
  'tag-unknown':
    '该工作区没有这个标签, 用 qunhub tag list 查看 / the workspace has no such tag; see: qunhub tag list',
  'tag-ambiguous': '多个标签同名, 请用标签 id / several tags have this name; give the tag id',
} as const

const taggedRefusals = {
  ...tagRefusals,
  'chat-unknown':
    '该工作区没有这个群, 未作任何改动, 用 qunhub room list 查看 / the workspace has no such chat and nothing was changed; see: qunhub room list',
  'chat-ambiguous':
    '多个群同名, 未作任何改动, 请用 chatId / several chats have this topic and nothing was changed; give the chatId',
} as const

const nameTaken = {
  'tag-exists': '已有同名标签 / the workspace has a tag of this name',
} as const

const tagChoice = { tag: anyId().meta({ description: '标签 id 或名称 / tag id or name' }) }

const taggedChats = z.object({
  ...workspaceChoice,
  ...tagChoice,
  chats: z
    .array(anyId())
    .min(1)
    .max(CHATS_PER_REQUEST_MAX)
    .meta({ description: '群的 chatId 或群名 / chatIds or topics of the chats' }),
})

export const tagVerbs = {
  'add-tag': verb({
    summary: '新建标签 / Add a tag',
    role: 'operator',
    byToken: false,
    command: 'tag add <name>',
    examples: [['新建标签 / a new tag', 'qunhub tag add VIP客户群']],
    input: z.object({ ...workspaceChoice, name: name().meta({ description: '标签名 / name of the tag' }) }),
    output: TagRecord,
    refusals: {
      ...workspaceRefusals,
      ...nameTaken,
    },
  }),
  'rename-tag': verb({
    summary: '标签改名, 群上的标签随之改名 / Rename a tag, on every chat that has it',
    role: 'operator',
    byToken: false,
    command: 'tag rename <tag> <name>',
    examples: [['改名 / another name', 'qunhub tag rename VIP客户群 重点客户群']],
    input: z.object({
      ...workspaceChoice,
      ...tagChoice,
      name: name().meta({ description: '标签名 / name of the tag' }),
    }),
    output: z.object({ id: TagId, name: z.string() }),
    refusals: { ...tagRefusals, ...nameTaken },
  }),
  'remove-tag': verb({
    summary: '删除标签, 群上的也一并去掉 / Remove a tag, and take it off every chat',
    role: 'owner',
    byToken: false,
    command: 'tag remove <tag>',
    examples: [['删除, 所有群上的也去掉 / remove it from every chat', 'qunhub tag remove VIP客户群']],
    input: z.object({ ...workspaceChoice, ...tagChoice }),
    output: z.object({
      id: TagId,
      chats: z.int().nonnegative().meta({ description: '有过它的群数 / chats that had it' }),
    }),
    refusals: tagRefusals,
  }),
  'list-tags': verb({
    summary: '列出标签 / List the tags',
    role: 'viewer',
    byToken: false,
    command: 'tag list',
    examples: [['有哪些标签, 各在多少群上 / which there are, and on how many chats', 'qunhub tag list']],
    input: z.object(workspaceChoice),
    output: z.object({ tags: z.array(TagRecord) }),
    refusals: workspaceRefusals,
  }),
  'assign-tag': verb({
    summary: '给群打标签 / Put a tag on chats',
    role: 'operator',
    byToken: false,
    command: 'tag assign <tag> <chats...>',
    examples: [
      [
        '给两个群打标签, 按群名或 chatId / tag two chats, by topic or by chatId',
        'qunhub tag assign VIP客户群 大街小巷 5dbe8287184b7cb41f52674f',
      ],
    ],
    input: taggedChats,
    output: z.object({
      tag: TagId,
      chats: z.array(z.object({ chatId: ChatId, outcome: z.enum(['assigned', 'already']) })),
    }),
    refusals: taggedRefusals,
  }),
  'unassign-tag': verb({
    summary: '去掉群的标签 / Take a tag off chats',
    role: 'operator',
    byToken: false,
    command: 'tag unassign <tag> <chats...>',
    examples: [['从一个群去掉 / take it off one chat', 'qunhub tag unassign VIP客户群 大街小巷']],
    input: taggedChats,
    output: z.object({
      tag: TagId,
      chats: z.array(z.object({ chatId: ChatId, outcome: z.enum(['unassigned', 'not-assigned']) })),
    }),
    refusals: taggedRefusals,
  }),
} as const
