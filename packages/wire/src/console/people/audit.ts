import { z } from 'zod'
import { anyId, instant, verb, wholeNumber } from '../door/verb.ts'

const ENTRIES_PER_PAGE_MAX = 500
const ENTRIES_PER_PAGE_DEFAULT = 50

export const AuditRecord = z
  .object({
    id: z.string(),
    at: instant(),
    realm: z.enum(['machine', 'management', 'console']).meta({
      description:
        '来路: 本机命令行, 管理 token, 控制台的人 / by what right: the command line of the machine, a management token, a person at the console',
    }),
    whoId: z.string().nullable().meta({
      description: '人或 token 的 id; 本机为 null / id of the person or the token; null for the machine',
    }),
    who: z.string().meta({ description: '当时的姓名或备注 / name, or label of the token, as it was then' }),
    workspaceId: z.string().nullable(),
    verb: z.string().meta({
      description:
        '操作; 控制台还有 set-up, sign-in, change-password, sign-out-everywhere / the verb; at the console also those four',
    }),
    about: z
      .record(z.string(), z.unknown())
      .meta({ description: '指明了什么, 不含密文 / what was named; no secrets' }),
    outcome: z.string().meta({
      description: 'done, 拒绝的名字, 或 failed / done, the name of the refusal, or failed',
    }),
  })
  .meta({ id: 'AuditRecord' })

export type AuditRecord = z.infer<typeof AuditRecord>

export const auditVerbs = {
  'list-audit': verb({
    summary: '列出谁做了什么, 新的在前 / List who did what, newest first',
    role: 'owner',
    byToken: false,
    command: 'audit list',
    examples: [['最近的 200 条 / the last 200', 'qunhub audit list --limit 200']],
    input: z.object({
      limit: wholeNumber(1, ENTRIES_PER_PAGE_MAX)
        .default(ENTRIES_PER_PAGE_DEFAULT)
        .meta({ description: '一页最多几条 / so many on a page at most' }),
      before: anyId().optional().meta({ description: '上一页最后一条的 id / last id of the page before' }),
    }),
    output: z.object({
      entries: z.array(AuditRecord),
      next: z
        .string()
        .nullable()
        .meta({ description: '下一页的 before; 没有更多时为 null / null at the end' }),
    }),
    refusals: {},
  }),
} as const
