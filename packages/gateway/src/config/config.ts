import { resolve } from 'node:path'
import {
  type AlertRobotKind,
  asTyped,
  type BothLanguages,
  kindOf,
  type Telling,
  whatIsExpected,
} from '@qunhub/wire'
import { readDatabaseUrl } from '../model/database-url.ts'
import { MINUTE_MS, SECOND_MS } from '../system/clock.ts'
import { gather, mayHoldSecret, readSecret } from './environment.ts'
import { namesIn } from './setting-forms.ts'
import { type SettingName, type Settings, secretSettings, settings } from './settings.ts'

/** What is wrong with the environment: every problem, not the first. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`配置有误 (bad configuration):\n${problems.map(problem => `  - ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** What the gateway is told, once and for all. */
export type Config = Readonly<ReturnType<typeof freeze>>

/** What else a command wants of the environment, and only then: the problems that it finds. */
export type AlsoCheck = (value: (name: SettingName) => string | undefined) => readonly string[]

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
  problems.push(
    ...whatIsAmissWithTls(given['DATABASE_URL']),
    ...whatIsAmissWithServers(given['DATABASE_URL']),
  )
  problems.push(...whatDoesNotFit(name => sources.has(name)), ...alsoCheck(name => given[name]))
  if (!read.success || problems.length > 0) throw new ConfigError(problems)
  return freeze(read.data)
}

/** One line of a {@link ConfigError}: what is expected of a setting, and what was given. */
export const problemOf = (name: string, expected: BothLanguages, given: BothLanguages): string =>
  `${name}: ${expected.chinese}, ${given.chinese} (${expected.english}; ${given.english})`

/** Of a secret, and of whatever one may stand in, its length alone. */
export const tellSetting: Telling = (given, name) =>
  isUntold(name) || mayHoldSecret(String(given)) ? kindOf(given) : asTyped(given, name)

const isUntold = (name: string): boolean =>
  name.endsWith('_URL') || secretSettings.some(secret => secret === name)

const TLS_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify']

/** What the driver would stumble over when it first connects, or would take for something else without a word. */
function whatIsAmissWithTls(databaseUrl: string | undefined): string[] {
  const database = databaseUrl === undefined ? undefined : readDatabaseUrl(databaseUrl)
  if (!database) return []
  const mode = database.parameters.get('sslmode')
  const files = ['sslrootcert', 'sslcert', 'sslkey'].flatMap(name => {
    const path = database.parameters.get(name)
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
  return [problemOf('DATABASE_URL', expected, tellSetting(mode, 'sslmode')), ...files]
}

/** Which of several servers is wanted, as libpq names it. It is always the one that takes writes; another wish would not be heard. */
const SESSION_ATTRS = ['read-write', 'primary', 'any']

function whatIsAmissWithServers(databaseUrl: string | undefined): string[] {
  const database = databaseUrl === undefined ? undefined : readDatabaseUrl(databaseUrl)
  const wish = database?.parameters.get('target_session_attrs') ?? 'any'
  if (SESSION_ATTRS.includes(wish)) return []
  const expected = {
    chinese: 'target_session_attrs 应为 read-write 或 primary: 网关总是要能写入的那台',
    english:
      'expected as target_session_attrs read-write or primary: a gateway needs the server that takes writes',
  }
  return [problemOf('DATABASE_URL', expected, tellSetting(wish, 'target_session_attrs'))]
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

function toWecom(read: Settings) {
  const { QUNHUB_WECOM_CORP_ID: corpId, QUNHUB_WECOM_SECRET: secret, QUNHUB_WECOM_API_URL: url } = read
  return corpId && secret ? Object.freeze({ corpId, secret, origin: new URL(url).origin }) : undefined
}

const freeze = (read: Settings) =>
  Object.freeze({
    port: read.PORT,
    // One address: Fastify would open a server of its own at ::1 as well, to which hardly anything of ours applies.
    host: read.QUNHUB_HOST === 'localhost' ? '127.0.0.1' : read.QUNHUB_HOST,
    /** Absolute. */
    dataDir: resolve(read.QUNHUB_DATA_DIR),
    /** Which workspace a command means that names none. */
    workspace: read.QUNHUB_WORKSPACE,
    basePath: read.QUNHUB_BASE_PATH,
    /** By which customers come, without a slash at its end; undefined where nobody said. */
    publicUrl: read.QUNHUB_PUBLIC_URL?.replace(/\/+$/, ''),
    hasConsole: read.QUNHUB_CONSOLE === 'on',
    /** 32 bytes, or undefined: then the key is kept in the data directory. */
    secretKey: read.QUNHUB_SECRET_KEY ? (Buffer.from(read.QUNHUB_SECRET_KEY, 'hex') as Buffer) : undefined,
    logLevel: read.QUNHUB_LOG_LEVEL,
    /** How long `serve` goes on after the signal to stop. */
    drainMs: read.QUNHUB_DRAIN_SECONDS * SECOND_MS,
    trustProxy: namesIn(read.QUNHUB_TRUST_PROXY) as readonly string[],
    /** CIDR ranges beside the public addresses. */
    callbackAllowCidrs: namesIn(read.QUNHUB_CALLBACK_ALLOW_CIDRS) as readonly string[],
    callbackCa: read.QUNHUB_CALLBACK_CA,
    /** How long settled callbacks are kept. */
    callbackKeep: Object.freeze({
      deliveredDays: read.QUNHUB_CALLBACK_KEEP_DELIVERED_DAYS,
      parkedDays: read.QUNHUB_CALLBACK_KEEP_PARKED_DAYS,
    }),
    botMovesKeepDays: read.QUNHUB_BOT_KEEP_MOVES_DAYS,
    puppetDeadlineMs: read.QUNHUB_PUPPET_DEADLINE_MS,
    puppetCa: read.QUNHUB_PUPPET_CA,
    /** Undefined: WeCom's official API is not asked. */
    wecom: toWecom(read),
    /** Where alerts go; `robot` undefined: nowhere but into the log. */
    alert: Object.freeze({
      robot: read.QUNHUB_ALERT_URL
        ? Object.freeze({
            kind: read.QUNHUB_ALERT_KIND ?? robotAt(read.QUNHUB_ALERT_URL),
            /** Holds a key. */
            url: read.QUNHUB_ALERT_URL,
            secret: read.QUNHUB_ALERT_SECRET,
          })
        : undefined,
      /** CIDR ranges beside those that callbacks may go to. */
      allowCidrs: namesIn(read.QUNHUB_ALERT_ALLOW_CIDRS) as readonly string[],
      offlineAfterMs: read.QUNHUB_ALERT_OFFLINE_MINUTES * MINUTE_MS,
      timeZone: read.QUNHUB_ALERT_TIME_ZONE,
    }),
    /** 0: never. */
    reconcileEveryMs: read.QUNHUB_RECONCILE_EVERY_MINUTES * MINUTE_MS,
    rowCacheBytesMax: read.QUNHUB_ROW_CACHE_MIB * 1024 * 1024,
    rowFileBytesMax: read.QUNHUB_ROW_FILE_MIB * 1024 * 1024,
    /** Undefined: the store is the embedded one. */
    databaseUrl: read.DATABASE_URL,
    databasePool: read.QUNHUB_DATABASE_POOL,
    /** How other nodes reach this one; undefined where there is only one. */
    node: toNode(read),
    demo: Object.freeze({
      simulatorPort: read.QUNHUB_SIMULATOR_PORT,
      scene: read.QUNHUB_SCENE,
      callbackUrl: read.QUNHUB_DEMO_CALLBACK_URL,
    }),
  })

function toNode({ QUNHUB_NODE_ADDRESS: address, QUNHUB_NODE_SECRET: secret }: Settings) {
  if (address === undefined || secret === undefined) return undefined
  const colon = address.lastIndexOf(':')
  return Object.freeze({
    host: address.slice(0, colon),
    port: Number(address.slice(colon + 1)),
    secret,
  })
}
