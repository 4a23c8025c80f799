import { z } from 'zod'
import { BotId, ContactWxid, UserId, WorkspaceId } from '../model/ids.ts'
import { text } from '../model/text.ts'
import { typedAs } from './field-form.ts'
import { anyId, instant, verb, wholeNumber, workspaceChoice, workspaceRefusals } from './verb.ts'

/** `host:port`; an IPv6 host stands in brackets. */
const PuppetEndpoint = z
  .string()
  .max(260)
  .regex(/^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/, {
    error: 'host:port, 如 127.0.0.1:18788 / host:port, such as 127.0.0.1:18788 or [::1]:18788',
  })
  .refine(endpoint => isPort(Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))), {
    error: '1 到 65535 的端口 / a port from 1 to 65535',
  })
  .register(typedAs, { value: 'host:port' })

/** `host` or `host:port`. */
const DiscoveryAuthority = z
  .string()
  .max(260)
  .regex(/^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/, {
    error:
      'host 或 host:port, 如 token-service-discovery.example / host or host:port, such as token-service-discovery.example',
  })
  .register(typedAs, { value: 'host' })

const isPort = (port: number): boolean => port >= 1 && port <= 65_535

/** It travels as gRPC's authority, which takes no other characters. */
const PuppetToken = z.string().regex(/^[A-Za-z0-9_-]{8,128}$/, {
  error: '8 到 128 个 A-Z a-z 0-9 _ - 之中的字符 / 8 to 128 of A-Z a-z 0-9 _ -',
})

const BotAccountRecord = z.object({
  wxid: ContactWxid,
  userId: UserId,
  nickName: z.string(),
  kind: z.enum(['wecom', 'wechat']),
})

/** Every state of a bot's life; what lists them all derives its list from here. */
export const BotState = z
  .enum([
    'new',
    'connecting',
    'awaiting-scan',
    'online',
    'reconnecting',
    'offline',
    'logged-out',
    'wrong-account',
    'occupied',
  ])
  .meta({ id: 'BotState' })

const reason = () =>
  z.string().meta({ description: '为何离线等; 无则为空 / why it is so; empty where there is nothing to say' })

const VerificationKind = z.enum(['scan', 'code', 'slide'])

const BotSessionRecord = z.object({
  state: BotState,
  since: instant().nullable(),
  reason: reason(),
  qrcode: z.string().nullable().meta({
    description:
      '待扫码 (登录或验证) 时的二维码内容; 过期后为 null / what to scan, for a login or a verification, while it waits for that; null once it has timed out',
  }),
  // A node of an older version, beside newer ones, does not tell.
  verification: VerificationKind.nullable().default(null).meta({
    description:
      '企业微信正等着验证这个账号: 扫码、输入验证码或滑块; 否则为 null / WeCom waits for a verification of the account: by a scan, a code to type in, or a slider; null otherwise',
  }),
  deaf: z
    .object({ since: instant(), stage: z.enum(['new-stream', 'start-again', 'operator']) })
    .nullable()
    .meta({
      description:
        '已连上却收不到任何事件: 何时起, 恢复到了哪一步; 否则为 null / connected, and no events come: since when, and the stage of its recovery; null otherwise',
    }),
})

/** A bot as lists show it; its puppet token is never among it. */
export const BotRecord = z
  .object({
    id: BotId,
    workspaceId: WorkspaceId,
    endpoint: z.string().meta({
      description:
        'puppet 服务的地址; 由发现服务给出时为空 / of the puppet service; empty where discovery says it',
    }),
    discovery: z.string().nullable().meta({
      description: '向它询问地址的发现服务 / the authority that is asked for the endpoint',
    }),
    tls: z.boolean(),
    isPlainAbroad: z.boolean().meta({
      description:
        '未加密且不在本机或内网地址上 / in plain text, and not to an address of this machine or a private network',
    }),
    expectedUserId: UserId.nullable(),
    account: BotAccountRecord.nullable().meta({
      description: '上次登录的账号 / who it was at its last login',
    }),
    session: BotSessionRecord,
    additionsInLastMinute: z.int().nonnegative().nullable().meta({
      description:
        '最近一分钟经它拉人的次数, 建议不超过 50; 没有可询问的节点运行它则为 null / members added through it within the last minute, advised are 50 at most; null where no node that can be asked runs it',
    }),
    createdAt: instant(),
  })
  .meta({ id: 'BotRecord' })

const ScanProgress = z
  .enum(['waiting', 'scanned', 'confirmed', 'cancelled', 'timed-out'])
  .meta({ id: 'ScanProgress' })

/** How a bot stands with its login; asked again and again by whoever waits for it. */
export const BotLoginRecord = z
  .object({
    id: BotId,
    state: BotState,
    since: instant().nullable(),
    reason: reason(),
    account: BotAccountRecord.nullable().meta({
      description: '在线的账号; 不在线为 null / who is online; null while nobody is',
    }),
    otherAccount: BotAccountRecord.nullable().meta({
      description:
        '状态为 wrong-account 时, 登录的是谁; 否则为 null / who is logged in instead, while the state is wrong-account; null otherwise',
    }),
    qrcode: z
      .object({
        text: z.string().meta({
          description: '二维码内容; 过期后为空 / what the QR code says; empty once it has timed out',
        }),
        givenAt: instant().meta({ description: '此码何时给出 / when the puppet gave this code' }),
        scan: ScanProgress,
      })
      .nullable()
      .meta({
        description:
          '仅待扫码时有; 要求验证时, 任何状态下都可能是验证用的二维码 (verification 不为 null) / only while it awaits its scan; while a verification is wanted it is the one to verify with, in whatever state',
      }),
    verification: z
      .object({
        by: VerificationKind,
        address: z.string().meta({ description: '滑块验证的网址 / where the slider is' }),
        message: z.string().meta({ description: 'puppet 的说明 / what the puppet says of it' }),
        givenAt: instant(),
        until: instant().meta({
          description: '过后企业微信会让账号退出 / afterwards WeCom logs the account out',
        }),
        progress: z.enum([...ScanProgress.options, 'wrong-code']),
      })
      .nullable()
      .default(null)
      .meta({
        description:
          '企业微信要求在两分钟内验证这个账号: scan 用手机扫 qrcode 或在手机上确认, code 用 qunhub bot verify 输入, slide 打开网址; 否则为 null / what WeCom wants proved about the account within two minutes: scan: with the phone, by the qrcode or on its screen; code: type it in with qunhub bot verify; slide: at the address; null otherwise',
      }),
    seen: z.string().meta({
      description:
        '原样带回并给出 waitSeconds, 则等到有变化才应答 / give it back with waitSeconds, and the answer waits for a change',
    }),
  })
  .meta({ id: 'BotLoginRecord' })

/** A step of a bot's life; never with a QR code. */
const BotMoveRecord = z
  .object({
    ordinal: z.int().meta({ description: '该机器人的第几次变化 / counts the moves of the bot' }),
    at: instant(),
    from: BotState,
    to: BotState,
    reason: reason(),
    wxid: ContactWxid.nullable().meta({
      description: '谁上线, 或登录的是哪个别的账号 / who came online, or who is logged in instead',
    }),
    attempt: z.int().nullable().meta({ description: '第几次重连 / which try to reconnect' }),
    scan: ScanProgress.nullable(),
    missed: z.int().meta({
      description:
        '在此之前有几次变化未能记下 / so many moves just before it were not kept, because too many waited for the store',
    }),
  })
  .meta({ id: 'BotMoveRecord' })

export type BotLoginRecord = z.infer<typeof BotLoginRecord>
export type BotMoveRecord = z.infer<typeof BotMoveRecord>
export type BotRecord = z.infer<typeof BotRecord>
export type BotSessionRecord = z.infer<typeof BotSessionRecord>

/** Of whatever is asked about one bot. */
export const botRefusals = {
  'bot-unknown':
    '该工作区没有这个机器人, 用 qunhub bot list 查看 / the workspace has no such bot; see: qunhub bot list',
  'bot-ambiguous':
    '多个机器人有此 userId 或名字, 请用 botId / several bots have this userId or name; give the bot id',
} as const

/** A bot, by whatever it goes by. */
export const botNamed = () => anyId().meta({ description: 'botId、userId 或名字 / bot id, userId or name' })

const botChoice = { ...workspaceChoice, bot: botNamed() }

/** Of whatever needs the gateway that runs the bot. */
const runningRefusals = {
  ...workspaceRefusals,
  ...botRefusals,
  'gateway-not-running':
    '需要连着机器人的网关, 而它没有运行: 先运行 qunhub serve / this needs the gateway that holds the bot, and none runs; first run: qunhub serve',
} as const

const puppetChoice = {
  endpoint: PuppetEndpoint.optional().meta({
    description: 'puppet 服务地址 host:port / address of the puppet service, host:port',
  }),
  discovery: DiscoveryAuthority.optional().meta({
    description:
      '不知道地址时, 向谁询问: 发现服务 (https) / whom to ask for the address where it is not known: a discovery authority (https)',
  }),
}
const PUPPET_TOKEN = { description: 'puppet 的 token / token of the puppet' }
const TLS = {
  description: '以 TLS 连接, 不加密只用于内网 / connect by TLS; plain text is for private networks',
}
const EXPECTED = {
  description:
    '预期的账号, 首次登录前即可用它指代 / the account to expect, by which it can be named before its first login',
}

const addressRefusals = {
  'address-unclear':
    '请用 --endpoint 给出地址, 或用 --discovery 给出发现服务, 二者取一 / give the address with --endpoint, or whom to ask for it with --discovery: one of the two',
  'puppet-taken':
    '已有机器人使用该 puppet token, 一个 puppet 只容一个客户端 / a bot already uses this puppet token, and a puppet serves one client only',
} as const

const namesake = {
  'account-namesake':
    '机器人原来的账号也叫这个 userId (换了企业, userId 没变), 分不出是哪一个: 请用 wxid, 现在登录的是括号里的 / the known account of the bot goes by this userId, too (somebody moved to another corp and kept it): give the wxid, of whoever is logged in now it is the one in brackets',
} as const

const WAIT_SECONDS_MAX = 10
const SEEN_CHARACTERS_MAX = 200
const VERIFY_CODE_CHARACTERS_MAX = 64
const MOVES_SHOWN_MAX = 200

export const botVerbs = {
  'add-bot': verb({
    summary: '添加机器人 / Add a bot',
    role: 'owner',
    byToken: false,
    command: 'bot add',
    examples: [
      [
        '地址已知, token 从文件读取 / the address is known, the token is read from a file',
        'qunhub bot add --endpoint 10.0.0.8:18788 --token-file puppet-token.txt --user-id xiaobei',
      ],
      [
        '地址由发现服务给出 / a discovery authority knows the address',
        'qunhub bot add --discovery discovery.example --tls --token-file puppet-token.txt',
      ],
    ],
    input: z.object({
      ...workspaceChoice,
      ...puppetChoice,
      token: PuppetToken.meta(PUPPET_TOKEN),
      userId: UserId.optional().meta(EXPECTED),
      tls: z.boolean().default(false).meta(TLS),
    }),
    output: BotRecord,
    refusals: {
      ...workspaceRefusals,
      ...addressRefusals,
    },
  }),
  'set-bot': verb({
    summary:
      '修改机器人的地址、puppet token 或预期的账号, 立即重新连接 / Change the address, the puppet token or the expected account of a bot; it connects anew at once',
    runsAt: 'owner',
    role: 'owner',
    byToken: false,
    command: 'bot set <bot>',
    examples: [
      ['puppet 搬到了别处 / the puppet has moved', 'qunhub bot set xiaobei --endpoint 10.0.0.9:18788'],
      [
        '换 puppet token, 从文件读取 / another puppet token, read from a file',
        'qunhub bot set xiaobei --token-file puppet-token.txt',
      ],
    ],
    input: z.object({
      ...botChoice,
      ...puppetChoice,
      token: PuppetToken.optional().meta(PUPPET_TOKEN),
      userId: UserId.optional().meta(EXPECTED),
      tls: z.boolean().optional().meta(TLS),
    }),
    output: BotRecord,
    refusals: {
      ...workspaceRefusals,
      ...botRefusals,
      ...addressRefusals,
      ...namesake,
      'nothing-to-set':
        '没有要修改的内容, 见 qunhub bot set --help / nothing to change was given; see: qunhub bot set --help',
    },
  }),
  'remove-bot': verb({
    summary:
      '移除机器人: 它的群离开列表, 账号仍然登录, 历史保留 / Remove a bot: its chats leave the lists, its account stays logged in, its history stays',
    runsAt: 'owner',
    role: 'owner',
    byToken: false,
    command: 'bot remove <bot>',
    examples: [
      ['移除, 先询问 / remove one, and be asked first', 'qunhub bot remove xiaobei'],
      ['脚本里不询问 / do not ask, in a script', 'qunhub bot remove xiaobei --yes'],
    ],
    input: z.object(botChoice),
    output: z.object({
      id: BotId,
      chats: z.int().nonnegative().meta({ description: '离开列表的群数 / chats that left the lists' }),
    }),
    refusals: { ...workspaceRefusals, ...botRefusals },
  }),
  'list-bots': verb({
    summary: '列出机器人及其状态 / List the bots and their state',
    runsAt: 'every-node',
    role: 'viewer',
    byToken: true,
    command: 'bot list',
    examples: [['有哪些机器人, 是否在线 / which there are, and whether they are online', 'qunhub bot list']],
    input: z.object(workspaceChoice),
    output: z.object({
      live: z.boolean().meta({
        description:
          '为 false 时网关未运行, session 是上次记录的 / false: no gateway runs, and sessions are the last recorded',
      }),
      bots: z.array(BotRecord),
    }),
    refusals: workspaceRefusals,
  }),
  'show-bot': verb({
    summary: '查看机器人的状态与近来的变化 / Show a bot, its state and what became of it lately',
    runsAt: 'owner',
    role: 'viewer',
    byToken: true,
    command: 'bot show <bot>',
    examples: [
      [
        '为何离线, 最近 50 次变化 / why it is offline: its last 50 moves',
        'qunhub bot show xiaobei --limit 50',
      ],
    ],
    input: z.object({
      ...botChoice,
      limit: wholeNumber(1, MOVES_SHOWN_MAX)
        .default(20)
        .meta({ description: '最多几次变化 / so many moves at most' }),
    }),
    output: z.object({
      live: z.boolean().meta({
        description:
          '为 false 时没有网关运行它, session 是上次记录的 / false: no gateway runs it, and the session is the last recorded',
      }),
      bot: BotRecord,
      moves: z.array(BotMoveRecord).meta({ description: '从新到旧 / newest first' }),
    }),
    refusals: { ...workspaceRefusals, ...botRefusals },
  }),
  'login-bot': verb({
    summary: '登录机器人: 状态与待扫的二维码 / Log a bot in: its state, and the QR code to scan',
    runsAt: 'owner',
    withoutOwner: { unheard: 'bot-unreachable', nowhere: 'bot-unreachable' },
    role: 'operator',
    byToken: true,
    command: 'bot login <bot>',
    examples: [
      ['显示二维码, 等到登录 / show the QR code until it is logged in', 'qunhub bot login xiaobei'],
      [
        '脚本里最多等一分钟 / wait a minute at most, in a script',
        'qunhub bot login xiaobei --timeout 60 --json',
      ],
    ],
    input: z.object({
      ...botChoice,
      seen: text(SEEN_CHARACTERS_MAX)
        .optional()
        .meta({ description: '上次应答中的 seen / the seen of the last answer' }),
      waitSeconds: wholeNumber(0, WAIT_SECONDS_MAX)
        .default(0)
        .meta({ description: '没有变化时最多等多少秒 / waits so many seconds at most for a change' }),
    }),
    output: BotLoginRecord,
    refusals: {
      ...runningRefusals,
      'bot-unreachable':
        '此刻没有可以联系到的节点在运行这个机器人, 稍后再试 / no node that can be reached runs the bot at this moment; try again soon',
    },
  }),
  'verify-bot': verb({
    summary: '输入企业微信要求的验证码 / Type in the code that WeCom asks for',
    runsAt: 'owner',
    withoutOwner: { unheard: 'code-unclear', nowhere: 'bot-unreachable' },
    role: 'operator',
    byToken: false,
    command: 'bot verify <bot> <code>',
    examples: [['账号主人收到了 123456 / its owner was sent 123456', 'qunhub bot verify xiaobei 123456']],
    input: z.object({
      ...botChoice,
      code: text(VERIFY_CODE_CHARACTERS_MAX).min(1).meta({
        description: '账号主人收到的验证码 / the code that the owner of the account was sent',
      }),
    }),
    output: z.object({ id: BotId }),
    refusals: {
      ...runningRefusals,
      'bot-unreachable':
        '此刻没有可以联系到的节点在运行这个机器人, 稍后再试 / no node that can be reached runs the bot at this moment; try again soon',
      'verification-none':
        '此刻没有要求验证, 用 qunhub bot login 查看 / no verification is wanted at this moment; look with: qunhub bot login',
      'verification-by-hand':
        '这次验证不是输入验证码: 要用手机扫码或确认, 或打开滑块的网址, 见 qunhub bot login / this verification is not by a code: scan or confirm with the phone, or open the address of the slider; see: qunhub bot login',
      'code-refused':
        'puppet 没有收下验证码, 或不支持输入; 请看网关日志 / the puppet did not take the code, or cannot; see the log of the gateway',
      'code-unclear':
        'puppet 没有说明是否收下, 用 qunhub bot login 查看 / the puppet does not say whether it took it; look with: qunhub bot login',
    },
  }),
  'logout-bot': verb({
    summary:
      '让机器人的账号退出登录, 之后需要重新扫码 / Log the account of a bot out; only a scan brings it back',
    runsAt: 'owner',
    withoutOwner: { unheard: 'logout-unclear', nowhere: 'bot-offline' },
    role: 'operator',
    byToken: false,
    command: 'bot logout <bot>',
    examples: [['退出登录, 换手机重新扫码前 / before another phone scans', 'qunhub bot logout xiaobei']],
    input: z.object(botChoice),
    output: z.object({ id: BotId }),
    refusals: {
      ...runningRefusals,
      'bot-offline': '机器人不在线, 无从退出 / the bot is not online, so there is nothing to log out of',
      'logout-failed':
        '账号仍然登录着, 请看网关日志 / the account is still logged in; see the log of the gateway',
      'logout-unclear':
        'puppet 没有说明账号是否已退出, 用 qunhub bot show 查看 / the puppet does not say whether it logged out; look with: qunhub bot show',
    },
  }),
  'accept-account': verb({
    summary:
      '同意让另一个账号成为这个机器人; 它登录后, 原账号的群不再属于它 / Accept another account as the bot; once it is logged in, the chats of the first one are left',
    role: 'owner',
    byToken: false,
    command: 'bot accept <bot> <account>',
    examples: [['换成账号 dabei / let the account dabei be the bot', 'qunhub bot accept xiaobei dabei']],
    input: z.object({
      ...botChoice,
      account: UserId.meta({
        description: '要接受的账号: userId 或 wxid / the account to accept: its userId or wxid',
      }),
    }),
    output: z.object({ id: BotId, expectedUserId: UserId }),
    refusals: {
      ...workspaceRefusals,
      ...botRefusals,
      ...namesake,
    },
  }),
  'sync-bot': verb({
    summary: '同步机器人的群 / Sync the rooms of a bot',
    runsAt: 'owner',
    withoutOwner: { unheard: 'bot-offline', nowhere: 'bot-offline' },
    role: 'operator',
    byToken: false,
    command: 'bot sync <bot>',
    examples: [['重新读取它的所有群 / read all its rooms again', 'qunhub bot sync xiaobei']],
    input: z.object(botChoice),
    output: z.object({ id: BotId }),
    refusals: {
      ...workspaceRefusals,
      ...botRefusals,
      'gateway-not-running':
        '同步需要连着机器人的网关, 而它没有运行: 先运行 qunhub serve / a sync needs the gateway that holds the bot, and none runs; first run: qunhub serve',
      'bot-offline':
        '机器人不在线, 上线后会自动同步 / the bot is not online; it syncs by itself when it comes online',
      'sync-failed':
        '同步未完成, 已同步的群有效, 请看网关日志后重试 / the sync did not finish; what was synced stays; see the log of the gateway and try again',
    },
  }),
} as const
