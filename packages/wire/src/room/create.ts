import { z } from 'zod'
import { endpoint } from '../model/endpoint.ts'
import { ChatId, ContactWxid, ExternalUserId, RoomWxid, Token, UnionId, UserId } from '../model/ids.ts'
import { tokenInvalid } from '../model/refusal.ts'
import { text } from '../model/text.ts'

// Far above the 40 people of CR-10, so that too many people is answered with -10 and its words, not with 400.
const IDS_PER_REQUEST_MAX = 1000
const TOPIC_LENGTH_MAX = 256
const GREETING_LENGTH_MAX = 4096

/** CR-25: visible ASCII characters. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/

const idList = <S extends z.ZodType>(id: S) =>
  z
    .array(id)
    .max(IDS_PER_REQUEST_MAX)
    .nullish()
    .transform(ids => ids ?? [])

/** POST /room/create: a new room with the bot as owner. All or nothing (CR-21). Rules CR. */
export const create = endpoint({
  name: 'create',
  method: 'POST',
  path: '/room/create',
  summary: '创建群聊 / Create a room',
  envelope: 'errcode',
  request: z.object({
    token: Token,
    botUserId: UserId.meta({
      description: '执行建群的托管账号的 userId / userId of the account that creates it',
    }),
    userIds: idList(UserId).meta({
      description:
        '拉入的企业成员的 userId; 不计入 2~40 人 / userIds of coworkers; they do not count towards the 2 to 40',
    }),
    unionIds: idList(UnionId).meta({
      description: '拉入的外部联系人的 unionId / unionIds of external contacts',
    }),
    name: text(TOPIC_LENGTH_MAX).nullish().meta({ description: '新群的名字 / name of the new room' }),
    greeting: text(GREETING_LENGTH_MAX)
      .nullish()
      .meta({ description: '建群后的激活语 / first message in the new room' }),
    wxids: idList(z.union([ContactWxid, ExternalUserId])).meta({
      description:
        '拉入的联系人的 wxid 或 externalUserId (wm…/wo…) / wxids or externalUserIds (wm…/wo…) of contacts',
    }),
  }),
  example: {
    token: 'your-token',
    botUserId: 'xiaobei',
    wxids: ['7881300000000001', '7881300000000002'],
    name: '新客户群',
    greeting: '大家好',
  },
  reply: z.object({
    errcode: z.int(),
    errmsg: z.string(),
    data: z.object({ chatId: ChatId, roomWxid: RoomWxid }).optional(),
  }),
  requestHeaders: [
    {
      name: 'Idempotency-Key',
      description:
        '24 小时内相同的键与请求体只建一个群, 答复相同; 同键不同请求体为 400 (CR-25) / the same key and body make one room within 24 hours; the same key with another body is 400',
      // Postman and Apifox put another one in its place each time: a key that is imported once would be the same for ever.
      value: z
        .string()
        .regex(IDEMPOTENCY_KEY)
        .meta({ examples: ['{{$guid}}'] }),
    },
  ],
  refusals: {
    'token-invalid': tokenInvalid,
    'bot-unknown': { code: -2, message: 'botUserId的bot不存在' },
    'bot-ambiguous': { code: -3, message: 'botUserId存在多个机器人' },
    'not-wecom': { code: -4, message: '不是企业微信' },
    'bot-offline': { code: -5, message: 'bot不在线' },
    'coworker-unknown': { code: -6, message: '同事不存在' },
    'contact-unknown': { code: -7, message: 'contact不存在' },
    'contact-load-failed': { code: -8, message: 'contact加载失败' },
    'invitees-too-many': { code: -10, message: '创建群人数过多' },
    'invitees-too-few': { code: -10, message: '创建群人数不足' },
    'create-failed': { code: -9, message: '创建群聊失败' },
  },
})
