import { z } from 'zod'
import { BotId, ContactWxid } from '../../model/ids.ts'
import { text } from '../../model/text.ts'
import { botNamed, botRefusals } from '../bots/bot.ts'
import { typedAs } from '../door/field-form.ts'
import { anyId, verb, wholeNumber, workspaceChoice, workspaceRefusals } from '../door/verb.ts'

/** Of one import over the wire; a file has as many imports as it needs. */
export const CONTACTS_PER_IMPORT_MAX = 500
export const ID_CHARACTERS_MAX = 128
const CONTACTS_PER_LIST_MAX = 500
const NAME_CHARACTERS_MAX = 128
/** Each is a request to WeCom, one after another. */
const CONTACTS_PER_RESOLVE_MAX = 100

/** One line: who is meant, by either id, and what is known of him. An empty field is none. */
export const ContactLine = z.object({
  wxid: text(ID_CHARACTERS_MAX).optional(),
  externalUserId: text(ID_CHARACTERS_MAX).optional(),
  unionId: text(ID_CHARACTERS_MAX).optional(),
})

/**
 * `updated`: something was new. `unchanged`: all of it was known. `unknown`: no bot of the workspace knows such a contact (yet).
 * `conflict`: at a bot that knows the contact the id belongs to another one, or a coworker would get an external id; then it is
 * taken at no bot. `malformed`: the line says nothing, or no such id exists.
 */
export const LineOutcome = z.enum(['updated', 'unchanged', 'unknown', 'conflict', 'malformed'])

/** Which cell keeps a malformed line from being taken, and what it should be, Chinese first; never what it is. */
export const CellProblem = z.object({ field: ContactLine.keyof(), message: z.string() })

export const ContactRecord = z
  .object({
    botId: BotId,
    wxid: ContactWxid,
    name: z.string(),
    alias: z.string().nullable(),
    userId: z.string().nullable().meta({ description: '同事的 userId / of a coworker' }),
    externalUserId: z.string().nullable().meta({ description: '外部联系人的 wm… / of an external contact' }),
    unionId: z.string().nullable(),
    isFriend: z.boolean(),
    coworker: z.boolean(),
  })
  .meta({ id: 'ContactRecord' })

export type ContactRecord = z.infer<typeof ContactRecord>
export type CellProblem = z.infer<typeof CellProblem>
export type ContactLine = z.infer<typeof ContactLine>
export type LineOutcome = z.infer<typeof LineOutcome>

export const contactVerbs = {
  'list-contacts': verb({
    summary: '列出联系人及其各种 id / List contacts with all their ids',
    role: 'viewer',
    byToken: false,
    command: 'contact list',
    examples: [
      ['这个 id 是谁 / who has this id', 'qunhub contact list --id wmAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
      ['一个机器人认识谁 / whom a bot knows', 'qunhub contact list --bot xiaobei'],
    ],
    input: z.object({
      ...workspaceChoice,
      bot: botNamed().optional(),
      id: anyId().optional().meta({
        description: 'wxid、userId、externalUserId 或 unionId / a wxid, userId, externalUserId or unionId',
      }),
      name: text(NAME_CHARACTERS_MAX).min(1).optional().meta({
        description:
          '名字的开头, 按原样; 同名很多时只找前 200 人 / how the name begins, as it is written; of very many namesakes the first 200',
      }),
      after: anyId()
        .register(typedAs, { value: 'wxid' })
        .optional()
        .meta({ description: '上一页最后的 wxid / the last wxid of the page before' }),
      limit: wholeNumber(1, CONTACTS_PER_LIST_MAX)
        .default(100)
        .meta({ description: '一页约几个 / about so many on a page' }),
    }),
    output: z.object({
      contacts: z.array(ContactRecord).meta({
        description:
          '按 wxid 排列; 一个 wxid 的各行总在同一页, 因此可能略多于 limit / by wxid; all rows of one wxid are on one page, so there may be more than the limit',
      }),
      next: ContactWxid.nullable().meta({
        description: '下一页的 after; 没有更多时为 null / the after of the next page; null at the end',
      }),
    }),
    refusals: { ...workspaceRefusals, ...botRefusals },
  }),
  'import-contacts': verb({
    summary: '导入联系人的 unionId 与 externalUserId / Import unionIds and externalUserIds of contacts',
    role: 'operator',
    byToken: false,
    command: 'contact import <file>',
    examples: [
      ['先看看会怎样 / look first what would come of it', 'qunhub contact import customers.csv --dry-run'],
      ['导入 / import it', 'qunhub contact import customers.csv'],
    ],
    input: z.object({
      ...workspaceChoice,
      lines: z.array(ContactLine).min(1).max(CONTACTS_PER_IMPORT_MAX).meta({
        description:
          '每行一个联系人: 由哪个 id 认出, 补上哪些 id / a contact a line: by which id it is known, and what is said of it',
      }),
      dryRun: z
        .boolean()
        .default(false)
        .meta({ description: '只报告, 不改动 / report only, change nothing' }),
    }),
    output: z.object({
      lines: z
        .array(
          z.object({
            outcome: LineOutcome,
            bots: z.int().nonnegative(),
            problems: z.array(CellProblem).optional(),
          }),
        )
        .meta({
          description:
            '与输入逐行对应; bots 是认识此人的机器人数; problems 说明 malformed 的是哪些单元格 / one for each line, in order; bots: how many know the contact; problems: which cells of a malformed line',
        }),
    }),
    refusals: workspaceRefusals,
  }),
  'resolve-contacts': verb({
    summary: '向企业微信官方接口询问缺少的 unionId / Ask WeCom for the unionIds that are missing',
    role: 'operator',
    byToken: false,
    command: 'contact resolve',
    examples: [['询问至多 20 个 / ask for 20 at most', 'qunhub contact resolve --limit 20']],
    input: z.object({
      ...workspaceChoice,
      limit: wholeNumber(1, CONTACTS_PER_RESOLVE_MAX)
        .default(CONTACTS_PER_RESOLVE_MAX)
        .meta({ description: '最多询问几个 / ask for so many at most' }),
    }),
    output: z.object({ asked: z.int().nonnegative(), resolved: z.int().nonnegative() }),
    refusals: {
      ...workspaceRefusals,
      'gateway-not-running':
        '询问由网关进行, 而它没有运行: 先运行 qunhub serve / the gateway asks, and none runs; first run: qunhub serve',
      'wecom-unset':
        '未设置 QUNHUB_WECOM_CORP_ID 与 QUNHUB_WECOM_SECRET / QUNHUB_WECOM_CORP_ID and QUNHUB_WECOM_SECRET are not set',
      'wecom-failed':
        '企业微信未能答复, 已得到的有效, 请按原因处理后重试 / WeCom did not answer; what it told before is kept; see why, and try again',
    },
  }),
} as const
