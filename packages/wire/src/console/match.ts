import { z } from 'zod'
import { text } from '../model/text.ts'
import { verb, workspaceChoice, workspaceRefusals } from './door/verb.ts'

const SOUGHT_LENGTH_MAX = 256

export const MatchKind = z.enum(['bot', 'room', 'contact', 'callback', 'request', 'tag', 'token'])
export type MatchKind = z.infer<typeof MatchKind>

export const MatchRecord = z
  .object({
    kind: MatchKind,
    /** By which whatever it is can be asked for: of a room its chatId, of a request its request id. */
    id: z.string(),
    name: z.string().meta({ description: '名字、群名或种类 / its name, topic or kind' }),
    /** Something besides that tells it from others of its name. */
    about: z.string(),
  })
  .meta({ id: 'MatchRecord' })
export type MatchRecord = z.infer<typeof MatchRecord>

export const matchVerbs = {
  'list-matches': verb({
    summary:
      '按任意 id、名字或群名查找: 机器人、群、联系人、回调、请求、标签、token / Find whatever goes by an id, a name or a topic',
    role: 'viewer',
    byToken: false,
    command: 'workspace find <sought>',
    examples: [
      ['这个 id 是什么 / what an id is', 'qunhub workspace find msg_0QxpgE0y4vXx5wPHOTJ4Ha7m'],
      ['名字里有“答疑”的 / whatever has 答疑 in its name', 'qunhub workspace find 答疑'],
    ],
    input: z.object({
      ...workspaceChoice,
      sought: text(SOUGHT_LENGTH_MAX)
        .min(1)
        .meta({ description: 'id、名字或群名的一部分 / an id, a name or a part of a topic' }),
    }),
    output: z.object({
      matches: z.array(MatchRecord).meta({
        description: '每种最多 5 个 / five of each kind at most',
      }),
      moreRooms: z.boolean().meta({
        description:
          '群还有更多, 或还没有找完: list-chats 可以接着找 / there are more rooms, or not all were looked through: list-chats looks on',
      }),
    }),
    refusals: workspaceRefusals,
  }),
} as const
