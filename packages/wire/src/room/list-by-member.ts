import { z } from 'zod'
import { endpoint } from '../model/endpoint.ts'
import { ContactWxid, Token } from '../model/ids.ts'
import { tokenInvalid } from '../model/refusal.ts'
import { RoomRow } from '../model/room.ts'

/** GET /room/listByMember: every (bot, room) that the contact is a member of; no page. Rules LM. */
export const listByMember = endpoint({
  name: 'listByMember',
  method: 'GET',
  path: '/room/listByMember',
  summary: '通过联系人 id 获取联系人所在群聊 / Rooms of a contact',
  envelope: 'list',
  request: z.object({
    token: Token,
    contactWxid: ContactWxid.meta({
      description: '联系人的 wxid 或 externalUserId (wm…/wo…) / wxid or externalUserId of the contact',
    }),
  }),
  example: { token: 'your-token', contactWxid: '7881300000000001' },
  reply: z.object({ code: z.int(), data: z.array(RoomRow) }),
  isConditional: true,
  refusals: { 'token-invalid': tokenInvalid },
})
