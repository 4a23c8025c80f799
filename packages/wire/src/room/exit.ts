import { z } from 'zod'
import { endpoint } from '../model/endpoint.ts'
import { RoomWxid, Token, UserId } from '../model/ids.ts'
import { CodeReply, tokenInvalid } from '../model/refusal.ts'

/** POST /room/exit: the bot leaves a room. The field is `wecomUserId`, and the numbers differ from addMember. Rules EX. */
export const exit = endpoint({
  name: 'exit',
  method: 'POST',
  path: '/room/exit',
  summary: '退出群聊 / Leave a room',
  envelope: 'code',
  request: z.object({
    token: Token,
    wecomUserId: UserId.meta({
      description: '执行退群的托管账号的 userId / userId of the account that leaves',
    }),
    roomWxid: RoomWxid,
  }),
  example: { token: 'your-token', wecomUserId: 'xiaobei', roomWxid: 'R:888888' },
  reply: CodeReply,
  refusals: {
    'token-invalid': tokenInvalid,
    'bot-unknown': { code: -2, message: 'wecomUserId的bot不存在' },
    'bot-ambiguous': { code: -3, message: 'wecomUserId存在多个机器人' },
    'bot-not-logged-in': { code: -4, message: '托管账号未正确登录' },
    'not-wecom': { code: -5, message: '不是企业微信' },
    'bot-offline': { code: -6, message: 'bot不在线' },
    'room-unknown': { code: -8, message: '群聊不存在' },
    'bot-not-in-room': { code: -7, message: '托管账号不在群内' },
    'room-load-failed': { code: -9, message: '群聊加载失败' },
    'bot-owns-room': { code: -11, message: '因托管账号是群主,退出群聊失败,请在手机端退出' },
    'exit-failed': { code: -10, message: '退出群聊失败' },
  },
})
