import { z } from 'zod'
import { WorkspaceId } from '../../model/ids.ts'
import { typedAs } from '../door/field-form.ts'
import { instant, verb, wholeNumber, workspaceChoice, workspaceRefusals } from '../door/verb.ts'
import { areCredentialsClear, HeaderName, HeaderValue } from './receiver-header.ts'

const URL_LENGTH_MAX = 2048

export const CallbackUrl = z
  .url({ protocol: /^https?$/, error: 'http:// 或 https:// 的 URL / an http:// or https:// URL' })
  .max(URL_LENGTH_MAX)
  // A URL parser encodes them without a word, and then the address that is shown is not the one that is called.
  // The control characters are spelled out: programs that read the pattern may not know them by a name.
  .regex(/^[^\s\u0000-\u001f\u007f-\u009f]+$/, {
    error: '不含空格与控制字符的 URL / a URL without spaces and control characters',
  })
  .refine(hasNoFragment, {
    error: '不含 # 的 URL, 需要时写作 %23 / a URL without a fragment: write # as %23',
  })
  .refine(areCredentialsClear, {
    error:
      '用户名与口令经百分号编码的 URL: @ 写作 %40, : 写作 %3A, 斜杠写作 %2F, % 写作 %25 / a URL whose user and password are percent-encoded: @ as %40, : as %3A, / as %2F, % as %25',
  })
  // A path may be a key, and a user and a password may stand in it.
  .register(typedAs, { value: 'url', isSecret: true })

/** What is no URL at all has been complained about already, but zod asks the later checks all the same. */
function hasNoFragment(url: string): boolean {
  return !URL.canParse(url) || !url.includes('#')
}

const OVERLAP_HOURS_DEFAULT = 24
const OVERLAP_HOURS_MAX = 30 * 24

/** Each is a signature in the header of every callback. */
export const SIGNING_SECRETS_MAX = 5

/** A signing secret that ended before the moment that was promised. */
const EndedSecret = z.object({
  secret: z.string().meta({ description: '密钥的开头 / how it begins' }),
  promisedUntil: instant().meta({ description: '原定用到何时 / until when it was to sign' }),
})

export const AddressRecord = z
  .object({
    workspaceId: WorkspaceId,
    url: z.string(),
    header: z.string().nullable().meta({
      description:
        '接收方请求头的名称 (值不显示) / name of the header that the receiver is sent; its value is never told',
    }),
    breaker: z
      .enum(['closed', 'open', 'half-open'])
      .meta({ description: '熔断: closed 正常, open 暂停, half-open 试探 / the breaker (CB-7)' }),
    openUntil: instant().nullable().meta({ description: '何时试探 / when a probe is sent' }),
    inFlightMax: z.int().nonnegative().meta({ description: '当前并发上限 / in flight at most, now' }),
    waiting: z.int().nonnegative().meta({ description: '待投递条数 / callbacks that wait' }),
    waitingBytes: z.int().nonnegative(),
    oldestOwedAt: instant().nullable().meta({ description: '最早待投递的产生时间 / the oldest that waits' }),
  })
  .meta({ id: 'AddressRecord' })

export type AddressRecord = z.infer<typeof AddressRecord>

export const urlUnset = {
  'callback-url-unset':
    '该工作区还没有回调地址, 先运行 qunhub callback set-url <url> / the workspace has no callback base; first run: qunhub callback set-url <url>',
} as const

/** Where callbacks go, and what opens them there. */
export const callbackAddressVerbs = {
  'set-callback-url': verb({
    summary:
      '设置回调地址; 其中的用户名和口令成为请求头, 不再显示 / Set the callback base; a user and a password in it become a header and are not shown again',
    role: 'owner',
    byToken: true,
    command: 'callback set-url [url]',
    examples: [
      ['设置回调地址 / set the callback base', 'qunhub callback set-url https://crm.example.com/qunhub'],
      [
        '地址里有口令: 从文件读取 / there is a password in it: read it from a file',
        'qunhub callback set-url --url-file callback-url.txt',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      url: CallbackUrl.meta({ description: '回调地址 / the callback base' }),
    }),
    output: z.object({
      workspaceId: WorkspaceId,
      url: z.string(),
      secret: z.string().nullable().meta({
        description: '签名密钥, 仅新建时返回 / the signing secret, when it is new',
      }),
      header: z.string().optional().meta({
        description: '随回调发送的请求头名称 / name of the header that the receiver is sent (CB-13)',
      }),
      formerHeader: z.string().optional().meta({
        description:
          '因换了主机而不再发送的请求头 / name of a header that was for another host and is not sent any more',
      }),
    }),
    refusals: {
      ...workspaceRefusals,
      'callback-url-refused':
        '回调地址在内网或保留地址段, 网关不会访问; 确有需要时由运维设置 QUNHUB_CALLBACK_ALLOW_CIDRS / the callback base is at a private or reserved address; whoever runs the gateway may allow it with QUNHUB_CALLBACK_ALLOW_CIDRS',
    },
  }),
  'clear-callback-url': verb({
    summary:
      '清除回调地址: 不再产生新的回调, 已产生的等到再设地址 / Clear the callback base: nothing new is owed, and what is owed waits for another one',
    role: 'owner',
    byToken: true,
    command: 'callback clear-url',
    examples: [['不再产生回调 / owe nothing any more', 'qunhub callback clear-url']],
    input: z.object(workspaceChoice),
    output: z.object({ workspaceId: WorkspaceId, cleared: z.boolean() }),
    refusals: workspaceRefusals,
  }),
  'set-callback-header': verb({
    summary:
      '设置随回调发送的一个请求头, 值加密保存, 不再显示 / Set the one header that the receiver is sent; its value is sealed and not shown again',
    role: 'owner',
    byToken: true,
    command: 'callback set-header <header>',
    examples: [
      [
        '值从标准输入读取 / its value from stdin',
        `printf 'Bearer %s' "$KEY" | qunhub callback set-header Authorization`,
      ],
      [
        '值从文件读取 / its value from a file',
        'qunhub callback set-header X-Api-Key --value-file api-key.txt',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      header: HeaderName.meta({ description: '请求头的名称 / name of the header' }),
      value: HeaderValue.meta({ description: '请求头的值, 加密保存 / its value, which is kept sealed' }),
    }),
    output: z.object({ workspaceId: WorkspaceId, header: z.string() }),
    refusals: { ...workspaceRefusals, ...urlUnset },
  }),
  'clear-callback-header': verb({
    summary: '不再随回调发送该请求头 / Send the receiver no header any more',
    role: 'owner',
    byToken: true,
    command: 'callback clear-header',
    examples: [['不再发送 / send it no more', 'qunhub callback clear-header']],
    input: z.object(workspaceChoice),
    output: z.object({ workspaceId: WorkspaceId, cleared: z.boolean() }),
    refusals: { ...workspaceRefusals, ...urlUnset },
  }),
  'show-callback-secret': verb({
    summary: '显示回调签名密钥 / Show the signing secret of callbacks',
    role: 'owner',
    byToken: true,
    command: 'callback secret',
    examples: [['再看一次签名密钥 / look at the signing secret once more', 'qunhub callback secret']],
    input: z.object(workspaceChoice),
    output: z.object({ workspaceId: WorkspaceId, url: z.string(), secret: z.string() }),
    refusals: {
      ...workspaceRefusals,
      ...urlUnset,
    },
  }),
  'rotate-callback-secret': verb({
    summary:
      '更换签名密钥, 旧密钥在重叠期内同时签名 / Replace the signing secret; the former signs too for a while',
    role: 'owner',
    byToken: true,
    command: 'callback rotate-secret',
    examples: [
      [
        '换密钥, 新旧并用两天 / a new secret; for two days both sign',
        'qunhub callback rotate-secret --overlap-hours 48',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      overlapHours: wholeNumber(0, OVERLAP_HOURS_MAX)
        .register(typedAs, { value: 'hours' })
        .default(OVERLAP_HOURS_DEFAULT)
        .meta({ description: '新旧密钥并用的小时数 / both sign for so many hours' }),
    }),
    output: z.object({
      workspaceId: WorkspaceId,
      secret: z.string(),
      formerUntil: instant().meta({
        description:
          '旧密钥最迟用到此时, endedEarly 里的除外 / the former ones sign until then, but for those of endedEarly',
      }),
      endedEarly: z.array(EndedSecret).meta({
        description: `最多同时保留 ${SIGNING_SECRETS_MAX} 个; 换得更快时最旧的提前失效 / ${SIGNING_SECRETS_MAX} are kept at most: of more in a row the oldest ends before its time`,
      }),
    }),
    refusals: { ...workspaceRefusals, ...urlUnset },
  }),
  'show-callback-address': verb({
    summary: '查看回调地址的状态 / Show how the callback base is doing',
    role: 'viewer',
    byToken: true,
    command: 'callback address',
    examples: [['是否熔断, 有多少待投递 / its breaker, and how much waits', 'qunhub callback address']],
    input: z.object(workspaceChoice),
    output: AddressRecord,
    refusals: { ...workspaceRefusals, ...urlUnset },
  }),
  'resume-callbacks': verb({
    summary: '立即恢复被熔断的地址 / Resume an address whose breaker is open, now',
    role: 'operator',
    byToken: true,
    command: 'callback resume',
    examples: [['接收方已恢复, 立即投递 / the receiver is back: deliver at once', 'qunhub callback resume']],
    input: z.object(workspaceChoice),
    output: z.object({ workspaceId: WorkspaceId, resumed: z.boolean() }),
    refusals: { ...workspaceRefusals, ...urlUnset },
  }),
} as const
