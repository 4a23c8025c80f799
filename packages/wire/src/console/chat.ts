import { z } from 'zod'
import { BotId, ChatId, RoomWxid } from '../model/ids.ts'
import { text } from '../model/text.ts'
import { botNamed, botRefusals } from './bot.ts'
import { typedAs } from './field-form.ts'
import { anyId, verb, wholeNumber, workspaceChoice, workspaceRefusals } from './verb.ts'

const TOPIC_LENGTH_MAX = 256
const CHATS_PER_REQUEST_DEFAULT = 100
const CHATS_PER_REQUEST_MAX = 1000

/** A chat in one line, so that people find its chatId. */
export const ChatRecord = z
  .object({
    chatId: ChatId,
    roomWxid: RoomWxid,
    topic: z.string(),
    memberCount: z.int().nonnegative(),
    botId: BotId,
    botNickName: z.string().nullable(),
  })
  .meta({ id: 'ChatRecord' })

export type ChatRecord = z.infer<typeof ChatRecord>

export const chatVerbs = {
  'list-chats': verb({
    summary: '查找群, 旧的在前 / Find chats, oldest first',
    role: 'viewer',
    byToken: false,
    command: 'room list',
    examples: [
      ['名字里有“答疑”的群 / chats with 答疑 in their topic', 'qunhub room list --topic 答疑'],
      [
        '一个机器人的群, JSON / the chats of one bot, as JSON',
        'qunhub room list --bot xiaobei --limit 1000 --json',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      bot: botNamed().optional(),
      topic: text(TOPIC_LENGTH_MAX)
        .min(1)
        .optional()
        .meta({ description: '群名包含的文字 / part of the topic' }),
      after: anyId().register(typedAs, { value: 'chatId' }).optional().meta({
        description: '上一页最后的 chatId / the last chatId of the page before',
      }),
      limit: wholeNumber(1, CHATS_PER_REQUEST_MAX)
        .default(CHATS_PER_REQUEST_DEFAULT)
        .meta({ description: '一页最多几个 / so many on a page at most' }),
    }),
    output: z.object({
      chats: z.array(ChatRecord),
      more: z.boolean().meta({ description: '还有更多 / there are more than the limit' }),
      next: ChatId.nullable().meta({
        description: '下一页的 after; 没有更多时为 null / the after of the next page; null at the end',
      }),
    }),
    refusals: {
      ...workspaceRefusals,
      ...botRefusals,
      'chat-unknown':
        '该工作区没有这个群, after 须是上一页最后的 chatId / the workspace has no such chat; after is the last chatId of the page before',
    },
  }),
} as const
