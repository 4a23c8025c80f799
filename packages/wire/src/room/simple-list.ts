import { z } from 'zod'
import { endpoint } from '../model/endpoint.ts'
import { Page } from '../model/page.ts'
import { tokenInvalid } from '../model/refusal.ts'
import { SimpleRoomRow } from '../model/room.ts'
import { roomListRequest } from './list.ts'

/** GET /room/simpleList: as `/room/list`, without members. Rule NB-2. */
export const simpleList = endpoint({
  name: 'simpleList',
  method: 'GET',
  path: '/room/simpleList',
  summary: '群列表 (不含成员) / Rooms without their members',
  envelope: 'list',
  request: roomListRequest,
  example: { token: 'your-token', current: '0', pageSize: '20' },
  reply: z.object({ code: z.int(), data: z.array(SimpleRoomRow), page: Page.optional() }),
  refusals: { 'token-invalid': tokenInvalid },
})
