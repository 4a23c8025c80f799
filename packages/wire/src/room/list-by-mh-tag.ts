import { z } from 'zod'
import { endpoint } from '../model/endpoint.ts'
import { Token } from '../model/ids.ts'
import { Page, pageNumber, pageSize } from '../model/page.ts'
import { tokenInvalid } from '../model/refusal.ts'
import { RoomRow } from '../model/room.ts'
import { text } from '../model/text.ts'

/** GET /room/listByMHTag: the chats that carry a tag, or every chat without `mhTagId` (LT-5). Rules LT. */
export const listByMHTag = endpoint({
  name: 'listByMHTag',
  method: 'GET',
  path: '/room/listByMHTag',
  summary: '通过秒回群聊标签查询群 / Rooms by tag',
  envelope: 'list',
  request: z.object({
    token: Token,
    // Any text is an id that may be unknown: LT-2 answers it with an empty list, as it does a foreign one (G-11).
    mhTagId: text(128)
      .nullish()
      .meta({ description: '秒回标签 id; 不传则返回全部群 / id of the tag; without it every room' }),
    current: pageNumber(1).meta({ description: '当前页数 (从 1 开始) / page, from 1' }),
    pageSize: pageSize.meta({
      description: '条数, 默认 20, 最大 100 / rows of a page, 20 by default, at most 100',
    }),
  }),
  example: { token: 'your-token', mhTagId: '5eda03260e21f35ca20f9eb4', current: '1', pageSize: '20' },
  reply: z.object({ code: z.int(), data: z.array(RoomRow), page: Page.optional() }),
  isConditional: true,
  refusals: { 'token-invalid': tokenInvalid },
})
