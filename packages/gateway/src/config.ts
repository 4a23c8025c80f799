import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import {
  AlertRobotKind,
  asTyped,
  type BothLanguages,
  kindOf,
  type Telling,
  whatIsExpected,
} from '@qunhub/wire'
import { z } from 'zod'
import { isRange } from './model/address-guard.ts'
import { areCredentialsClear } from './model/clear-credentials.ts'
import { MINUTE_MS, SECOND_MS } from './model/clock.ts'
import { readDatabaseUrl } from './model/database-url.ts'

/** What is wrong with the environment: every problem, not the first. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`配置有误 (bad configuration):\n${problems.map(problem => `  - ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

const PORT = '0 到 65535 的端口 / a port from 0 to 65535'
const port = (fallback: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, { error: PORT })
    .transform(Number)
    .refine(number => number <= 65_535, { error: PORT })
    .default(fallback)

function wholeNumber(min: number, max: number, fallback: number) {
  const range = `${min} 到 ${max} 的整数 / a whole number from ${min} to ${max}`
  return z
    .string()
    .regex(/^\d{1,9}$/, { error: range })
    .transform(Number)
    .refine(number => number >= min && number <= max, { error: range })
    .default(fallback)
}

/** A comma-separated list, spaces allowed. */
const namesIn = (list: string): string[] =>
  list
    .split(',')
    .map(name => name.trim())
    .filter(Boolean)

const ranges = z.string().refine(list => namesIn(list).every(isRange), {
  error: '地址段, 如 10.0.0.0/8,fd00::/8 / address ranges such as 10.0.0.0/8,fd00::/8',
})

const httpUrl = z.string().refine(isPlainHttpUrl, {
  error:
    '不含用户名、口令与 # 的 http:// 或 https:// URL / an http:// or https:// URL without credentials and fragment',
})

const certificates = z.string().refine(areCertificates, {
  error: 'PEM 格式的证书 / certificates in PEM',
})

/** Each is read, because what is no certificate would be found out only when somebody connects. */
function areCertificates(text: string): boolean {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  if (blocks === null || !text.trim().startsWith('-----BEGIN CERTIFICATE-----')) return false
  try {
    return blocks.every(block => new X509Certificate(block).serialNumber !== '')
  } catch (failure) {
    if (failure instanceof Error) return false
    throw failure
  }
}

function isPlainHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, hash } = new URL(text)
  return /^https?:$/.test(protocol) && !username && !password && !hash
}

/** What is asked there carries a secret. */
function isOriginForSecrets(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, pathname, search } = new URL(text)
  const isHere = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
  return (protocol === 'https:' || isHere) && pathname === '/' && search === ''
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (failure) {
    if (failure instanceof RangeError) return false
    throw failure
  }
}

/** Also what {@link Config.databaseUrl} is told to be where it is missing. */
const CREDENTIALS_FORM =
  '用户名和口令中的特殊字符经 URL 编码: @ 写作 %40, : 写作 %3A, 斜杠写作 %2F, ? 写作 %3F, # 写作 %23, % 写作 %25 / user and password percent-encoded: @ as %40, : as %3A, a slash as %2F, ? as %3F, # as %23, % as %25'
export const DATABASE_URL_FORM =
  'postgres://用户:口令@主机:5432/库, 或经 unix 套接字 postgres:///库?host=/目录 / postgres://user:password@host:5432/database, or over a unix socket postgres:///database?host=/directory'

const HOST_AND_PORT = 'host:port, 端口为 1 到 65535 / host:port, with a port from 1 to 65535'
const isPort = (number: number): boolean => number >= 1 && number <= 65_535

/** Words that stand for ranges of addresses of proxies. */
const PROXY_WORDS = ['loopback', 'linklocal', 'uniquelocal']
const isProxy = (name: string): boolean => isRange(name) || isIP(name) !== 0 || PROXY_WORDS.includes(name)

/** The settings table of docs/operate.md; a test holds the two together. */
export const settings = z.object({
  PORT: port(3000).meta({ description: '监听端口 / port of the API' }),
  QUNHUB_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .meta({ description: '监听地址 / address to listen on' }),
  QUNHUB_DATA_DIR: z.string().min(1).default('./data').meta({ description: '数据目录 / data directory' }),
  QUNHUB_BASE_PATH: z
    .string()
    .regex(/^(\/[A-Za-z0-9._~-]+)*$/, {
      error: '路径, 如 /qunhub, 末尾不带斜杠 / a path such as /qunhub, without a slash at its end',
    })
    .default('')
    .meta({ description: 'API 的路径前缀 / path prefix of the whole API (G-8)' }),
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
const secretSettings = [
  'QUNHUB_PUPPET_CA',
  'QUNHUB_CALLBACK_CA',
  'QUNHUB_WECOM_SECRET',
  'QUNHUB_SECRET_KEY',
  'QUNHUB_ALERT_URL',
  'QUNHUB_ALERT_SECRET',
  'DATABASE_URL',
  'QUNHUB_NODE_SECRET',
] as const

export interface Config {
  readonly port: number
  readonly host: string
  /** Absolute. */
  readonly dataDir: string
  readonly basePath: string
  /** 32 bytes, or undefined: then the key is kept in the data directory. */
  readonly secretKey: Buffer | undefined
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** How long `serve` goes on after the signal to stop. */
  readonly drainMs: number
  readonly trustProxy: readonly string[]
  /** CIDR ranges beside the public addresses. */
  readonly callbackAllowCidrs: readonly string[]
  readonly callbackCa: string | undefined
  /** How long settled callbacks are kept. */
  readonly callbackKeep: { readonly deliveredDays: number; readonly parkedDays: number }
  readonly botMovesKeepDays: number
  readonly puppetDeadlineMs: number
  readonly puppetCa: string | undefined
  /** Undefined: WeCom's official API is not asked. */
  readonly wecom: { readonly corpId: string; readonly secret: string; readonly origin: string } | undefined
  /** Where alerts go; `robot` undefined: nowhere but into the log. */
  readonly alert: {
    readonly robot:
      | {
          readonly kind: AlertRobotKind
          /** Holds a key. */
          readonly url: string
          readonly secret: string | undefined
        }
      | undefined
    /** CIDR ranges beside those that callbacks may go to. */
    readonly allowCidrs: readonly string[]
    readonly offlineAfterMs: number
    readonly timeZone: string
  }
  /** 0: never. */
  readonly reconcileEveryMs: number
  readonly rowCacheBytesMax: number
  /** Undefined: the store is the embedded one. */
  readonly databaseUrl: string | undefined
  readonly databasePool: number
  /** How other nodes reach this one; undefined where there is only one. */
  readonly node: { readonly host: string; readonly port: number; readonly secret: string } | undefined
  readonly demo: {
    readonly simulatorPort: number
    readonly scene: string
    readonly callbackUrl: string | undefined
  }
}

/** What else a command wants of the environment, and only then: the problems that it finds. */
export type AlsoCheck = (value: (name: SettingName) => string | undefined) => readonly string[]
export type SettingName = keyof typeof settings.shape

/** Reads the environment once, checks it whole, and freezes it. Throws {@link ConfigError}. */
export function readConfig(env: Record<string, string | undefined>, alsoCheck: AlsoCheck = () => []): Config {
  const { given, sources, problems } = gather(env)
  const read = settings.safeParse(given)
  if (!read.success) {
    // Of one setting the first is enough; the others follow from it.
    const issues = new Map(read.error.issues.toReversed().map(issue => [String(issue.path[0]), issue]))
    for (const name of Object.keys(settings.shape)) {
      const issue = issues.get(name)
      if (issue)
        problems.push(
          problemOf(sources.get(name) ?? name, whatIsExpected(issue), tellSetting(given[name], name)),
        )
    }
  }
  problems.push(...whatIsAmissWithTls(given['DATABASE_URL']))
  problems.push(...whatDoesNotFit(name => sources.has(name)), ...alsoCheck(name => given[name]))
  if (!read.success || problems.length > 0) throw new ConfigError(problems)
  return freeze(read.data)
}

/** One line of a {@link ConfigError}: what is expected of a setting, and what was given. */
export const problemOf = (name: string, expected: BothLanguages, given: BothLanguages): string =>
  `${name}: ${expected.chinese}, ${given.chinese} (${expected.english}; ${given.english})`

/** Of a secret, and of a URL that was refused because there is one in it, its length alone. */
const tellSetting: Telling = (given, name) => (isUntold(name) ? kindOf(given) : asTyped(given, name))

const isUntold = (name: string): boolean =>
  name.endsWith('_URL') || secretSettings.some(secret => secret === name)

const TLS_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify']

/** What the driver would stumble over when it first connects, or would take for something else without a word. */
function whatIsAmissWithTls(databaseUrl: string | undefined): string[] {
  const place = databaseUrl === undefined ? undefined : readDatabaseUrl(databaseUrl)
  if (!place) return []
  const mode = place.parameters.get('sslmode')
  const files = ['sslrootcert', 'sslcert', 'sslkey'].flatMap(name => {
    const path = place.parameters.get(name)
    const read = path ? readSecret(path) : { secret: '' }
    return 'code' in read
      ? `DATABASE_URL: ${name} 应为可读的文件, ${path} 无法读取 (expected a file that can be read; ${path}: ${read.code})`
      : []
  })
  if (mode === null || mode === undefined || TLS_MODES.includes(mode)) return files
  const expected = {
    chinese: `sslmode 应为 ${TLS_MODES.join('、')} 之一`,
    english: `expected as sslmode one of ${TLS_MODES.join(', ')}`,
  }
  return [problemOf('DATABASE_URL', expected, asTyped(mode, 'sslmode')), ...files]
}

/** Settings that need each other, whether or not each is as it should be. */
function whatDoesNotFit(isSet: (name: SettingName) => boolean): string[] {
  const nodes = ['DATABASE_URL', 'QUNHUB_NODE_SECRET', 'QUNHUB_SECRET_KEY'] as const
  const wecom = ['QUNHUB_WECOM_CORP_ID', 'QUNHUB_WECOM_SECRET'] as const
  return [
    ...nodes
      .filter(name => isSet('QUNHUB_NODE_ADDRESS') && !isSet(name))
      .map(
        name =>
          `${name}: 多节点必须设置, 没有给出 (expected with QUNHUB_NODE_ADDRESS, every node needs the same one; nothing was given)`,
      ),
    ...wecom
      .filter(name => wecom.some(isSet) && !isSet(name))
      .map(
        name =>
          `${name}: 须与 ${wecom.find(isSet)} 一起设置, 没有给出 (expected with ${wecom.find(isSet)}; nothing was given)`,
      ),
    ...(['QUNHUB_ALERT_KIND', 'QUNHUB_ALERT_SECRET'] as const)
      .filter(name => isSet(name) && !isSet('QUNHUB_ALERT_URL'))
      .map(
        name =>
          `${name}: 没有告警地址则无用, QUNHUB_ALERT_URL 没有给出 (expected with QUNHUB_ALERT_URL, which was not given)`,
      ),
  ]
}

/** A robot that is taken for a program of one's own would answer 200 to what it refuses, and nobody would know. */
function robotAt(url: string): AlertRobotKind {
  const { hostname } = new URL(url)
  if (hostname === 'qyapi.weixin.qq.com') return 'wecom'
  if (hostname === 'oapi.dingtalk.com') return 'dingtalk'
  return hostname === 'open.feishu.cn' || hostname === 'open.larksuite.com' ? 'feishu' : 'json'
}

function toWecom(read: z.output<typeof settings>): Config['wecom'] {
  const { QUNHUB_WECOM_CORP_ID: corpId, QUNHUB_WECOM_SECRET: secret, QUNHUB_WECOM_API_URL: url } = read
  return corpId && secret ? Object.freeze({ corpId, secret, origin: new URL(url).origin }) : undefined
}

const freeze = (read: z.output<typeof settings>): Config =>
  Object.freeze({
    port: read.PORT,
    host: read.QUNHUB_HOST,
    dataDir: resolve(read.QUNHUB_DATA_DIR),
    basePath: read.QUNHUB_BASE_PATH,
    secretKey: read.QUNHUB_SECRET_KEY ? Buffer.from(read.QUNHUB_SECRET_KEY, 'hex') : undefined,
    logLevel: read.QUNHUB_LOG_LEVEL,
    drainMs: read.QUNHUB_DRAIN_SECONDS * SECOND_MS,
    trustProxy: namesIn(read.QUNHUB_TRUST_PROXY),
    callbackAllowCidrs: namesIn(read.QUNHUB_CALLBACK_ALLOW_CIDRS),
    callbackCa: read.QUNHUB_CALLBACK_CA,
    callbackKeep: Object.freeze({
      deliveredDays: read.QUNHUB_CALLBACK_KEEP_DELIVERED_DAYS,
      parkedDays: read.QUNHUB_CALLBACK_KEEP_PARKED_DAYS,
    }),
    botMovesKeepDays: read.QUNHUB_BOT_KEEP_MOVES_DAYS,
    puppetDeadlineMs: read.QUNHUB_PUPPET_DEADLINE_MS,
    puppetCa: read.QUNHUB_PUPPET_CA,
    wecom: toWecom(read),
    alert: Object.freeze({
      robot: read.QUNHUB_ALERT_URL
        ? Object.freeze({
            kind: read.QUNHUB_ALERT_KIND ?? robotAt(read.QUNHUB_ALERT_URL),
            url: read.QUNHUB_ALERT_URL,
            secret: read.QUNHUB_ALERT_SECRET,
          })
        : undefined,
      allowCidrs: namesIn(read.QUNHUB_ALERT_ALLOW_CIDRS),
      offlineAfterMs: read.QUNHUB_ALERT_OFFLINE_MINUTES * MINUTE_MS,
      timeZone: read.QUNHUB_ALERT_TIME_ZONE,
    }),
    reconcileEveryMs: read.QUNHUB_RECONCILE_EVERY_MINUTES * MINUTE_MS,
    rowCacheBytesMax: read.QUNHUB_ROW_CACHE_MIB * 1024 * 1024,
    databaseUrl: read.DATABASE_URL,
    databasePool: read.QUNHUB_DATABASE_POOL,
    node: toNode(read),
    demo: Object.freeze({
      simulatorPort: read.QUNHUB_SIMULATOR_PORT,
      scene: read.QUNHUB_SCENE,
      callbackUrl: read.QUNHUB_DEMO_CALLBACK_URL,
    }),
  })

function toNode({ QUNHUB_NODE_ADDRESS: address, QUNHUB_NODE_SECRET: secret }: z.output<typeof settings>) {
  if (address === undefined || secret === undefined) return undefined
  const colon = address.lastIndexOf(':')
  return Object.freeze({
    host: address.slice(0, colon),
    port: Number(address.slice(colon + 1)),
    secret,
  })
}

/** Names with our prefix that mean nothing to us: most likely misspelled, so whoever starts the gateway warns about them. */
export const unknownSettings = (env: Record<string, string | undefined>): string[] =>
  Object.keys(env).filter(
    name => name.startsWith('QUNHUB_') && !(name in settings.shape) && !isFileVariant(name),
  )

/**
 * Our own names out of the environment; an empty one counts as absent. `sources`: what somebody set, by the setting that it is
 * meant for; a file that cannot be read was meant all the same.
 */
function gather(env: Record<string, string | undefined>) {
  const problems: string[] = []
  const given: Record<string, string> = {}
  const sources = new Map<string, string>()
  for (const [name, value] of Object.entries(env)) {
    if (!value || !(name in settings.shape)) continue
    given[name] = value
    sources.set(name, name)
  }
  for (const name of secretSettings) {
    const source = `${name}_FILE`
    const path = env[source]
    if (!path || sources.has(name)) continue
    sources.set(name, source)
    const text = readSecret(path)
    if ('code' in text) {
      problems.push(
        `${source}: 应为可读的文件, ${path} 无法读取 (expected a file that can be read; ${path}: ${text.code})`,
      )
    } else given[name] = text.secret
  }
  return { given, sources, problems }
}

const isFileVariant = (name: string): boolean => secretSettings.some(secret => name === `${secret}_FILE`)

function readSecret(path: string): { readonly secret: string } | { readonly code: string } {
  try {
    return { secret: readFileSync(path, 'utf8').trim() }
  } catch (cause) {
    return { code: String((cause as NodeJS.ErrnoException).code) }
  }
}
