import { AlertRobotKind } from '@qunhub/wire'
import { z } from 'zod'
import { areCredentialsClear } from '../model/clear-credentials.ts'
import { readDatabaseUrl } from '../model/database-url.ts'
import {
  baseUrl,
  certificates,
  HOST_AND_PORT,
  httpUrl,
  isOriginForSecrets,
  isPort,
  isProxy,
  isTimeZone,
  namesIn,
  port,
  ranges,
  wholeNumber,
} from './setting-forms.ts'

/** Also what {@link Config.databaseUrl} is told to be where it is missing. */
const CREDENTIALS_FORM =
  '用户名和口令中的特殊字符经 URL 编码: @ 写作 %40, : 写作 %3A, 斜杠写作 %2F, ? 写作 %3F, # 写作 %23, % 写作 %25 / user and password percent-encoded: @ as %40, : as %3A, a slash as %2F, ? as %3F, # as %23, % as %25'
const DATABASE_URL_FORM =
  'postgres://用户:口令@主机:5432/库 (主从几台: @主机1:5432,主机2:5432/库), 或经 unix 套接字 postgres:///库?host=/目录 / postgres://user:password@host:5432/database (a primary and its standbys: @host1:5432,host2:5432/database), or over a unix socket postgres:///database?host=/directory'

/** The settings table of docs/operate.md; a test holds the two together. */
export const settings = z.object({
  PORT: port(3000).meta({ description: '监听端口 / port of the API' }),
  QUNHUB_HOST: z
    .string()
    .regex(/^[^\s/@]+$/, { error: '主机名或 IP 地址 / a host name or an IP address' })
    .default('127.0.0.1')
    .meta({
      description: '监听地址; `localhost` 就是 127.0.0.1 / address to listen on; `localhost` is 127.0.0.1',
    }),
  QUNHUB_DATA_DIR: z.string().min(1).default('./data').meta({ description: '数据目录 / data directory' }),
  QUNHUB_WORKSPACE: z.string().min(1).max(128).optional().meta({
    description:
      '命令行: 不写 --workspace 时的工作区, id 或名称 / command line: the workspace where --workspace is left away, its id or name',
  }),
  QUNHUB_BASE_PATH: z
    .string()
    .regex(/^(\/[A-Za-z0-9._~-]+)*$/, {
      error: '路径, 如 /qunhub, 末尾不带斜杠 / a path such as /qunhub, without a slash at its end',
    })
    .default('')
    .meta({ description: 'API 的路径前缀 / path prefix of the whole API (G-8)' }),
  QUNHUB_PUBLIC_URL: baseUrl.optional().meta({
    description:
      '客户由此访问网关的 URL (含路径前缀), 写入 OpenAPI / the URL by which customers reach the gateway, path prefix and all; stands in the OpenAPI documents',
  }),
  QUNHUB_CONSOLE: z.enum(['on', 'off']).default('on').meta({
    description:
      '控制台; off 时 /console/ 及其接口答 404 / the console; off: /console/ and its API answer 404',
  }),
  QUNHUB_SECRET_KEY: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, { error: '64 位十六进制 / 64 hex digits (openssl rand -hex 32)' })
    .optional()
    .meta({ description: '主密钥, 默认生成于数据目录 / master key; by default kept in the data directory' }),
  QUNHUB_DRAIN_SECONDS: wholeNumber(0, 300, 3).meta({
    description:
      '收到停止信号后, /ready 先答 503, 再照常服务多少秒才关闭端口; 演示默认为 0 / seconds for which it serves on after the signal to stop, with /ready at 503, before its port closes; 0 by default in the demo',
  }),
  QUNHUB_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .meta({ description: '日志级别 / log level' }),
  QUNHUB_TRUST_PROXY: z
    .string()
    .refine(list => namesIn(list).every(isProxy), {
      error:
        'IP 地址或地址段, 如 10.0.0.5,172.16.0.0/12 / addresses or ranges such as 10.0.0.5,172.16.0.0/12',
    })
    .default('')
    .meta({ description: '可信代理的 IP/CIDR, 逗号分隔 / proxies whose X-Forwarded-For is believed' }),
  QUNHUB_CALLBACK_ALLOW_CIDRS: ranges.default('').meta({
    description:
      '允许回调访问的内网地址段, 逗号分隔, 默认只允许公网 / private ranges that callbacks may go to (CB-11); by default public addresses only',
  }),
  QUNHUB_CALLBACK_CA: certificates.optional().meta({
    description:
      '为回调接收方的 TLS 证书作保的自有 CA (PEM), 常用 QUNHUB_CALLBACK_CA_FILE / an own CA (PEM) that vouches for receivers of callbacks, mostly as QUNHUB_CALLBACK_CA_FILE',
  }),
  QUNHUB_CALLBACK_KEEP_DELIVERED_DAYS: wholeNumber(1, 3650, 3).meta({
    description: '已送达的回调保留天数 / days for which delivered callbacks are kept',
  }),
  QUNHUB_CALLBACK_KEEP_PARKED_DAYS: wholeNumber(1, 3650, 30).meta({
    description: '停放和隔离的回调保留天数 / days for which parked and quarantined callbacks are kept',
  }),
  QUNHUB_BOT_KEEP_MOVES_DAYS: wholeNumber(1, 3650, 90).meta({
    description:
      '机器人状态变化的保留天数, 每个最多 1000 条 / days for which the moves of bots are kept, 1000 of each at most',
  }),
  QUNHUB_PUPPET_DEADLINE_MS: wholeNumber(100, 60_000, 8000).meta({
    description: '单次 puppet 调用的期限 / deadline of one call to a puppet',
  }),
  QUNHUB_PUPPET_CA: certificates.optional().meta({
    description:
      '为 puppet 服务的 TLS 证书作保的自有 CA (PEM), 常用 QUNHUB_PUPPET_CA_FILE / an own CA (PEM) that vouches for puppet services, mostly as QUNHUB_PUPPET_CA_FILE',
  }),
  QUNHUB_WECOM_CORP_ID: z.string().min(1).max(100).optional().meta({
    description:
      '企业微信官方接口的企业 id, 用来补全 unionId / corp id for the official API of WeCom, which is asked for unionIds',
  }),
  QUNHUB_WECOM_SECRET: z.string().min(1).max(200).optional().meta({
    description: '有客户联系权限的应用的 secret / secret of an app that may read customer contacts',
  }),
  QUNHUB_WECOM_API_URL: httpUrl
    .refine(isOriginForSecrets, {
      error:
        'https:// 加主机, 不带路径 (http:// 只限本机) / https:// and a host, without a path (http:// for this machine only)',
    })
    .default('https://qyapi.weixin.qq.com')
    .meta({ description: '企业微信官方接口的地址 / where the official API of WeCom is' }),
  QUNHUB_ALERT_URL: httpUrl.optional().meta({
    description:
      '告警地址: 群机器人的 webhook, 其中有密钥; 不设则只记日志和指标 / where alerts go: the webhook of a group robot, with its key; without it alerts are log lines and metrics only',
  }),
  QUNHUB_ALERT_KIND: AlertRobotKind.optional().meta({
    description:
      '告警地址是哪种: wecom 企业微信, feishu 飞书, dingtalk 钉钉, json 自己的程序; 不设则由地址得知, 其他地址为 json / what takes the alerts: a group robot of WeCom, Feishu or DingTalk, or (json) a program of your own; by default known by the address, json for others',
  }),
  QUNHUB_ALERT_SECRET: z.string().min(1).max(200).optional().meta({
    description:
      '飞书、钉钉机器人的加签密钥 / secret with which Feishu and DingTalk robots want alerts signed',
  }),
  QUNHUB_ALERT_ALLOW_CIDRS: ranges.default('').meta({
    description:
      '告警还可发往的内网地址段, 逗号分隔; 不放宽回调 / private ranges that alerts may go to as well; callbacks may not',
  }),
  QUNHUB_ALERT_OFFLINE_MINUTES: wholeNumber(1, 1440, 5).meta({
    description: '账号离线多少分钟后告警 / minutes after which a bot that is not online is alerted',
  }),
  QUNHUB_ALERT_TIME_ZONE: z
    .string()
    .refine(isTimeZone, { error: '时区, 如 Asia/Shanghai 或 UTC / a time zone such as Asia/Shanghai or UTC' })
    .default('Asia/Shanghai')
    .meta({ description: '告警中的时间所用的时区 / time zone in which alerts tell times' }),
  QUNHUB_RECONCILE_EVERY_MINUTES: wholeNumber(0, 1440, 30).meta({
    description:
      '在线账号约每隔多久与 puppet 核对一次 (上下浮动一半), 0 为不定期核对 / about how often an online bot is compared with its puppet, half more or less; 0: never (BOT-210)',
  }),
  QUNHUB_ROW_CACHE_MIB: wholeNumber(1, 16_384, 64).meta({
    description: '群行缓存上限 / bound of the cache of rendered rows',
  }),
  QUNHUB_ROW_FILE_MIB: wholeNumber(0, 1_048_576, 2048).meta({
    description:
      "缓存放不下的群行, 在数据目录的盘上最多占多少, 0 为不用; 随进程消失 / how much of the data directory's disk rendered rows may take that the cache has no room for, 0: none; gone with the process",
  }),
  QUNHUB_SIMULATOR_PORT: port(3100).meta({
    description: '演示: 模拟器控制端口 / demo: control port of the simulator',
  }),
  QUNHUB_SCENE: z
    .string()
    .min(1)
    .default('demo')
    .meta({ description: '演示: 场景 / demo: scene of the simulator' }),
  QUNHUB_DEMO_CALLBACK_URL: httpUrl.optional().meta({
    description: '演示: 代替内置接收器的回调地址 / demo: callback base instead of the built-in receiver',
  }),
  DATABASE_URL: z
    .string()
    // What is shown forgives a space at either end, and the driver takes it for a part of the name.
    .trim()
    .refine(areCredentialsClear, { error: CREDENTIALS_FORM })
    .refine(url => readDatabaseUrl(url) !== undefined, { error: DATABASE_URL_FORM })
    .optional()
    .meta({
      description:
        'PostgreSQL 15 及以上的地址, 不设则用内嵌 SQLite / PostgreSQL 15 or newer; without it the embedded SQLite',
    }),
  QUNHUB_DATABASE_POOL: wholeNumber(4, 200, 10).meta({
    description:
      '到 PostgreSQL 的连接数上限, 一半供读 / connections to PostgreSQL at most, half of them for reads',
  }),
  QUNHUB_NODE_ADDRESS: z
    .string()
    .regex(/^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/, { error: HOST_AND_PORT })
    .refine(address => isPort(Number(address.slice(address.lastIndexOf(':') + 1))), { error: HOST_AND_PORT })
    .optional()
    .meta({
      description:
        '多节点: 其他节点访问本节点的 host:port, 也在此端口监听 / many nodes: the host:port at which the others reach this one; it listens on that port',
    }),
  QUNHUB_NODE_SECRET: z
    .string()
    .regex(/^[\x21-\x7e]{32,200}$/, {
      error: '32 到 200 个可见 ASCII 字符 / 32 to 200 visible ASCII characters (openssl rand -hex 32)',
    })
    .optional()
    .meta({ description: '多节点: 节点间共用的口令 / many nodes: the secret that they share' }),
})

/** Settings whose value may stand in a file instead: `QUNHUB_SECRET_KEY_FILE=/run/secrets/key`. */
export const secretSettings = [
  'QUNHUB_PUPPET_CA',
  'QUNHUB_CALLBACK_CA',
  'QUNHUB_WECOM_SECRET',
  'QUNHUB_SECRET_KEY',
  'QUNHUB_ALERT_URL',
  'QUNHUB_ALERT_SECRET',
  'DATABASE_URL',
  'QUNHUB_NODE_SECRET',
] as const

export type SettingName = keyof typeof settings.shape
export type Settings = z.output<typeof settings>
