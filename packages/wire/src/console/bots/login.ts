import { z } from 'zod'
import { BotId } from '../../model/ids.ts'
import { text } from '../../model/text.ts'
import { verb, wholeNumber, workspaceRefusals } from '../door/verb.ts'
import { botChoice, botRefusals } from './bot.ts'
import { BotLoginRecord } from './bot-record.ts'

const WAIT_SECONDS_MAX = 10
const SEEN_CHARACTERS_MAX = 200
const VERIFY_CODE_CHARACTERS_MAX = 64

/** Of whatever needs the gateway that runs the bot. */
const runningRefusals = {
  ...workspaceRefusals,
  ...botRefusals,
  'gateway-not-running':
    '需要连着机器人的网关, 而它没有运行: 先运行 qunhub serve / this needs the gateway that holds the bot, and none runs; first run: qunhub serve',
} as const

/** What is done with the account of a bot at its puppet. */
export const loginVerbs = {
  'login-bot': verb({
    summary: '登录机器人: 状态与待扫的二维码 / Log a bot in: its state, and the QR code to scan',
    runsAt: 'its-node',
    withoutNode: { unheard: 'bot-unreachable', nowhere: 'bot-unreachable' },
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
    runsAt: 'its-node',
    withoutNode: { unheard: 'code-unclear', nowhere: 'bot-unreachable' },
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
    runsAt: 'its-node',
    withoutNode: { unheard: 'logout-unclear', nowhere: 'bot-offline' },
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
  'sync-bot': verb({
    summary: '同步机器人的群 / Sync the rooms of a bot',
    runsAt: 'its-node',
    withoutNode: { unheard: 'bot-offline', nowhere: 'bot-offline' },
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
