import { z } from 'zod'
import { verb } from './door/verb.ts'

/** A gateway process that works on the store, as its peers see it. */
export const NodeRecord = z
  .object({
    id: z.string(),
    address: z.string().nullable().meta({
      description:
        '其他节点访问它的 host:port; 单独运行时为 null / where its peers reach it; null while it works alone',
    }),
    bots: z.int().nonnegative().meta({ description: '它运行的机器人数 / bots that it runs' }),
    isThis: z.boolean().meta({ description: '就是应答的这个节点 / the one that answers' }),
    connected: z.boolean().meta({
      description: '它的进程此刻连着数据库 / its process is connected to the database at this moment',
    }),
  })
  .meta({ id: 'NodeRecord' })

export type NodeRecord = z.infer<typeof NodeRecord>

export const nodeVerbs = {
  'list-nodes': verb({
    summary: '列出节点及其运行的机器人数 / List the nodes, and how many bots each runs',
    role: 'viewer',
    byToken: false,
    command: 'node list',
    examples: [
      ['有哪些节点, 各运行多少机器人 / which there are, and how many bots each runs', 'qunhub node list'],
    ],
    input: z.object({}),
    output: z.object({
      live: z.boolean().meta({
        description:
          '为 false 时没有网关应答, 是数据库里的记录 / false: no gateway answers, and this is what the store says',
      }),
      nodes: z.array(NodeRecord).meta({ description: '最早来的在前 / the longest there first' }),
      free: z.int().nonnegative().meta({ description: '没有节点运行的机器人数 / bots that no node runs' }),
    }),
    refusals: {},
  }),
} as const
