import { z } from 'zod'
import { BotId, ContactWxid, UserId, WorkspaceId } from '../model/ids.ts'
import { anyId, instant, verb, workspaceChoice, workspaceRefusals } from './verb.ts'

/** `host:port`; an IPv6 host stands in brackets. */
const PuppetEndpoint = z
  .string()
  .max(260)
  .regex(/^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/, {
    error: 'host:port, such as 127.0.0.1:18788 or [::1]:18788',
  })
  .refine(endpoint => isPort(Number(endpoint.slice(endpoint.lastIndexOf(':') + 1))), {
    error: 'a port from 1 to 65535',
  })

const isPort = (port: number): boolean => port >= 1 && port <= 65_535

/** It travels as gRPC's authority, which takes no other characters. */
const PuppetToken = z.string().regex(/^[A-Za-z0-9_-]{8,128}$/, { error: '8 to 128 of A-Z a-z 0-9 _ -' })

const BotAccountRecord = z.object({
  wxid: ContactWxid,
  userId: UserId,
  nickName: z.string(),
  kind: z.enum(['wecom', 'wechat']),
})

const BotSessionRecord = z.object({
  state: z.enum([
    'new',
    'connecting',
    'awaiting-scan',
    'online',
    'reconnecting',
    'offline',
    'logged-out',
    'occupied',
  ]),
  since: instant().nullable(),
  reason: z
    .string()
    .meta({ description: '为何离线等; 无则为空 / why it is so; empty where there is nothing to say' }),
  qrcode: z
    .string()
    .nullable()
    .meta({ description: '待扫码时的二维码内容 / what to scan, while it waits for that' }),
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
    endpoint: z.string(),
    tls: z.boolean(),
    expectedUserId: UserId.nullable(),
    account: BotAccountRecord.nullable().meta({
      description: '上次登录的账号 / who it was at its last login',
    }),
    session: BotSessionRecord,
    createdAt: instant(),
  })
  .meta({ id: 'BotRecord' })

export type BotRecord = z.infer<typeof BotRecord>
export type BotSessionRecord = z.infer<typeof BotSessionRecord>

/** Of whatever is asked about one bot, named by its id or its userId. */
export const botRefusals = {
  'bot-unknown':
    '该工作区没有这个机器人, 用 qunhub bot list 查看 / the workspace has no such bot; see: qunhub bot list',
  'bot-ambiguous': '多个机器人有此 userId, 请用 botId / several bots have this userId; give the bot id',
} as const

export const botVerbs = {
  'add-bot': verb({
    summary: '添加机器人 / Add a bot',
    input: z.object({
      ...workspaceChoice,
      endpoint: PuppetEndpoint,
      token: PuppetToken,
      userId: UserId.optional(),
      tls: z.boolean().default(false),
    }),
    output: BotRecord,
    refusals: {
      ...workspaceRefusals,
      'puppet-taken':
        '已有机器人使用该 puppet token, 一个 puppet 只容一个客户端 / a bot already uses this puppet token, and a puppet serves one client only',
    },
  }),
  'list-bots': verb({
    summary: '列出机器人及其状态 / List the bots and their state',
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
  'sync-bot': verb({
    summary: '同步机器人的群 / Sync the rooms of a bot',
    input: z.object({
      ...workspaceChoice,
      bot: anyId().meta({ description: 'botId 或 userId / bot id or userId' }),
    }),
    output: z.object({ id: BotId }),
    refusals: {
      ...workspaceRefusals,
      'gateway-not-running':
        '同步需要连着机器人的网关, 而它没有运行: 先运行 qunhub serve / a sync needs the gateway that holds the bot, and none runs; first run: qunhub serve',
      'bot-unknown':
        '该工作区没有这个机器人, 用 qunhub bot list 查看 / the workspace has no such bot; see: qunhub bot list',
      'bot-ambiguous': '多个机器人有此 userId, 请用 botId / several bots have this userId; give the bot id',
      'bot-offline':
        '机器人不在线, 上线后会自动同步 / the bot is not online; it syncs by itself when it comes online',
      'sync-failed':
        '同步未完成, 已同步的群有效, 请看网关日志后重试 / the sync did not finish; what was synced stays; see the log of the gateway and try again',
    },
  }),
} as const
