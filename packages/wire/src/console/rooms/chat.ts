import { z } from 'zod'
import { BotId, ChatId, RoomWxid } from '../../model/ids.ts'
import { Label } from '../../model/room.ts'
import { text } from '../../model/text.ts'
import { botNamed, botRefusals } from '../bots/bot.ts'
import { Counted } from '../counted.ts'
import { typedAs } from '../door/field-form.ts'
import { anyId, verb, wholeNumber, workspaceChoice, workspaceRefusals } from '../door/verb.ts'
import { tagRefusals } from './tag.ts'

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
    external: z.boolean().meta({ description: '外部群 / with people from outside' }),
    tags: z.array(Label).meta({ description: '秒回标签 / tags' }),
  })
  .meta({ id: 'ChatRecord' })

export type ChatRecord = z.infer<typeof ChatRecord>

/** By what chats are found, each with each. */
export const roomFilter = {
  ...workspaceChoice,
  bot: botNamed().optional(),
  search: text(TOPIC_LENGTH_MAX).min(1).optional().meta({
    description:
      'chatId、roomWxid、成员的任一 id, 或群名包含的文字、成员名的开头 / chatId, roomWxid, any id of a member, or else part of the topic, or how the name of a member begins',
  }),
  tag: anyId().optional().meta({ description: '标签的 id 或名称 / id or name of a tag' }),
  external: z
    .enum(['yes', 'no'])
    .optional()
    .meta({ description: 'yes 外部群, no 内部群 / yes: external rooms, no: internal ones' }),
  topic: text(TOPIC_LENGTH_MAX).min(1).optional().meta({ description: '群名包含的文字 / part of the topic' }),
}

export const roomFilterRefusals = { ...workspaceRefusals, ...botRefusals, ...tagRefusals } as const

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
      ...roomFilter,
      after: anyId().register(typedAs, { value: 'chatId' }).optional().meta({
        description: '上一页的 next / the next of the page before',
      }),
      limit: wholeNumber(1, CHATS_PER_REQUEST_MAX)
        .default(CHATS_PER_REQUEST_DEFAULT)
        .meta({ description: '一页最多几个 / so many on a page at most' }),
    }),
    output: z.object({
      chats: z.array(ChatRecord),
      more: z.boolean().meta({
        description: '还有更多, 或还没有找完 / there are more, or it was not looked to the end',
      }),
      next: ChatId.nullable().meta({
        description:
          '下一页的 after; 不满一页而有它, 就是找到了这里; 没有更多时为 null / the after of the next page; where the page is not full, so far it was looked; null at the end',
      }),
      total: Counted.meta({ description: '一共符合多少 / how many fit in all' }),
      understood: z
        .object({
          as: z.enum(['chat', 'room', 'contact', 'words']),
          members: z
            .array(z.object({ wxid: z.string(), name: z.string() }))
            .meta({ description: '指的是谁, 最多五个 / who is meant, five at most' }),
        })
        .nullable()
        .meta({ description: 'search 被理解成什么 / what search was taken for' }),
    }),
    refusals: {
      ...roomFilterRefusals,
      'chat-unknown':
        '该工作区没有这个群, after 须是上一页的 next / the workspace has no such chat; after is the next of the page before',
    },
  }),
} as const
