import { z } from 'zod'
import { BotId, ChatId, RoomWxid } from '../model/ids.ts'
import { Label } from '../model/room.ts'
import { anyId, verb, workspaceChoice, workspaceRefusals } from './verb.ts'

const CHATS_PER_PAGE_DEFAULT = 50
const CHATS_PER_PAGE_MAX = 500

/** A chat in one line, so that people find its chatId. */
export const ChatRecord = z
  .object({
    chatId: ChatId,
    roomWxid: RoomWxid,
    topic: z.string(),
    botId: BotId,
    botNickName: z.string(),
    external: z.boolean(),
    memberCount: z.int().nonnegative(),
    labels: z.array(Label),
  })
  .meta({ id: 'ChatRecord' })

export type ChatRecord = z.infer<typeof ChatRecord>

export const chatVerbs = {
  'list-chats': verb({
    summary: '列出群 / List the chats',
    input: z.object({
      ...workspaceChoice,
      tag: anyId().optional().meta({ description: '标签 id 或名称 / tag id or name' }),
      current: z.int().min(1).default(1),
      limit: z.int().min(1).max(CHATS_PER_PAGE_MAX).default(CHATS_PER_PAGE_DEFAULT),
    }),
    output: z.object({ chats: z.array(ChatRecord), total: z.int().nonnegative() }),
    refusals: {
      ...workspaceRefusals,
      'tag-unknown':
        '该工作区没有这个标签, 用 qunhub tag list 查看 / the workspace has no such tag; see: qunhub tag list',
    },
  }),
} as const
