import { z } from 'zod'
import { TagRecord } from '../console/rooms/tag-record.ts'
import { endpoint } from '../model/endpoint.ts'
import { Token } from '../model/ids.ts'
import { tokenInvalid } from '../model/refusal.ts'

/** GET /tag/list: the tags of the workspace, in the order in which they were added. Rule NB-5. */
export const tagList = endpoint({
  name: 'tagList',
  method: 'GET',
  path: '/tag/list',
  summary: '秒回标签列表 / Tags',
  envelope: 'list',
  request: z.object({ token: Token }),
  example: { token: 'your-token' },
  reply: z.object({ code: z.int(), data: z.array(TagRecord) }),
  refusals: { 'token-invalid': tokenInvalid },
})
