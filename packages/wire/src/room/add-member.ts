import { z } from 'zod'
import { endpoint } from '../model/endpoint.ts'
import { ContactWxid, RoomWxid, Token, UserId } from '../model/ids.ts'
import { CodeReply, tokenInvalid } from '../model/refusal.ts'

/** POST /room/addMember: pull a contact into a room, or send it a card from 40 members on. Rules AM. */
export const addMember = endpoint({
  name: 'addMember',
  method: 'POST',
  path: '/room/addMember',
  summary: '加入群聊 / Add a contact to a room',
  envelope: 'code',
  request: z.object({
    token: Token,
    botUserId: UserId.meta({ description: '执行添加的托管账号的 userId / userId of the account that adds' }),
    contactWxid: ContactWxid.meta({
      description:
        '被添加的联系人的 wxid 或 externalUserId (wm…/wo…) / wxid or externalUserId of the contact who is added',
    }),
    roomWxid: RoomWxid,
  }),
  example: {
    token: 'your-token',
    botUserId: 'xiaobei',
    contactWxid: '7881300000000001',
    roomWxid: 'R:888888',
  },
  reply: CodeReply,
  requestHeaders: [
    {
      name: 'Prefer',
      description:
        '`wait` 或 `wait=秒数` (1~30, 默认 10): 直接拉入时, 确认成员已在群内才答 0, 到时仍未看到答 -7; 发送入群卡片时不适用 (AM-25) / a pull is answered 0 only when the member was seen in the room, else -7 when the time is over; a card cannot be waited for',
      value: z.string().meta({ examples: ['wait=10'] }),
    },
  ],
  responseHeaders: [
    {
      name: 'Preference-Applied',
      description: '有此响应头的 0: 已确认成员在群内 / a 0 that carries it: the member was seen in the room',
      value: z.string().meta({ examples: ['wait=10'] }),
    },
  ],
  // In the order in which they are checked (G-10).
  refusals: {
    'token-invalid': tokenInvalid,
    'bot-unknown': { code: -2, message: 'botUserId的bot不存在' },
    'bot-ambiguous': { code: -3, message: 'botUserId存在多个机器人' },
    'not-wecom': { code: -4, message: '不是企业微信' },
    'bot-offline': { code: -5, message: 'bot不在线' },
    'room-load-failed': { code: -6, message: '群聊加载失败' },
    'bot-not-in-room': { code: -11, message: 'bot不在群内' },
    'room-internal': { code: -12, message: '该群是内部群,不执行此操作' },
    'already-member': { code: -9, message: '群聊中已经存在此好友' },
    'not-friend': { code: -8, message: '和bot不是好友关系' },
    'room-full': { code: -10, message: '群人数达到上限(500)' },
    'add-failed': { code: -7, message: '拉入群聊失败' },
  },
})
