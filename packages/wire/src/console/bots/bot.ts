import { z } from 'zod'
import { BotId, UserId } from '../../model/ids.ts'
import { typedAs } from '../door/field-form.ts'
import { anyId, verb, wholeNumber, workspaceChoice, workspaceRefusals } from '../door/verb.ts'
import { BotMoveRecord, BotRecord } from './bot-record.ts'

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
export const PuppetToken = z
  .string()
  .regex(/^[A-Za-z0-9_-]{8,128}$/, {
    error: '8 到 128 个 A-Z a-z 0-9 _ - 之中的字符 / 8 to 128 of A-Z a-z 0-9 _ -',
  })
  .register(typedAs, { value: 'token', isSecret: true })

/** Of whatever is asked about one bot. */
export const botRefusals = {
  'bot-unknown':
    '该工作区没有这个机器人, 用 qunhub bot list 查看 / the workspace has no such bot; see: qunhub bot list',
  'bot-ambiguous':
    '多个机器人有此 userId 或名字, 请用 botId / several bots have this userId or name; give the bot id',
} as const

/** A bot, by whatever it goes by. */
export const botNamed = () => anyId().meta({ description: 'botId、userId 或名字 / bot id, userId or name' })

export const botChoice = { ...workspaceChoice, bot: botNamed() }

export const puppetChoice = {
  endpoint: PuppetEndpoint.optional().meta({
    description: 'puppet 服务地址 host:port / address of the puppet service, host:port',
  }),
  discovery: DiscoveryAuthority.optional().meta({
    description:
      '不知道地址时, 向谁询问: 发现服务 (https) / whom to ask for the address where it is not known: a discovery authority (https)',
  }),
}
export const PUPPET_TOKEN = { description: 'puppet 的 token / token of the puppet' }
export const TLS = {
  description: '以 TLS 连接, 不加密只用于内网 / connect by TLS; plain text is for private networks',
}
const EXPECTED = {
  description:
    '预期的账号, 首次登录前即可用它指代 / the account to expect, by which it can be named before its first login',
}

export const addressRefusals = {
  'address-unclear':
    '请用 --endpoint 给出地址, 或用 --discovery 给出发现服务, 二者取一 / give the address with --endpoint, or whom to ask for it with --discovery: one of the two',
  'puppet-taken':
    '已有机器人使用该 puppet token, 一个 puppet 只容一个客户端 / a bot already uses this puppet token, and a puppet serves one client only',
} as const

const namesake = {
  'account-namesake':
    '机器人原来的账号也叫这个 userId (换了企业, userId 没变), 分不出是哪一个: 请用 wxid, 现在登录的是括号里的 / the known account of the bot goes by this userId, too (somebody moved to another corp and kept it): give the wxid, of whoever is logged in now it is the one in brackets',
} as const

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
    runsAt: 'its-node',
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
    runsAt: 'its-node',
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
    input: z.object({
      ...workspaceChoice,
      countRooms: z
        .boolean()
        .default(false)
        .meta({ description: '也数一数各在多少个群里 / count the rooms of each as well' }),
    }),
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
    runsAt: 'its-node',
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
} as const
