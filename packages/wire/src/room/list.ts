import { z } from 'zod'
import { endpoint } from '../model/endpoint.ts'
import { RoomWxid, Token } from '../model/ids.ts'
import { Page, pageNumber, pageSize } from '../model/page.ts'
import { tokenInvalid } from '../model/refusal.ts'
import { RoomRow } from '../model/room.ts'

/** What both lists of rooms are asked with: an empty `wxid` is none (G-7). */
export const roomListRequest = z.object({
  token: Token,
  current: pageNumber(0).meta({ description: '当前页数 (从 0 开始) / page, from 0', examples: ['0'] }),
  pageSize: pageSize.meta({ description: '条数, 默认 20, 最大 100 / rows of a page', examples: ['20'] }),
  wxid: z
    .union([RoomWxid, z.literal('')])
    .nullish()
    .meta({ description: '只查这个群 / this room only' }),
})

/** GET /room/list: every chat of the workspace, page by page, or those of one room. Rule NB-1. */
export const roomList = endpoint({
  name: 'roomList',
  method: 'GET',
  path: '/room/list',
  summary: '群列表 / Rooms',
  envelope: 'list',
  request: roomListRequest,
  example: { token: 'your-token', current: '0', pageSize: '20' },
  reply: z.object({ code: z.int(), data: z.array(RoomRow), page: Page.optional() }),
  refusals: { 'token-invalid': tokenInvalid },
})
