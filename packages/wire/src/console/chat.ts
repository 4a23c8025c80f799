import { z } from 'zod'
import { BotId, ChatId, RoomWxid } from '../model/ids.ts'
import { text } from '../model/text.ts'
import { botRefusals } from './bot.ts'
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
    input: z.object({
      ...workspaceChoice,
      bot: anyId().optional().meta({ description: 'botId 或 userId / bot id or userId' }),
      topic: text(TOPIC_LENGTH_MAX)
        .min(1)
        .optional()
        .meta({ description: '群名包含的文字 / part of the topic' }),
      limit: wholeNumber(1, CHATS_PER_REQUEST_MAX).default(CHATS_PER_REQUEST_DEFAULT),
    }),
    output: z.object({
      chats: z.array(ChatRecord),
      more: z.boolean().meta({ description: '还有更多, 请缩小范围 / there are more than the limit' }),
    }),
    refusals: { ...workspaceRefusals, ...botRefusals },
  }),
} as const
